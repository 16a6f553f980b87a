// What the device keeps with no network, in IndexedDB: its credential, the day's orders, keys, shifts, what is unsent.
const NAME = "zhendi-door";
const STORES = { device: "id", orders: "id", keys: "kid", shifts: "person_id", queue: "check_in_id", told: "check_in_id" };

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(store, { keyPath });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function on(store, mode) {
  return (await database()).transaction(store, mode).objectStore(store);
}

export const all = async (store) => done((await on(store, "readonly")).getAll());
export const get = async (store, key) => done((await on(store, "readonly")).get(key));
export const put = async (store, value) => done((await on(store, "readwrite")).put(value));
export const remove = async (store, key) => done((await on(store, "readwrite")).delete(key));

// Puts new rows in place of all old ones, or none of them: a device that dies in between keeps the old day.
export async function replace(store, rows) {
  const objects = await on(store, "readwrite");
  objects.clear();
  for (const row of rows) objects.put(row);
  return new Promise((resolve, reject) => {
    objects.transaction.oncomplete = resolve;
    objects.transaction.onabort = () => reject(objects.transaction.error);
  });
}

// The queue and the answers that are about to replace it, in one transaction: nothing is lost, nothing shown twice.
export async function settle(answers) {
  const transaction = (await database()).transaction(["queue", "told"], "readwrite");
  for (const answer of answers) {
    transaction.objectStore("queue").delete(answer.check_in_id);
    transaction.objectStore("told").put(answer);
  }
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}

export async function forget() {
  for (const store of Object.keys(STORES)) await replace(store, []);
}
