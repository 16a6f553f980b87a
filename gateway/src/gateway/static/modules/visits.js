// An assessor's visits: the forms are filled in with or without a network, and sent by themselves.
import { answerOf, drawForm, drawProblems, say } from "./visits/form.js";
import * as store from "./visits/store.js";
import { begin } from "./visits/sync.js";

export async function start(page) {
  const part = (name) => page.querySelector(`[data-part="${name}"]`);
  let open = null; // the id of the visit whose form is shown
  let sync = () => {};
  navigator.serviceWorker?.register("/visit-forms/worker.js", { scope: "/visit-forms" });

  async function kept() {
    const [me, visits, answers, problems] = await Promise.all(["device", "visits", "answers", "problems"].map((name) => store.all(name)));
    return { me: me[0], visits, answers, problems, unsent: new Map(answers.map((one) => [one.key, one])) };
  }

  const when = (visit) => `${visit.visit_on ?? "9"} ${visit.starts_at ?? ""} ${visit.name}`;
  const day = (text) => new Intl.DateTimeFormat(document.documentElement.lang, { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" }).format(new Date(text));

  function tellNetwork(state) {
    const word = state.signedOut ? "signed-out" : state.refused ? "refused" : state.online ? "online" : "offline";
    part("network").textContent = say(word);
    page.dataset.network = word;
    part("sign-in").hidden = !state.signedOut;
  }

  async function draw(state) {
    if (state) tellNetwork(state);
    const { me, visits, answers, problems, unsent } = await kept();
    visits.sort((a, b) => when(a).localeCompare(when(b)));
    const waiting = [...answers, ...problems];
    const mine = waiting.filter((one) => one.person_id === me?.person_id);
    part("name").textContent = me?.name ?? "";
    part("unsent").textContent = say("unsent", { count: mine.length });
    part("unsent").dataset.count = mine.length;
    part("others-unsent").hidden = mine.length === waiting.length;
    part("why").textContent = mine.find((one) => one.why)?.why ?? "";
    part("left-out").textContent = me?.left_out ? say("left-out", { count: me.left_out }) : "";
    part("empty").hidden = visits.length > 0;
    part("visits").replaceChildren(...visits.map((visit) => line(visit, me, unsent)));
    const shown = visits.find((one) => one.id === open);
    part("form").hidden = !shown;
    if (!shown) return;
    part("progress").textContent = progress(shown, me, unsent);
    drawProblems(part("problems"), shown, problems);
  }

  function progress(visit, me, unsent) {
    const items = visit.criteria.headings.flatMap((heading) => heading.items);
    const done = items.filter((item) => answerOf(visit, item, me.person_id, unsent)).length;
    return say("progress", { done, items: items.length });
  }

  function line(visit, me, unsent) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet visit-open";
    button.textContent = visit.name;
    button.addEventListener("click", () => show(visit.id));
    const note = document.createElement("span");
    note.className = "quiet small";
    note.textContent = ` ${visit.visit_on ? day(visit.visit_on) : ""} ${visit.starts_at ?? ""} · ${progress(visit, me, unsent)}${visit.state === "finished" ? ` · ${say("finished")}` : ""}`;
    row.append(button, note);
    return row;
  }

  async function show(id) {
    open = id;
    const { me, visits, unsent } = await kept();
    const visit = visits.find((one) => one.id === id);
    part("title").textContent = visit.name;
    part("whole").href = `/round-visits/${id}`;
    part("items").inert = visit.state === "finished";
    drawForm(part("items"), visit, me.person_id, unsent, () => { draw(); sync(); });
    await draw();
    part("title").focus();
  }

  part("problem").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { kind, text } = event.target.elements;
    const { me } = await kept();
    if (!text.value.trim() || !open) return text.focus();
    const found = { id: crypto.randomUUID(), person_id: me.person_id, visit_id: open, kind: kind.value, text: text.value.trim(), found_at: new Date().toISOString() };
    text.value = "";
    await store.put("problems", found);
    await draw();
    sync();
  });
  await draw();
  sync = begin(draw);
}
