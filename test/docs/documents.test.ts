// What the documents say is true: every command in them runs, every program in them compiles.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { checkDocument } from "./check-document.ts";
import { docBlocks } from "./doc-blocks.ts";
import { prepareScene } from "./prepare-scene.ts";

const root = join(import.meta.dirname, "../..");

const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)]
  .filter((path) => path.endsWith(".md") && existsSync(join(root, path)))
  .map((path) => ({ path, markdown: readFileSync(join(root, path), "utf8") }))
  .filter(({ markdown }) => docBlocks(markdown).length > 0);

test.for(documents)("$path", { timeout: 300_000 }, ({ markdown }) => {
  const scene = prepareScene(existsSync(join(root, "examples")) ? ["examples"] : []);
  try {
    expect(checkDocument(markdown, scene)).toEqual([]);
  } finally {
    rmSync(scene.folder, { recursive: true, force: true });
  }
});
