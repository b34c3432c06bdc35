import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CompilerHost } from "../../compiler/index.ts";

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Reads programs below a folder, and the standard library of this repository. */
export function diskHost(folder: string): CompilerHost {
  return {
    read(path) {
      const file = path.startsWith("std/")
        ? join(repository, "stdlib", path.slice(4))
        : join(folder, path);
      return existsSync(file) ? readFileSync(file, "utf8") : null;
    },
  };
}
