// Programs in which much comes together, and nothing is wrong.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { compile } from "../../compiler/index.ts";

const folder = join(import.meta.dirname, "right");

test.each(readdirSync(folder))("%s", (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const { diagnostics, plan } = compile({ read: () => text }, file);
  expect(diagnostics).toEqual([]);
  expect(plan).not.toBeNull();
});
