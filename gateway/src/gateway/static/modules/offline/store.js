// What a page keeps on the device, in IndexedDB: a database of stores, each with its key.
export function database(name, stores) {
  let opened;
  const open = () => {
    opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(name, 1);
      asked.onupgradeneeded = () => {
        for (const [store, keyPath] of Object.entries(stores)) asked.result.createObjectStore(store, { keyPath });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return opened;
  };
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const on = async (store, mode) => (await open()).transaction(store, mode).objectStore(store);
  // Waits until a transaction is kept, whole.
  const done = (transaction) => new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  return {
    all: async (store) => answer((await on(store, "readonly")).getAll()),
    get: async (store, key) => answer((await on(store, "readonly")).get(key)),
    put: async (store, value) => answer((await on(store, "readwrite")).put(value)),
    remove: async (store, key) => answer((await on(store, "readwrite")).delete(key)),
    begun: async (names) => (await open()).transaction(names, "readwrite"),
    done,
    // Puts new rows in place of all old ones, or none of them: a device that dies in between keeps the old ones.
    replace: async (store, rows) => {
      const objects = await on(store, "readwrite");
      objects.clear();
      for (const row of rows) objects.put(row);
      return done(objects.transaction);
    },
  };
}
