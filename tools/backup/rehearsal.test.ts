// A store is lost under load, and what its backup has goes on elsewhere.
import { expect, test } from "vitest";

import { openDumpedSite } from "./postgres-site.ts";
import { rehearse, type Rehearsed } from "./rehearsal.ts";
import { openSqliteSite } from "./sqlite-site.ts";

const patience = { timeout: 120_000 };

function check(rehearsed: Rehearsed): void {
  expect(rehearsed.faults).toEqual([]);
  // The disaster came in the middle of work, and cost some of it.
  expect(rehearsed.unfinished).toBeGreaterThan(0);
  expect(rehearsed.started).toBeGreaterThan(rehearsed.lost);
  expect(rehearsed.lost).toBeGreaterThan(0);
}

test(
  "a PostgreSQL server is lost and its dump restored, with an empty Redis",
  patience,
  async () => {
    check(await rehearse({ open: openDumpedSite, loadMs: 1_000, workers: 1 }));
  },
);

test("a SQLite file is lost and its copy used", patience, async () => {
  check(await rehearse({ open: openSqliteSite, loadMs: 1_000, workers: 1 }));
});
