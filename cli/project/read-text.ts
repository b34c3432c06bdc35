import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { UserMistake } from "../user-mistake.ts";
import { missingFile } from "./find-programs.ts";

/** A file that a word of the command line names. Throws `UserMistake`. */
export function readText(file: string, folder: string): string {
  return readBytes(file, folder).toString("utf8");
}

/** A file that a word of the command line names. Throws `UserMistake`. */
export function readBytes(file: string, folder: string): Buffer {
  try {
    return readFileSync(resolve(folder, file));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") throw missingFile(file, folder);
    // Node names no path when the reading fails, and not the opening.
    if (code === "EISDIR") throw new UserMistake(`${file} is a folder, not a file`);
    throw error;
  }
}
