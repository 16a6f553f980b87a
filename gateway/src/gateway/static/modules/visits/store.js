// What an assessor's phone keeps with no network: who it belongs to, the open visits, what is unsent.
import { database } from "../offline/store.js";

// An unsent answer has the key of its person, visit and item: what is written over is not sent.
const STORES = { device: "id", visits: "id", answers: "key", problems: "id" };

export const { all, get, put, remove, replace } = database("zhendi-visits", STORES);
export const keyOf = (person, visit, item) => `${person} ${visit} ${item}`;
