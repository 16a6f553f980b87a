// What the device keeps with no network, in IndexedDB: its credential, the day's orders, keys, shifts, what is unsent.
import { database } from "../offline/store.js";

const NAME = "zhendi-door";
const STORES = { device: "id", orders: "id", keys: "kid", shifts: "person_id", queue: "check_in_id", told: "check_in_id" };

export const { all, get, put, remove, replace, begun, done } = database(NAME, STORES);

// The queue and the answers that are about to replace it, in one transaction: nothing is lost, nothing shown twice.
export async function settle(answers) {
  const transaction = await begun(["queue", "told"]);
  for (const answer of answers) {
    transaction.objectStore("queue").delete(answer.check_in_id);
    transaction.objectStore("told").put(answer);
  }
  return done(transaction);
}

export async function forget() {
  for (const store of Object.keys(STORES)) await replace(store, []);
}
