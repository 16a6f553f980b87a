// Sends what is unsent and fetches the day, by itself: at once, when the network returns, ever more slowly meanwhile.
import { turns } from "../offline/turns.js";
import * as store from "./store.js";

const AT_ONCE_MAX = 200;

// Begins; `changed({online, refused})` is called after every attempt.
export const begin = (changed) => turns(attempt, changed);

async function attempt() {
  const device = await store.get("device", "me");
  if (!device) return { online: true };
  const queue = (await store.all("queue")).sort((a, b) => a.happened_at.localeCompare(b.happened_at));
  const items = queue.slice(0, AT_ONCE_MAX);
  let answer;
  const sentAt = Date.now();
  try {
    answer = await fetch("/api/v1/device-syncs", {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json", Authorization: `Device ${device.credential}` },
      body: JSON.stringify({ sent_at: new Date(sentAt).toISOString(), items: items.map(({ told, ...item }) => item) }),
      signal: AbortSignal.timeout(20_000),
    });
  } catch {
    return { online: false };
  }
  if (answer.status === 403) return { online: true, refused: true };
  if (!answer.ok) return { online: false };
  const day = await answer.json();
  await store.settle(day.answers.map((each, place) => ({ ...each, told: items[place].told, at: day.at })));
  await store.replace("keys", day.keys);
  await store.replace("shifts", day.shifts);
  await replaceOrders(day.orders);
  const offset = Math.round(new Date(day.at).getTime() - (sentAt + Date.now()) / 2);
  await store.put("device", { ...device, name: day.device_name, site_name: day.site_name, lon: day.lon, lat: day.lat, offset_ms: offset, synced_at: day.at });
  return { online: true, more: queue.length > items.length };
}

// A use recorded while the answer was on its way is not forgotten.
async function replaceOrders(orders) {
  const waiting = new Map((await store.all("queue")).map((item) => [item.told.order_id, item]));
  await store.replace("orders", orders.map((order) => {
    const item = waiting.get(order.id);
    return item && !order.used_at ? { ...order, used_at: item.told.at, used_by: item.told.by } : order;
  }));
}
