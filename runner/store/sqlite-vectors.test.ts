import { expect, test } from "vitest";

import { openSqliteDatabase } from "./sqlite-database.ts";
import { newestVectors } from "./sqlite-vectors.ts";

test("the newest texts of a group are found without sorting all of them", () => {
  const database = openSqliteDatabase(":memory:");
  const plan = database
    .prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${newestVectors}`)
    .all(["g", 0, 1_000]);
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining("nearby_newest")]);
  database.close();
});
