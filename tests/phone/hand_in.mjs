// Makes a file as a phone does, with the phone's own vault: reads what it shall hold from stdin, writes the file to stdout.
// {unlock_key, person, made_at, records: [{id, kind, place, body, photos: [base64], voucher?: another unlock key}]}

import { base64url, sha256, utf8 } from "../../app/static/phone/bytes.js";
import { makePair, seal, vaultName, vouch, voucherKey, wrap } from "../../app/static/phone/vault.js";

const asked = JSON.parse(await new Response(process.stdin).text());
const pair = await makePair();
const key = Uint8Array.from(Buffer.from(asked.unlock_key, "base64url"));
const wrapped = await wrap(pair.pkcs8, key, vaultName(asked.person));

const spelt = ({ epk, iv, data }) => ({ epk: base64url(epk), iv: base64url(iv), data: base64url(data) });

async function record({ id, kind, place, body, photos, voucher }) {
  const taken = photos.map((photo) => new Uint8Array(Buffer.from(photo, "base64")));
  const hashes = await Promise.all(taken.map(sha256));
  const text = utf8(JSON.stringify({ kind, body, photos: hashes }));
  const sealed = await seal(text, pair.public, `record:${id}`);
  const mac = await vouch(await voucherKey(voucher ?? asked.unlock_key, asked.person), id, sealed);
  const kept = await Promise.all(
    taken.map(async (bytes, at) => ({
      sha: hashes[at],
      sealed: spelt(await seal(bytes, pair.public, `photo:${id}/${hashes[at]}`)),
    })),
  );
  return { id, kind, place, sealed: spelt(sealed), mac: base64url(mac), photos: kept };
}

const records = [];
for (const each of asked.records) records.push(await record(each));
process.stdout.write(
  JSON.stringify({
    taluy: "hand-in",
    v: 1,
    made_at: asked.made_at,
    person: asked.person,
    public_key: base64url(pair.public),
    wrapped: { iv: base64url(wrapped.iv), data: base64url(wrapped.data) },
    records,
  }),
);
