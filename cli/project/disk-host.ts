import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import type { CompilerHost } from "../../compiler/index.ts";
import { standardLibraryFolder } from "./standard-library.ts";

/** Reads programs from the disk; paths are relative to `folder`. */
export function diskHost(folder: string): CompilerHost {
  return {
    read(path) {
      const file = path.startsWith("std/")
        ? join(standardLibraryFolder(), path.slice("std/".length))
        : resolve(folder, path);
      return readText(file);
    },
  };
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return null;
    throw error;
  }
}
