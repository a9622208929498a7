// What the tests of the engine say in the page.

window.body = (place, more = {}) => ({
  place, seen_at: new Date().toISOString(), condition: "no_change", context: {}, answers: {}, measurements: {},
  note: null, position: null, corrects: null, form_version: "2026.1", ...more,
});

/** Fill in and save; `photos` are hashes' bytes, `typed` what the screen keeps. */
window.saved = async (place, more = {}, photos = []) => {
  const draft = app.drafts.fresh("inspection", place, { typed: more.note ?? null });
  await app.drafts.keep(draft);
  for (const bytes of photos) await app.drafts.addPhoto(draft, bytes, false);
  return app.queue.save(draft, body(place, more));
};

/** A JPEG of noise: about `side` squared bytes. */
window.picture = async (side, seed) => {
  const canvas = new OffscreenCanvas(side, side);
  const pen = canvas.getContext("2d");
  const pixels = pen.createImageData(side, side);
  let x = (seed * 2654435761) >>> 0 || 1;
  for (let at = 0; at < pixels.data.length; at += 1) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    pixels.data[at] = at % 4 === 3 ? 255 : x & 255;
  }
  pen.putImageData(pixels, 0, 0);
  return (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 })).arrayBuffer();
};

window.until = async (what, ms = 120000) => {
  for (const end = performance.now() + ms; performance.now() < end; await new Promise((go) => setTimeout(go, 25))) {
    const got = await what();
    if (got) return got;
  }
  throw new Error(`never: ${what} ${JSON.stringify([await app.queue.rows(), app.sender.state()])}`);
};

window.in_state = (id, state) => until(async () => {
  const row = await app.queue.one(id);
  return row?.state === state && row;
});

window.waiting = (why) => until(() => app.sender.state().doing === "waiting" && app.sender.state().why === why);

/** The name of the error, or what came instead of one. */
window.failing = async (what) => {
  try {
    return await what();
  } catch (error) {
    return error.name;
  }
};

window.opened = (version) => new Promise((done, no) => {
  const asked = version ? indexedDB.open("taluy-phone", version) : indexedDB.open("taluy-phone");
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => no(asked.error);
});

window.dump = async () => {
  const db = await opened();
  const all = {};
  for (const store of db.objectStoreNames) {
    all[store] = await new Promise((done) => {
      db.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result);
    });
  }
  db.close();
  return all;
};

/** Everything in it, bytes in three spellings, to look for words in. */
window.spelt = (value) => {
  if (ArrayBuffer.isView(value)) return spelt(value.slice().buffer);
  if (value instanceof ArrayBuffer) return ["latin1", "utf-8", "utf-16"].map((name) => new TextDecoder(name).decode(value)).join();
  if (value instanceof CryptoKey) return value.extractable ? "EXTRACTABLE" : "a key";
  if (value && typeof value === "object") return Object.entries(value).map(([name, one]) => `${name}:${spelt(one)}`).join();
  return String(value);
};
