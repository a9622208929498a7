// What is sealed opens for its owner only, and not at all once a bit of it changed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { base64url, canonical, fromBase64url, joined, sha256, text, utf8 } from "../../../app/static/phone/bytes.js";
import { makeDeviceKey, makePair, privateKey, seal, unseal, unwrap, unwrapByPin, wrap, wrapByPin } from "../../../app/static/phone/vault.js";

const SAID = "Vết nứt rộng 214 mm, nước đục";
const FEW = 1000;

async function person() {
  const pair = await makePair();
  return { ...pair, key: await privateKey(pair.pkcs8) };
}

const unreadable = { name: "Unreadable" };

test("what was sealed to somebody opens with their key, and reads the same", async () => {
  const a = await person();
  const sealed = await seal(utf8(SAID), a.public, "record:1");

  assert.equal(text(await unseal(sealed, a.key, a.public, "record:1")), SAID);
  assert.equal(sealed.epk.length, 65);
  assert.equal(sealed.iv.length, 12);
});

test("it opens with nobody else's key and under no other name", async () => {
  const [a, b] = [await person(), await person()];
  const sealed = await seal(utf8(SAID), a.public, "record:1");

  await assert.rejects(unseal(sealed, b.key, b.public, "record:1"), unreadable);
  await assert.rejects(unseal(sealed, b.key, a.public, "record:1"), unreadable);
  await assert.rejects(unseal(sealed, a.key, a.public, "record:2"), unreadable);
});

test("one changed bit anywhere and it does not open", async () => {
  const a = await person();
  const sealed = await seal(utf8(SAID), a.public, "record:1");
  const flipped = (bytes, at) => Uint8Array.from(new Uint8Array(bytes), (byte, index) => (index === at ? byte ^ 1 : byte));

  for (const part of ["epk", "iv", "data"]) {
    for (const at of [0, 5, sealed[part].byteLength - 1]) {
      const other = flipped(sealed[part], at);
      await assert.rejects(unseal({ ...sealed, [part]: part === "data" ? other.buffer : other }, a.key, a.public, "record:1"), unreadable);
    }
  }
});

test("the same words sealed twice share no bytes that could be compared", async () => {
  const a = await person();
  const [one, two] = [await seal(utf8(SAID), a.public, "record:1"), await seal(utf8(SAID), a.public, "record:1")];

  assert.notEqual(base64url(one.data), base64url(two.data));
  assert.notEqual(base64url(one.epk), base64url(two.epk));
});

test("the private key comes back with the server's secret and no other", async () => {
  const a = await person();
  const [secret, other] = [crypto.getRandomValues(new Uint8Array(32)), crypto.getRandomValues(new Uint8Array(32))];
  const wrapped = await wrap(a.pkcs8, secret, "taluy-vault-1:7");

  assert.deepEqual(new Uint8Array(await unwrap(wrapped, secret, "taluy-vault-1:7")), a.pkcs8);
  assert.equal(await unwrap(wrapped, other, "taluy-vault-1:7"), null);
  assert.equal(await unwrap(wrapped, secret, "taluy-vault-1:8"), null);
});

test("a PIN opens on the phone where it was set, and nowhere else", async () => {
  const a = await person();
  const [phone, other] = [await makeDeviceKey(), await makeDeviceKey()];
  const wrapped = await wrapByPin(a.pkcs8, "4711", phone, 7, FEW);

  assert.deepEqual(new Uint8Array(await unwrapByPin(wrapped, "4711", phone, 7)), a.pkcs8);
  assert.equal(await unwrapByPin(wrapped, "4712", phone, 7), null);
  assert.equal(await unwrapByPin(wrapped, "4711", other, 7), null);
  assert.equal(await unwrapByPin(wrapped, "4711", phone, 8), null);
  await assert.rejects(crypto.subtle.exportKey("raw", phone));
});

test("the key that opens cannot be read out", async () => {
  const { key } = await person();

  await assert.rejects(crypto.subtle.exportKey("pkcs8", key));
});

test("base64url has no padding and comes back whole", () => {
  for (const length of [0, 1, 2, 3, 64, 70_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 251) & 255);
    assert.match(base64url(bytes), /^[\w-]*$/);
    assert.deepEqual(fromBase64url(base64url(bytes)), bytes);
  }
  assert.deepEqual(joined(utf8("a"), utf8("bc").buffer), utf8("abc"));
});

test("the hash of a text is the one of RFC 8785", async () => {
  // from the RFC, 3.2.3: members by UTF-16 code units, numbers as ECMAScript writes them
  const value = { "€": "Euro", "\r": "CR", "\ufb33": "Dalet", 1: "One", "😀": "Emoji", "\u0080": "Control", "ö": "O" };
  const order = ["CR", "One", "Control", "O", "Euro", "Emoji", "Dalet"];

  assert.deepEqual([...canonical(value).matchAll(/:"(\w+)"/g)].map(([, word]) => word), order);
  assert.equal(canonical({ b: [1.0, 4.5, 1e21, 0.002, null, true], a: {} }), '{"a":{},"b":[1,4.5,1e+21,0.002,null,true]}');
  assert.equal(await sha256(utf8("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
