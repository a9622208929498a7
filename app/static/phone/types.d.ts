// What the parts of the phone's app promise each other. Moments are milliseconds of the phone's clock unless they are
// text, which is RFC 3339 as the server sends it; positions are [longitude, latitude] in degrees, lengths metres.

import type { Geometry } from "geojson";

export type Condition = "no_change" | "worse" | "danger" | "not_seen";
export type Kind = "slide" | "flood" | "drowning" | "signboard" | "temporary_measure";
export type Risk = "low" | "medium" | "high" | "very_high";

/** A problem document (RFC 9457) as the server sends it. */
export interface ProblemBody {
  code: string;
  title?: string;
  detail?: string;
  status?: number;
  errors?: { pointer: string; detail: string }[];
}

/** Bytes that only the owner of a key pair, or the ward's server for them, can open. See vault.js. */
export interface Sealed {
  epk: Uint8Array<ArrayBuffer>;
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

export interface Wrapped {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
  salt?: Uint8Array<ArrayBuffer>;
  rounds?: number;
}

/** Somebody who signed in on this phone. */
export interface Person {
  id: number;
  name: string;
  role: string;
  /**
   * open: may read and send. locked: a PIN stands before it; saving still works. signed-out: must sign in again to read or
   * send. expired: the server no longer takes this phone's token; what is kept can be read, sending waits for a sign-in.
   */
  state: "open" | "locked" | "signed-out" | "expired";
  hasPin: boolean;
  /** How many things of theirs the server has not got whole. */
  unsent: number;
  /** Until when the server takes this phone's token; null where there is none. */
  expires_at: string | null;
}

/** Fires "change" when somebody's state changes, in any tab. */
export interface People extends EventTarget {
  /** Everybody with something on this phone, the current one first. */
  all(): Promise<Person[]>;
  current(): Person | null;
  /** Needs the network. Throws `Refused` (the server said no), `Offline`. */
  signIn(given: { name: string; password: string; code?: string; device: string }): Promise<Person>;
  /** Works offline; what is unsent stays, sealed. */
  signOut(): Promise<void>;
  /** Somebody else takes the phone; they are locked where they have a PIN. */
  switchTo(id: number): Promise<Person>;
  /** True where two people have used this phone and the current one has no PIN yet: ask for one. */
  pinNeeded(): Promise<boolean>;
  setPin(pin: string): Promise<void>;
  removePin(): Promise<void>;
  /** False for a wrong PIN. Throws `Slow` while a wait after wrong ones lasts. */
  unlock(pin: string): Promise<boolean>;
  lock(): Promise<void>;
}

export interface Receipt {
  id: string;
  place: string;
  content_sha256: string;
  received_at: string;
  log_seq: number;
  key?: string;
  signature?: string;
  v?: number;
}

export interface PhotoState {
  sha: string;
  bytes: number;
  state: "kept" | "received" | "refused";
  /** Bytes that the server has of a photo under way. */
  sent: number;
  problem?: ProblemBody | null;
}

/** One thing to send, as the list shows it. Nothing in it was typed by anybody. */
export interface Row {
  id: string;
  kind: "inspection" | "position";
  person: number;
  place: string;
  /** Danger goes first. */
  urgent: boolean;
  saved_at: number;
  /** ready: text waits. received: text is there, photos are not. done: all there. refused, conflict: parked, with `problem`. */
  state: "ready" | "received" | "done" | "refused" | "conflict";
  photos: PhotoState[];
  receipt: Receipt | null;
  problem: ProblemBody | null;
  tries: number;
  /** SHA-256 of the text kept, hexadecimal. */
  sha: string;
}

export interface Position {
  lon: number;
  lat: number;
  accuracy_m: number | null;
  age_s: number | null;
  source: "gps" | "map" | "site";
}

/** The body of PUT /api/inspections/{id}. */
export interface InspectionBody {
  place: string;
  seen_at: string;
  condition: Condition;
  context: Record<string, unknown>;
  answers: Record<string, unknown>;
  measurements: Record<string, unknown>;
  note: string | null;
  position: Position | null;
  corrects: string | null;
  form_version: string;
}

/** The body of PUT /api/positions/{id}: where a place really is, seen from the spot. */
export interface PositionBody {
  place: string;
  seen_at: string;
  geometry: Geometry;
  accuracy_m: number | null;
  method: "gps" | "corners" | "tapped";
  fixes: number | null;
  note: string | null;
  /** The version of the place that the phone knew. */
  place_version: number;
}

/** What is being filled in: kept at every tap. `content` is whatever the screen wants to find again. */
export interface Draft<T = unknown> {
  /** The id that the record will have; made with the draft, photos hang on it from the start. */
  id: string;
  kind: "inspection" | "position";
  place: string;
  updated_at: number;
  content: T;
  photos: { sha: string; bytes: number; evidence: boolean }[];
}

export interface Drafts {
  /** The current person's draft for a place, or a fresh one (not stored until `keep`). Throws `Locked` where one is there but cannot be read. */
  of<T>(kind: Draft["kind"], place: string): Promise<Draft<T> | null>;
  fresh<T>(kind: Draft["kind"], place: string, content: T): Draft<T>;
  /** Resolves once it was read back. */
  keep(draft: Draft): Promise<void>;
  drop(draft: Draft): Promise<void>;
  /** Keeps a photo at once; throws `Full` where the phone has no room, `TooMany` past ten. Gives its hash. */
  addPhoto(draft: Draft, bytes: ArrayBuffer, evidence: boolean): Promise<string>;
  removePhoto(draft: Draft, sha: string): Promise<void>;
  /** A photo of a draft or of a row of the current person. Throws `Locked`. */
  photo(id: string, sha: string): Promise<Blob>;
  /** Places where the current person has begun something. */
  begun(): Promise<{ kind: Draft["kind"]; place: string; updated_at: number }[]>;
}

export interface Queue extends EventTarget {
  /** Turns a draft into something to send. Resolves only after it was read back and its hash compared. Throws `Full`. Fires "change". */
  save(draft: Draft, body: InspectionBody | PositionBody): Promise<Row>;
  /** The current person's, what needs care first, then what waits, then what is done (newest first). */
  rows(): Promise<Row[]>;
  one(id: string): Promise<Row | null>;
  /** What was saved. Throws `Locked`. */
  content(id: string): Promise<InspectionBody | PositionBody>;
  /** Not whole on the server yet: of the current person, of others on this phone, and how old the oldest is. */
  unsent(): Promise<{ mine: number; others: number; oldest: number | null }>;
  retry(id: string): Promise<void>;
  /** A parked row becomes a draft again (same place, new id); the row is dropped only once its successor is saved. Gives the place. */
  edit(id: string): Promise<Draft>;
  /** One file with these rows, sealed so that only their author or the ward's server can open it. Works locked. */
  exportFile(ids: string[]): Promise<File>;
  /** Rows that are done and older than 30 days go. */
  tidy(): Promise<void>;
}

export interface Sender extends EventTarget {
  /** Called by the app at the start; then it runs by itself: on `online`, on becoming visible, after a save, with backoff. */
  start(): void;
  now(): void;
  /** "change" fires when this changes. next: when it tries again by itself. */
  state(): { doing: "idle" | "text" | "photo" | "waiting"; why: "" | "offline" | "silent" | "sign-in" | "locked"; next: number | null; since: number | null };
}

export interface Place {
  code: string;
  name: string;
  kind: Kind;
  /** Which temporary measure, such as "slope_tarpaulin". */
  measure: string | null;
  /** The site that a signboard or a measure stands at. */
  site: string | null;
  geometry: Geometry | null;
  location_status: "surveyed" | "approximate" | "inferred" | "unlocated" | null;
  location_accuracy_m: number | null;
  risk_level: Risk | null;
  state: string | null;
  condition: Condition | null;
  last_inspected_at: string | null;
  due_on: string | null;
  overdue: boolean;
  version: number;
}

export interface LastReading {
  value: unknown;
  at: string;
}

/** What was read last at a place, by the code of the item; for a series by gauge within the code. Internal. */
export interface Last {
  seen_at: string;
  condition: Condition;
  readings: Record<string, LastReading | Record<string, LastReading>>;
}

export interface Pack {
  made_at: string;
  units: { code: string; name: string }[];
  places: Place[];
  forms: Forms;
  ground: { outlines: { name: string; ring: [number, number][]; accuracy_m: number }[]; streams: { name: string; line: [number, number][]; accuracy_m: number }[] };
  practice: boolean;
  /** By code; empty while locked or signed out. */
  last: Record<string, Last>;
  /** What became of the current person's position proposals. */
  positions: { id: string; place: string; status: "pending" | "accepted" | "amended" | "refused"; reason: string | null; decided_at: string | null }[];
}

export interface Label {
  vi: string;
  en: string;
}

/** GET /api/forms, see app/hazards.py. */
export interface Forms {
  form_version: string;
  rule_version: string;
  kinds: Record<Kind, { name: Label; outline: string | null; chips: FormChip[]; items: FormItem[] }>;
  context: Record<string, { label: Label; choices: FormChoice[] }>;
  conditions: Record<Condition, Label>;
}

export interface FormChoice {
  code: string;
  label: Label;
  suggests: "none" | "worse" | "danger";
  /** What it counts for, in the item's unit. */
  value?: number;
}

export interface FormChip {
  code: string;
  label: Label;
  where: "answers" | "measurements";
  value: string | number;
  stream_mouth_only: boolean;
}

export interface FormItem {
  code: string;
  label: Label;
  type: "choice" | "yn" | "number" | "count" | "series";
  where: "answers" | "measurements";
  choices: FormChoice[];
  unit: string | null;
  min: number | null;
  max: number | null;
  step: number | null;
  see: "internal" | "private";
  optional: boolean;
  asks_note: boolean;
  companions: FormItem[];
  hidden_when: Record<string, string[]>;
  measures: string[];
  stream_mouth_only: boolean;
  mark: "official" | "practice" | "proposed";
  source: string | null;
  [more: string]: unknown;
}

export interface Packs extends EventTarget {
  /** What this phone knows; null before the first time. Never waits for the network. */
  read(): Promise<Pack | null>;
  /** Asks the server where there is one; "change" fires when something new came. Never throws for a missing network. */
  refresh(): Promise<void>;
}

/** What the app hands to its screens. */
export interface App {
  people: People;
  drafts: Drafts;
  queue: Queue;
  sender: Sender;
  packs: Packs;
  gps: Gps;
  /** Change the screen: "/", "/form/P6-ST-01", "/saved/UUID", "/queue", "/queue/UUID", "/map", "/me", "/pin/P6-ST-01", "/scan", "/sign-in". */
  go(route: string): void;
  toast(text: string): void;
}

export interface Screen {
  element: HTMLElement;
  /** The title of the page. */
  title: string;
  /** Which tab is marked, if tabs are shown at all. */
  tab?: "near" | "map" | "queue" | "me";
  /** Called before another screen takes its place. */
  leave?(): void | Promise<void>;
  /** While true, an update of the app waits. */
  busy?(): boolean;
}

/** Every file of screens/ exports `show`. */
export type Show = (app: App, argument: string) => Promise<Screen>;

export interface Fix {
  lon: number;
  lat: number;
  accuracy_m: number;
  /** When the fix was taken. */
  at: number;
}

export interface Gps extends EventTarget {
  /** The best fix of the last minutes, or null. */
  last(): Fix | null;
  /** Listens for at most 20 s and keeps the best; never throws. */
  look(): Promise<Fix | null>;
  /** "unknown" | "granted" | "denied" | "unavailable" */
  state(): string;
  /** What to tell the officer about it, as a key of texts.json; "" where all is well. "change" fires when any of this changes. */
  why(): string;
  /** Whether it is listening now. */
  looking(): boolean;
  /** Every fix as it comes, until the function that this gives is called. */
  follow(each: (fix: Fix) => void, failed?: () => void): () => void;
}
