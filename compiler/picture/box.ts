import type { GraphNode } from "./flow-graph.ts";

/** Lengths are in pixels of the picture; `x`, `y` are the top left corner, relative to the parent box. */
export interface Box {
  readonly id: string;
  readonly node: GraphNode | null;
  /** Lines of text at the top of the box. */
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly children: readonly Box[];
  /** Edges between the children. */
  readonly routes: readonly Route[];
}

export interface Route {
  readonly from: string;
  readonly to: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Boxes side by side and below one another, relative to their common corner. */
export interface Arrangement {
  readonly boxes: readonly Box[];
  readonly routes: readonly Route[];
  readonly width: number;
  readonly height: number;
}
