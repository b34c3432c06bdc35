import { expect, test } from "vitest";

import { StoreError } from "../ports/store-error.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";
import { FlushQueue } from "./sqlite-flush.ts";

function scene() {
  const database = openSqliteDatabase(":memory:");
  database.exec("CREATE TABLE note (text TEXT UNIQUE)");
  const flushes: number[] = [];
  const queue = new FlushQueue(database, {
    begin: () => undefined,
    end: () => undefined,
    rolledBack: () => undefined,
    flushed: (writes) => flushes.push(writes),
    busyTimeoutMs: 5_000,
  });
  const insert = database.prepare("INSERT INTO note VALUES (?)");
  const select = database.prepare<{ text: string }>("SELECT text FROM note ORDER BY rowid");
  return {
    flushes,
    note: (text: string) => queue.write(() => insert.run([text]).changes),
    fail: (error: Error) =>
      queue.write(() => {
        throw error;
      }),
    notes: () => select.all().map(({ text }) => text),
  };
}

test("writes of one turn share a transaction", async () => {
  const { note, notes, flushes } = scene();
  expect(await Promise.all([note("a"), note("b")])).toEqual([1, 1]);
  expect([notes(), flushes]).toEqual([["a", "b"], [2]]);
});

test("a write that the database refuses takes no other down", async () => {
  const { note, notes, fail } = scene();
  const answers = await Promise.allSettled([
    note("a"),
    note("a"),
    note("b"),
    fail(new Error("a mistake")),
    note("c"),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(notes()).toEqual(["a", "b", "c"]);
});

test("trouble of the store itself is everybody's", async () => {
  const { note, notes, fail } = scene();
  const full = new StoreError("full", "no room");
  const answers = await Promise.allSettled([note("a"), fail(full), note("b")]);
  expect(answers.map((answer) => answer.status === "rejected" && answer.reason === full)).toEqual([
    true,
    true,
    true,
  ]);
  expect(notes()).toEqual([]);
});
