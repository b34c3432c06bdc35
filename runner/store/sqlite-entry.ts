import type { AppendEntry, StoredDeadLetter } from "../ports/store.ts";
import type { PackedEntry } from "./sqlite-append.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { Packed } from "./sqlite-payload.ts";
import type { InsertRun } from "./sqlite-runs.ts";

/** Within a flush: writes what an entry holds beside its events and its head; gives the runs that got something. */
export function createEntryWriter(
  context: SqliteContext,
  parts: {
    readonly insertRun: InsertRun;
    readonly publish: (event: NonNullable<AppendEntry["publish"]>[number], text: string) => readonly string[];
  },
): (n: number, packed: PackedEntry) => readonly string[] {
  const { database, payloads, leftovers } = context;
  const takeItem = database.prepare("DELETE FROM inbox WHERE id = ? AND run = ?");
  const putTask = database.prepare("INSERT OR REPLACE INTO task (run, path, body) VALUES (?, ?, ?)");
  const dropTask = database.prepare("DELETE FROM task WHERE run = ? AND path = ?");
  const putWait = database.prepare("INSERT OR REPLACE INTO awaited (run, path, topic) VALUES (?, ?, ?)");
  const dropWait = database.prepare("DELETE FROM awaited WHERE run = ? AND path = ?");
  const remember = database.prepare("INSERT OR REPLACE INTO remembered (key, value, until) VALUES (?, ?, ?)");
  const expire = database.prepare("DELETE FROM remembered WHERE until <= ?");
  const putState = database.prepare("INSERT OR REPLACE INTO state (flow, name, key, value, at) VALUES (?, ?, ?, ?, ?)");
  const putLetter = database.prepare(
    "INSERT OR IGNORE INTO dead_letter (id, run, queue, status, body, reason) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const putSnapshot = database.prepare("INSERT OR REPLACE INTO snapshot (run, seq, state) VALUES (?, ?, ?)");
  const hasExtras = database.prepare<{ found: number }>(
    "SELECT EXISTS (SELECT 1 FROM inbox) OR EXISTS (SELECT 1 FROM slot) OR EXISTS (SELECT 1 FROM slot_wait) OR EXISTS (SELECT 1 FROM awaited) OR EXISTS (SELECT 1 FROM task) AS found",
  );
  const clear = ["task", "awaited", "slot", "slot_wait", "inbox"].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE run = ?`),
  );

  function keep(packed: Packed): string {
    for (const payload of packed.payloads) payloads.put(payload);
    return packed.text;
  }

  function writeRare(n: number, packed: PackedEntry): void {
    const { entry } = packed;
    entry.remember?.forEach((item, index) => {
      const value = packed.remember[index];
      if (value !== undefined) remember.run([item.key, keep(value), item.untilMs]);
    });
    if (entry.remember !== undefined) expire.run([context.now()]);
    entry.states?.forEach((item, index) => {
      const value = packed.states[index];
      if (value !== undefined) putState.run([item.flow, item.name, item.key, keep(value), item.atMs]);
    });
    for (const letter of entry.deadLetters ?? []) putLetter.run(letterRow(letter));
    for (const { run, events } of packed.starts) parts.insertRun(run, events);
    if (packed.snapshot !== null) putSnapshot.run([n, entry.events.at(-1)?.seq ?? entry.expectedSeq, keep(packed.snapshot)]);
  }

  return (n, packed) => {
    const { entry } = packed;
    for (const id of entry.taken ?? []) takeItem.run([id, n]);
    for (const task of entry.tasks?.put ?? []) putTask.run([n, task.path, JSON.stringify(task)]);
    for (const path of entry.tasks?.withdraw ?? []) dropTask.run([n, path]);
    for (const wait of entry.waits?.put ?? []) putWait.run([n, wait.path, wait.topic]);
    for (const path of entry.waits?.withdraw ?? []) dropWait.run([n, path]);
    if (entry.remember !== undefined || entry.states !== undefined || entry.deadLetters !== undefined || packed.starts.length > 0 || packed.snapshot !== null) {
      writeRare(n, packed);
    }
    const delivered = (entry.publish ?? []).flatMap((event) => parts.publish(event, JSON.stringify(event)));
    if (entry.tasks !== undefined || entry.waits !== undefined) leftovers.exist = true;
    if (entry.head.ended !== undefined) {
      // One look at five tables that are empty most of the time is cheaper than deleting nothing from each.
      leftovers.exist ??= hasExtras.get()?.found === 1;
      if (leftovers.exist) for (const statement of clear) statement.run([n]);
    }
    return delivered;
  };
}

function letterRow(letter: StoredDeadLetter): readonly (string | null)[] {
  return [letter.id, letter.run, letter.queue, letter.status, JSON.stringify(letter), letter.reason ?? null];
}
