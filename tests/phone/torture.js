// What an officer does in the bare page of the engine until the page is killed, telling every step.

/** Heard by the machine as it is said; what was said before a kill counts. */
window.tell = (what) => console.log(`taluy ${JSON.stringify(what)}`);

const Clock = Date;
window.shift = 0;
window.Date = class extends Clock {
  constructor(...given) {
    super(...(given.length ? given : [Clock.now() + window.shift]));
  }
  static now() {
    return Clock.now() + window.shift;
  }
};

/** Rows and drafts as they lie on the phone, without asking the app. */
window.lying = async () => {
  const db = await new Promise((done, no) => {
    const asked = indexedDB.open("taluy-phone");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => no(asked.error);
  });
  const all = (store) => new Promise((done) => {
    db.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result);
  });
  if (!db.objectStoreNames.contains("rows")) return { rows: [], drafts: [] };
  const [rows, drafts] = [await all("rows"), await all("drafts")];
  db.close();
  return {
    rows: rows.map(({ id, sha, state, place, photos, receipt, problem }) => ({ id, sha, state, place, receipt, problem, photos: photos.map((photo) => photo.sha), each: photos })),
    drafts: drafts.map(({ id, place, updated_at, photos }) => ({ id, place, updated_at, photos: photos.map((photo) => photo.sha) })),
  };
};

const DAY = 86_400_000;
const chance = (part) => Math.random() < part;
const rest = (ms) => new Promise((go) => setTimeout(go, ms));

/** One tap; a phone without room says so, and nothing that was kept goes. */
async function tap(draft, token, n) {
  draft.content = { token, n };
  tell({ doing: "typing" });
  await app.drafts.keep(draft);
  tell({ kept: n, token, draft: draft.id });
}

async function shot(draft, token) {
  tell({ doing: "photo" });
  const sha = await app.drafts.addPhoto(draft, await picture(chance(0.12) ? 560 : 32, Math.floor(Math.random() * 1e9)), false);
  tell({ photo: sha, token, draft: draft.id });
}

/** A visit from the first tap to "saved". */
async function visit(draft, token, from) {
  if (chance(0.07)) {
    window.shift = -Math.floor(Math.random() * 50 * DAY) + 600_000;
    tell({ fault: "clock jump" });
  }
  for (let n = from; n <= from + 1 + Math.random() * 3; n += 1) await tap(draft, token, n);
  while (chance(0.4) && draft.photos.length < 4) await shot(draft, token);
  const more = { note: token, ...(chance(0.15) ? { condition: "danger" } : {}) };
  tell({ doing: "saving" });
  const row = await app.queue.save(draft, body(draft.place, more));
  tell({ saved: row.id, sha: row.sha, token, photos: row.photos.map((photo) => photo.sha) });
  if (window.shift) window.shift = (chance(0.5) ? 1 : -1) * 400 * DAY;
  tell({ doing: "sending" });
  app.sender.now();
  if (chance(0.6)) await rest(Math.random() * 400);
  window.shift = 0;
}

/** Works at one place until the page dies. */
window.officer = async (place, name) => {
  app.sender.start();
  for (let number = 0; ; number += 1) {
    const begun = await app.drafts.of("inspection", place);
    if (begun) tell({ found: begun.content, draft: begun.id, photos: begun.photos.map((photo) => photo.sha) });
    const token = begun?.content.token ?? `${name}-${number}`;
    try {
      await visit(begun ?? app.drafts.fresh("inspection", place, {}), token, (begun?.content.n ?? 0) + 1);
    } catch (error) {
      tell({ error: error.name, says: error.message });
      if (error.name !== "Full") throw error;
      await rest(100);
    }
  }
};
