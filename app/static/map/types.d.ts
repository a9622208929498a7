// What the map's modules share. Wire names as the API gives them.
import type { Geometry, Position } from "geojson";
import type * as Leaflet from "leaflet";
import type { Shapes } from "./symbols.js";

export type Layer = "slide" | "flood" | "drowning" | "signboard" | "proposal";
export type Condition = "no_change" | "worse" | "danger" | "not_seen" | null;

export interface UnitRef {
  code: string;
  name: string;
  valid_from: string | null;
}

/** Properties of a site, a signboard or a proposal; a member that a kind has not is undefined. */
export interface Props {
  code: string;
  name: string;
  kind?: "slide" | "flood" | "drowning";
  address?: string | null;
  risk_level?: string | null;
  risk_reason?: string | null;
  state?: string;
  site?: string | null;
  status?: string;
  reason?: string | null;
  addressee?: string | null;
  period_from?: number | null;
  period_to?: number | null;
  location_status: "surveyed" | "approximate" | "inferred" | "unlocated";
  location_accuracy_m: number;
  location_note?: string | null;
  condition?: Condition;
  last_inspected_at?: string | null;
  due_on?: string | null;
  overdue?: boolean;
  units?: UnitRef[];
}

export interface Fact {
  field: string;
  value: string | null;
  quote: string | null;
  certainty: "certain" | "conflicting" | "inferred";
  note: string | null;
  document: Source | null;
}

export interface Source {
  number: string | null;
  date: string | null;
  date_status: "certain" | "conflicting" | "unknown";
  title: string;
}

export interface Measure {
  code: string;
  kind: string;
  site: string | null;
  status: string;
  expires_on: string | null;
}

export interface Detail extends Props {
  facts: Fact[];
  measures: Measure[];
  signboards: string[];
}

export interface Feature<P> {
  type: "Feature";
  id?: string;
  geometry: Geometry | null;
  properties: P;
}

export interface UnitProps {
  code: string;
  name: string;
  valid_from: string | null;
  valid_to: string | null;
  accuracy_m: number | null;
  predecessors: { code: string; valid_from: string | null }[];
}

/** One thing on the map. `at` is latitude, longitude of its symbol. */
export interface Place {
  code: string;
  layer: Layer;
  props: Props;
  geometry: Geometry;
  at: [number, number];
  late: boolean;
  days: number;
  unlocated: boolean;
}

/** Places whose position nobody knows, which share one circle. */
export interface Group {
  key: string;
  at: [number, number];
  accuracy: number;
  sites: Place[];
  boards: Place[];
  worst: Place;
}

export type Choice =
  | { what: "place"; code: string }
  | { what: "group"; key: string }
  | { what: "list"; codes: string[] }
  | null;

export interface Ground {
  centre: [number, number];
  zoom: number;
  bounds: [[number, number], [number, number]];
  streams: { name: string; accuracy_m: number; label: [number, number]; lift: number; line: Position[] }[];
  guessed: { unit: string; accuracy_m: number; ends: [Position, Position] }[];
  marks: { look: string; name: string; at: [number, number] }[];
  labels: Record<string, [number, number]>;
}

export interface Config {
  language: string;
  /** Units, as code@valid_from, whose places the reader may go and measure. */
  pins: string[];
  theme: string | null;
  practice: boolean;
  tiles: string;
  pages: string | null;
  sources: Record<string, string> | null;
  phrases: Record<string, string>;
  tables: Record<string, Record<string, string>>;
  shapes: Shapes;
  ground: Ground;
}

/** What a self-contained copy carries instead of addresses. */
export interface Carried {
  as_of: string;
  sites: { features: Feature<Props>[] };
  signboards: { features: Feature<Props>[] };
  proposals: { features: Feature<Props>[] };
  units: { features: Feature<UnitProps>[] };
  measures: { measures: Measure[] };
  details: Record<string, Feature<Detail>>;
}

/** What the parts of the map tell each other. */
export interface Told {
  data: undefined;
  failed: string;
  layers: undefined;
  choice: Choice;
  theme: undefined;
  view: undefined;
}

export interface App {
  map: Leaflet.Map;
  config: Config;
  places: Place[];
  groups: Group[];
  units: Feature<UnitProps>[];
  measures: Measure[];
  hidden: Set<string>;
  choice: Choice;
  asOf: Date | null;
  byCode(code: string): Place | undefined;
  on<K extends keyof Told>(name: K, listener: (told: Told[K], from?: string) => void): void;
  tell<K extends keyof Told>(name: K, told: Told[K], from?: string): void;
  choose(choice: Choice, from?: "map" | "list" | "hash"): void;
  shown(layer: string): boolean;
}
