// The door: takes what is shown, says at once whether the party may come in, records it, and sends it when it can.
import { enrol, record } from "./door/record.js";
import { judge } from "./door/judge.js";
import { isKnown, resume, watch } from "./door/place.js";
import { isToken } from "./door/tokens.js";
import { scan } from "./door/scan.js";
import { current, signOff, signOn } from "./door/shift.js";
import { dateAndTime, drawAnswers, drawOrders, drawUnsent, say, time } from "./door/show.js";
import * as store from "./door/store.js";
import { begin } from "./door/sync.js";

export async function start(page) {
  const part = (name) => page.querySelector(`[data-part="${name}"]`);
  const field = (form, name) => part(form).elements.namedItem(name);
  let waiting = null; // {shown, verdict}: what the steward is asked about
  let sync = () => {};
  navigator.serviceWorker?.register("/door/worker.js", { scope: "/door" });

  const now = async () => Date.now() + ((await store.get("device", "me"))?.offset_ms ?? 0);

  async function draw(state = {}) {
    const [device, shift, orders, queue, told, people] = await Promise.all([
      store.get("device", "me"), current(), store.all("orders"), store.all("queue"), store.all("told"), store.all("shifts"),
    ]);
    part("enrolment").hidden = Boolean(device);
    part("desk").hidden = !device;
    if (!device) return;
    part("name").textContent = `${device.site_name} · ${device.name}`;
    if (state.refused) part("network").textContent = say("revoked");
    else if (state.online !== undefined) part("network").textContent = say(state.online ? "online" : "offline");
    page.dataset.network = state.refused ? "refused" : state.online === false ? "offline" : "online";
    part("synced").textContent = device.synced_at ? say("synced", { at: dateAndTime(device.synced_at) }) : say("never-synced");
    part("expected").textContent = drawOrders(part("orders"), orders, await now());
    part("unsent-count").textContent = queue.length;
    part("unsent-card").hidden = queue.length === 0;
    drawUnsent(part("unsent"), queue);
    part("answers-card").hidden = drawAnswers(part("answers"), told) === 0;
    part("on-shift").textContent = shift ? say("on-shift", { name: shift.name, at: time(shift.since) }) : say("nobody-on-shift");
    part("shift").hidden = Boolean(shift) || people.length === 0;
    part("sign-off").hidden = !shift;
    part("place").hidden = isKnown();
    const chosen = field("shift", "person").value;
    field("shift", "person").replaceChildren(...people.map((each) => new Option(each.name, each.person_id, false, each.person_id === chosen)));
  }

  function tell(verdict, mark) {
    const { order } = verdict;
    const values = order ? {
      branch: order.branch_name ?? say("one-person"), count: order.party_size, starts: dateAndTime(order.starts_at), ends: dateAndTime(order.ends_at),
      used: order.used_at && dateAndTime(order.used_at), by: order.used_by, inside: order.checked_in ?? order.party_size,
    } : {};
    part("verdict").textContent = say(`verdict-${verdict.verdict}`, values);
    part("verdict").className = `door-verdict door-verdict-${mark}`;
  }

  async function look(shown) {
    const [orders, keys, device] = await Promise.all([store.all("orders"), store.all("keys"), store.get("device", "me")]);
    const verdict = await judge(shown, { known: { orders, keys, siteId: device.site_id }, now: await now() });
    const asks = ["welcome", "late", "used"].includes(verdict.verdict) && verdict.order.state !== "used";
    tell(verdict, verdict.verdict === "welcome" ? "good" : asks ? "warn" : "bad");
    waiting = asks ? { shown, verdict } : null;
    part("admit").hidden = !asks;
    part("late").hidden = verdict.verdict !== "late";
    part("admit-button").textContent = say(verdict.verdict === "used" ? "admit-more" : "admit");
    field("admit", "count").value = asks && verdict.verdict !== "used" ? verdict.order.party_size : "";
    if (asks) field("admit", "count").focus();
    else field("look", "voucher").select(); // what is scanned next takes its place
  }

  part("look").addEventListener("submit", (event) => {
    event.preventDefault();
    const shown = field("look", "voucher").value.trim();
    if (shown) look(shown);
  });
  part("admit").addEventListener("submit", async (event) => {
    event.preventDefault();
    const count = Number(field("admit", "count").value);
    const reason = field("admit", "reason").value.trim();
    if (!waiting || !Number.isInteger(count) || count < 1 || count > 500) return field("admit", "count").focus();
    const { shown, verdict } = waiting;
    if (verdict.verdict === "late" && !reason) return field("admit", "reason").focus();
    waiting = null; // a second click finds nothing to admit
    await record({ shown, verdict, count, reason, way: isToken(shown) ? "token" : "code", isMore: verdict.verdict === "used" });
    const over = (verdict.verdict === "used" ? verdict.order.checked_in ?? 0 : 0) + count - verdict.order.party_size;
    tell({ verdict: over > 0 ? "over" : "admitted", order: { ...verdict.order, party_size: over > 0 ? over : count } }, over > 0 ? "warn" : "good");
    part("look").reset();
    part("admit").reset();
    part("admit").hidden = true;
    field("look", "voucher").focus();
    await draw();
    sync();
  });
  let stop = null;
  part("scan").addEventListener("click", async () => {
    if (stop) { stop(); stop = null; part("video").hidden = true; return; }
    part("video").hidden = false;
    stop = await scan(part("video"), (text) => {
      stop = null;
      part("video").hidden = true;
      field("look", "voucher").value = text;
      look(text);
    }).catch(() => { part("video").hidden = true; part("verdict").textContent = say("no-camera"); return null; });
  });
  part("shift").addEventListener("submit", async (event) => {
    event.preventDefault();
    const shift = await signOn(field("shift", "person").value, field("shift", "pin").value);
    part("shift").reset();
    part("shift-fault").textContent = shift ? "" : say("wrong-pin");
    draw();
  });
  part("sign-off").addEventListener("click", async () => { await signOff(); draw(); });
  part("enrol").addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = await enrol(field("enrol", "code").value);
    part("enrol-fault").textContent = problem ? problem.detail ?? say("no-network") : "";
    if (!problem) { await draw(); sync(); }
  });
  part("place").addEventListener("click", async () => {
    part("place-said").textContent = say((await watch()) ? "place-known" : "place-refused");
    draw();
  });
  part("print").addEventListener("click", () => window.print());
  await resume();
  await draw();
  sync = begin(draw);
}
