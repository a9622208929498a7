/** Photos wait in this browser's database until the server has them: a reload loses none. */

/** @typedef {{key: string, visit: string, sha: string, blob: Blob, taken: number, text_received: boolean}} KeptPhoto */

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((settle, fail) => {
    const request = indexedDB.open("taluy-photos", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("photos", { keyPath: "key" });
    request.onsuccess = () => settle(request.result);
    request.onerror = () => fail(request.error);
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function within(mode, work) {
  const database = await open();
  try {
    return await new Promise((settle, fail) => {
      const transaction = database.transaction("photos", mode);
      const request = work(transaction.objectStore("photos"));
      transaction.oncomplete = () => settle(request.result);
      transaction.onerror = () => fail(transaction.error);
      transaction.onabort = () => fail(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @param {KeptPhoto} photo */
export const keepPhoto = (photo) => within("readwrite", (store) => store.put(photo));

/** @param {string} key */
export const forgetPhoto = (key) => within("readwrite", (store) => store.delete(key));

/** Every waiting photo in the order taken. @returns {Promise<KeptPhoto[]>} */
export async function waitingPhotos() {
  const all = await within("readonly", (store) => /** @type {IDBRequest<KeptPhoto[]>} */ (store.getAll()));
  return all.sort((one, other) => one.taken - other.taken);
}
