import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { DocumentScene } from "./check-document.ts";

const root = join(import.meta.dirname, "../..");

/**
 * A folder as a reader has it after installing: the package among the modules, its command to be called by name,
 * and copies of what the document speaks of.
 */
export function prepareScene(contents: readonly string[]): DocumentScene {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-docs-"));
  const modules = join(folder, "node_modules");
  const commands = join(modules, ".bin");
  mkdirSync(commands, { recursive: true });
  symlinkSync(root, join(modules, "agentflow"));
  symlinkSync(join(root, "node_modules/@types"), join(modules, "@types"));
  symlinkSync(join(root, "node_modules/.bin/tsc"), join(commands, "tsc"));
  symlinkSync(join(root, "dist/cli/main.js"), join(commands, "agentflow"));
  for (const path of contents) cpSync(join(root, path), join(folder, path), { recursive: true });
  return { folder, commands };
}
