import { changedBlock } from "../names/changed-block.ts";
import type { BlockChange } from "../names/changed-block.ts";
import type { Module } from "../names/module-graph.ts";
import type { Uses } from "./file-checker.ts";

/**
 * The one declaration of a file that has to be checked again, if `old` was the file before and nothing but its text has
 * changed. Null if others may be concerned.
 */
export function changedDeclaration(old: Module, module: Module, uses: Uses): BlockChange | null {
  if (old.facts.diagnostics.length > 0 || module.facts.diagnostics.length > 0) return null;
  // What is included is known of the file as a whole.
  return uses.includes.size > 0 ? null : changedBlock(old.parse, module.parse);
}
