import { base } from "./0001-base.ts";

/** In order; the place of each is its version, from 1. */
export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: "0001-base", sql: base },
];
