// Records that a party came: kept on the device first, sent afterwards, under an id of its own.
import * as store from "./store.js";
import { distanceFrom } from "./place.js";
import { current } from "./shift.js";

export async function record({ shown, way, verdict, count, reason, isMore }) {
  const device = await store.get("device", "me");
  const shift = await current();
  const { order } = verdict;
  const clock = Date.now();
  const at = new Date(clock + (device.offset_ms ?? 0)).toISOString(); // as the platform's clock says it
  const item = {
    check_in_id: crypto.randomUUID(),
    voucher: shown,
    way,
    count,
    is_more: Boolean(isMore),
    reason: reason || null,
    happened_at: new Date(clock).toISOString(),
    clock_offset_ms: device.offset_ms ?? null,
    by_id: shift?.person_id ?? null,
    distance_m: distanceFrom(device),
    told: { order_id: order.id, branch: order.branch_name, count, at, by: shift?.name ?? device.name },
  };
  await store.put("queue", item);
  const kept = await store.get("orders", order.id);
  const used = { used_at: at, used_by: item.told.by, used_here: true };
  const inside = (kept?.checked_in ?? 0) + count;
  await store.put("orders", { ...order, ...kept, ...(kept?.used_at ? {} : used), checked_in: inside });
  return item;
}

// Enrols this device with the code that the steward was shown. Gives the problem that was refused, or nothing.
export async function enrol(code) {
  const answer = await fetch("/api/v1/device-enrolments", {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
    body: JSON.stringify({ code }),
  }).catch(() => null);
  if (!answer) return { detail: null };
  const body = await answer.json();
  if (!answer.ok) return body;
  await store.put("device", { ...body, device_id: body.id, id: "me", offset_ms: null, synced_at: null });
  navigator.storage?.persist?.();
  return null;
}
