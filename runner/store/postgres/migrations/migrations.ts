import { base } from "./0001-base.ts";
import { usage } from "./0002-usage.ts";
import { runStatus } from "./0003-run-status.ts";
import { callSlots } from "./0004-call-slots.ts";
import { nearby } from "./0005-nearby.ts";
import { uploads } from "./0006-uploads.ts";
import { letterInputs } from "./0007-letter-inputs.ts";
import { editions } from "./0008-editions.ts";
import { letterPaths } from "./0009-letter-paths.ts";

/** In order; the place of each is its version, from 1. */
export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: "0001-base", sql: base },
  { name: "0002-usage", sql: usage },
  { name: "0003-run-status", sql: runStatus },
  { name: "0004-call-slots", sql: callSlots },
  { name: "0005-nearby", sql: nearby },
  { name: "0006-uploads", sql: uploads },
  { name: "0007-letter-inputs", sql: letterInputs },
  { name: "0008-editions", sql: editions },
  { name: "0009-letter-paths", sql: letterPaths },
];
