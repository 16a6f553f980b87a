// Says at the door, with no network, whether a party may come in: the same rules as sql/check_in.sql (precise rule 10).
// A pure function of what the device knows, so that the answer can be tested and told.
import { bare, isToken, read } from "./tokens.js";

export const EARLY_MS = 30 * 60_000;

// `known`: {siteId, keys, orders}; `now`: milliseconds by the platform's clock. Gives {verdict, order?, ...}:
// welcome · late (needs a reason) · used (more of the party may follow) — or a refusal.
export async function judge(shown, { known, now }) {
  if (!isToken(shown)) {
    const order = known.orders.find((each) => bare(each.code) === bare(shown));
    return order ? ofOrder(order, now) : { verdict: "not-listed" };
  }
  const said = await read(shown, known.keys);
  if (said.fault) return { verdict: said.fault };
  if (said.site_id !== known.siteId) return { verdict: "other-site" };
  const order = known.orders.find((each) => each.id === said.order_id);
  if (!order) {
    // Ordered after the last sync, or for another day: the signature speaks for it.
    return ofTimes({ ...said, id: said.order_id, branch_name: null, programme: null, unlisted: true }, now);
  }
  if (said.revision < order.revision) return { verdict: "superseded", order };
  return ofOrder(said.revision > order.revision ? { ...order, ...said, id: order.id } : order, now);
}

function ofOrder(order, now) {
  if (order.used_at) return { verdict: "used", order };
  if (order.state === "cancelled") return { verdict: "cancelled", order };
  return ofTimes(order, now);
}

function ofTimes(order, now) {
  if (now < new Date(order.starts_at).getTime() - EARLY_MS) return { verdict: "early", order };
  if (now > new Date(order.ends_at).getTime()) return { verdict: "late", order };
  return { verdict: "welcome", order };
}
