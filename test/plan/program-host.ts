import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { CompilerHost } from "../../compiler/index.ts";

const programs = join(import.meta.dirname, "../programs");
const stdlib = join(import.meta.dirname, "../../stdlib");

/** File names of the acceptance programs. */
export const programFiles: readonly string[] = readdirSync(programs).filter((file) =>
  file.endsWith(".agentflow"),
);

/** Reads the programs from disk, or from `texts` where a test has changed them. */
export function programHost(texts: ReadonlyMap<string, string> = new Map()): CompilerHost {
  return {
    read(path) {
      const given = texts.get(path);
      if (given !== undefined) return given;
      const file = path.startsWith("std/")
        ? join(stdlib, path.slice("std/".length))
        : join(programs, path);
      return existsSync(file) ? readFileSync(file, "utf8") : null;
    },
  };
}
