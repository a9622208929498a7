// What stands in the phone's IndexedDB. A new version adds; it never takes away what an older page reads.

import type { DBSchema } from "idb";
import type { Draft, Pack, PhotoState, Row, Sealed, Wrapped } from "./types";

export interface KeptPerson {
  id: number;
  name: string;
  role: string;
  public: Uint8Array<ArrayBuffer>;
  /** The private key under the server's unlock key. */
  wrapped: Wrapped;
  /** The private key sealed to its own public key: who can open things can set a PIN. */
  self: Sealed;
  /** The private key under PIN and phone. */
  pin: Wrapped | null;
  /** The private key itself, not readable for scripts; null behind a PIN and after signing out. */
  open: CryptoKey | null;
  voucher: CryptoKey;
  token: string | null;
  sealed_token: Sealed | null;
  expires_at: string | null;
  /** The server no longer takes the token. */
  expired: boolean;
  /** Somebody else took the phone while this one had no PIN: sending goes on, reading needs a sign-in. */
  aside: boolean;
  wrong: Wrong;
}

export interface Wrong {
  count: number;
  /** Clock at the last wrong PIN, and the latest clock ever seen. */
  at: number;
  seen: number;
  /** The page that saw it. */
  page: string;
}

export interface KeptDraft {
  id: string;
  person: number;
  kind: Draft["kind"];
  place: string;
  updated_at: number;
  photos: Draft["photos"];
  sealed: Sealed;
  /** The parked row that goes once this is saved. */
  replaces: string | null;
}

export interface KeptPhoto {
  id: string;
  sha: string;
  person: number;
  bytes: number;
  sealed: Sealed;
}

export interface KeptRow extends Row {
  /** The record; null once the server has everything. */
  sealed: Sealed | null;
  /** The draft it came from, for editing again. */
  form: Sealed | null;
  /** SHA-256 of sealed.data: what reading back is compared with. */
  sealed_sha: string;
  done_at: number | null;
  /** Photos that the server may have a part of. */
  begun?: string[];
}

export interface KeptPack {
  person: number;
  etag: string | null;
  fetched_at: number;
  open: Omit<Pack, "last" | "positions">;
  sealed: Sealed;
}

export interface Kept extends DBSchema {
  meta: { key: string; value: { name: string; value: unknown } };
  people: { key: number; value: KeptPerson };
  drafts: { key: string; value: KeptDraft; indexes: { person: number } };
  photos: { key: [string, string]; value: KeptPhoto };
  rows: { key: string; value: KeptRow; indexes: { person: number } };
  packs: { key: number; value: KeptPack };
}

export type StoreName = "meta" | "people" | "drafts" | "photos" | "rows" | "packs";
export type { PhotoState };
