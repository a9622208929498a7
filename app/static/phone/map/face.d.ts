// A map that can be looked at: our own outline, or Leaflet with tiles. Positions are [longitude, latitude].
import type { Position } from "geojson";

/** What is drawn in the ground's own size. `look` is a class of map.css or taluy.css. */
export type Drawing =
  | { what: "circle"; at: Position; metres: number; look: string }
  | { what: "line"; line: Position[]; look: string; closed?: boolean }
  | { what: "band"; line: Position[]; metres: number; look: string };

/** What keeps its size: a symbol, a name, a corner. Its middle stands at `at`. */
export interface Mark {
  at: Position;
  element: HTMLElement;
}

export interface Face {
  element: HTMLElement;
  /** Draw a layer; later names lie above earlier ones, a known name is drawn anew. */
  draw(layer: string, drawings: Drawing[]): void;
  marks(layer: string, marks: Mark[]): void;
  pixel(p: Position): [number, number];
  size(): [number, number];
  /** Pixels for a metre. */
  scale(): number;
  centre(): Position;
  centreOn(p: Position, scale?: number): void;
  /** All of them in view. */
  fit(all: Position[], room?: number): void;
  zoom(factor: number): void;
  /** Called after every change of the view, and once the size is known. */
  onView(act: () => void): void;
  onTap(act: (p: Position) => void): void;
  end(): void;
}
