// What a file writes down of its writes shows what is planted, and nothing else.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import type { Store } from "../../runner/ports/store.ts";
import { openSqliteDatabase } from "../../runner/store/sqlite-database.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import { done, entry, going, newRun } from "../../runner/store/store-scene-conformance.ts";
import { checkWrites } from "./check-writes.ts";
import { readWritesOfFile, watchFile } from "./file-watch.ts";

const folder = mkdtempSync(join(tmpdir(), "agentflow-file-watch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is found in a file in which this happened. */
async function faultsOf(
  name: string,
  happens: (store: Store) => Promise<void>,
  planted: string | null = null,
): Promise<readonly string[]> {
  const path = join(folder, `${name.replaceAll(" ", "-")}.db`);
  await watchFile(path);
  const store = openSqliteStore({ path, now: Date.now });
  await store.createRun(newRun({ run: "r" }));
  await happens(store);
  await store.close();
  if (planted !== null) {
    const database = openSqliteDatabase(path);
    database.exec(planted);
    database.close();
  }
  const writes = readWritesOfFile(path);
  expect(writes.length).toBeGreaterThan(0);
  return checkWrites({ writes });
}

const owned = async (store: Store): Promise<void> => {
  await store.beat("a", 60_000);
  await store.claim("r", "a");
};

test("finds nothing in what owners with a lease write, also when they let the run go with it", () =>
  expect(
    faultsOf("good", async (store) => {
      await owned(store);
      await store.append(entry("r", 1, 1, { head: going, events: [done(2)] }));
      await store.append(
        entry("r", 1, 2, { head: { ...going, release: true }, events: [done(3)] }),
      );
      await store.beat("b", 60_000);
      await store.claim("r", "b");
      await store.append(entry("r", 2, 3, { head: going, events: [done(4)] }));
      await store.endSession("b");
      await store.beat("c", 60_000);
      await store.claim("r", "c");
      await store.append(entry("r", 3, 4, { head: going, events: [done(5)] }));
    }),
  ).resolves.toEqual([]));

const step = (n: number): string =>
  `INSERT INTO batch (run, last_seq, cost, tokens_in, tokens_out, body) SELECT n, ${n}, 0, 0, 0, '' FROM run`;

test.each([
  [
    "a run that is taken from an owner with a lease",
    "UPDATE run SET owner = 'thief', epoch = epoch + 1",
    "I7 epoch 2 was given away while a had its lease [run r]",
  ],
  [
    "an epoch that is left out",
    "UPDATE run SET owner = NULL, epoch = epoch + 2",
    "I7 its epoch went from 1 to 3 [run r]",
  ],
  [
    "a write of a session that is gone",
    `UPDATE session SET until = 0; ${step(2)}`,
    "I7 events 2 to 2 were written by a, whose session was gone [run r]",
  ],
  [
    "a write between two owners",
    `UPDATE run SET owner = NULL; UPDATE run SET epoch = 2; ${step(2)}`,
    "I7 events 2 to 2 were written by somebody who did not own it [run r]",
  ],
])("finds %s", async (name, planted, fault) => {
  expect(await faultsOf(name, owned, planted)).toContain(fault);
});
