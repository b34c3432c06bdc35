import type { CheckedModule, Instance } from "../types/checked.ts";
import type { ArgumentTypes } from "./number-range.ts";
import type { ArgumentTaints } from "./taint.ts";

/** What has been asked about the flows of a file, each question once. Whoever asked may have kept conclusions. */
export interface Asked {
  readonly labels: Map<string, { readonly instance: Instance; readonly args: ArgumentTaints }>;
  readonly bounds: Map<string, { readonly instance: Instance; readonly args: ArgumentTypes }>;
}

const known = new WeakMap<CheckedModule, Asked>();

export function askedOf(module: CheckedModule): Asked {
  let asked = known.get(module);
  if (asked === undefined) {
    asked = { labels: new Map<string, never>(), bounds: new Map<string, never>() };
    known.set(module, asked);
  }
  return asked;
}

/** A file that looks the same to those who asked has been asked the same. */
export function passOn(from: CheckedModule, to: CheckedModule): void {
  known.set(to, askedOf(from));
}
