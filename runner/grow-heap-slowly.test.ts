import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** How often a process with room for much more collects its whole heap while that grows. */
async function collectionsOf(...how: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--max-old-space-size=4096",
    join(root, "tools/run.js"),
    join(root, "runner/fixtures/grow-heap.ts"),
    ...how,
  ]);
  return Number(stdout.split(" ")[0]);
}

test("a heap that has much room is collected more often before it takes it", async () => {
  const [usual, slowly] = await Promise.all([collectionsOf(), collectionsOf("slowly")]);
  expect(usual).toBeGreaterThan(0);
  expect(slowly).toBeGreaterThan(usual);
});
