import type { StateAddress } from "../ports/store.ts";
import type { PackedEntry, PackedEvent } from "./entry-packing.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { createExpiry } from "./sqlite-expiry.ts";
import { putLetter, type LetterWriter } from "./sqlite-letters.ts";
import type { Packed } from "./payload.ts";
import type { InsertRun } from "./sqlite-runs.ts";
import type { CallSlots } from "./sqlite-call-slots.ts";
import { createUsageWriter, type UsageWriter } from "./sqlite-usage.ts";

type Publish = (event: PackedEvent) => readonly string[];

/** Results of the cache that go when a new one comes, so that it does not only grow where nobody cleans up. */
const expiredAtOnce = 16;

/** What an entry holds beside its events and its head. Runs within a flush. */
export class EntryWriter {
  private readonly context: SqliteContext;
  private readonly insertRun: InsertRun;
  private readonly publish: Publish;
  private readonly moveSlots: CallSlots["move"];
  private readonly keepLetter: LetterWriter;
  private readonly writeUsage: UsageWriter;
  private readonly expire: ReturnType<typeof createExpiry>;
  private readonly sql: ReturnType<typeof prepare>;

  constructor(
    context: SqliteContext,
    parts: {
      readonly insertRun: InsertRun;
      readonly publish: Publish;
      readonly moveSlots: CallSlots["move"];
    },
  ) {
    this.moveSlots = parts.moveSlots;
    this.context = context;
    this.insertRun = parts.insertRun;
    this.publish = parts.publish;
    this.keepLetter = putLetter(context);
    this.writeUsage = createUsageWriter(context.database);
    this.expire = createExpiry(context.database);
    this.sql = prepare(context.database);
  }

  /** Gives the runs that got something into their inbox. */
  write(n: number, packed: PackedEntry): readonly string[] {
    const { entry } = packed;
    this.writeWaits(n, packed);
    if (entry.usage !== undefined) this.writeUsage(entry.run, entry.usage);
    if (packed.rich) this.writeRich(n, packed);
    const delivered = [
      ...packed.publish.flatMap((event) => this.publish(event)),
      ...this.moveSlots(n, entry),
    ];
    if (entry.head.ended !== undefined) this.clearLeftovers(n);
    return delivered;
  }

  private writeWaits(n: number, packed: PackedEntry): void {
    const { taken, tasks, waits } = packed.entry;
    const { takeItem, putTask, dropTask, putWait, dropWait } = this.sql;
    for (const id of taken ?? []) takeItem.run([id, n]);
    for (const { path, body } of packed.tasks) putTask.run([n, path, this.keep(body, `run/${n}`)]);
    for (const path of tasks?.withdraw ?? []) dropTask.run([n, path]);
    for (const wait of waits?.put ?? []) putWait.run([n, wait.path, wait.topic]);
    for (const path of waits?.withdraw ?? []) dropWait.run([n, path]);
    if (tasks !== undefined || waits !== undefined) this.context.leftovers.exist = true;
  }

  private writeRich(n: number, packed: PackedEntry): void {
    const { entry, snapshot } = packed;
    const { remember, putState, putSnapshot } = this.sql;
    entry.remember?.forEach((item, index) => {
      const value = packed.remember[index];
      if (value !== undefined)
        remember.run([item.key, this.keep(value, `memo/${item.key}`), item.untilMs]);
    });
    if (entry.remember !== undefined) this.expire(this.context.now(), expiredAtOnce);
    entry.states?.forEach(({ flow, name, key, atMs }, index) => {
      const value = packed.states[index];
      if (value !== undefined)
        putState.run([flow, name, key, this.keepState({ flow, name, key }, value), atMs]);
    });
    for (const letter of packed.letters) this.keepLetter(letter, n);
    for (const { run, events } of packed.starts) this.insertRun(run, events);
    if (snapshot === null) return;
    putSnapshot.run([
      n,
      entry.events.at(-1)?.seq ?? entry.expectedSeq,
      this.keep(snapshot, `run/${n}`),
    ]);
  }

  /** One look at five tables that are empty most of the time is cheaper than deleting nothing from each. */
  private clearLeftovers(n: number): void {
    const { leftovers } = this.context;
    leftovers.exist ??= this.sql.hasLeftovers.get()?.found === 1;
    if (leftovers.exist) for (const statement of this.sql.clear) statement.run([n]);
  }

  private keep(packed: Packed, user: string): string {
    for (const payload of packed.payloads) this.context.payloads.put(payload, user);
    return packed.text;
  }

  /** The value that it replaces uses nothing any more. */
  private keepState(address: Omit<StateAddress, "was">, packed: Packed): string {
    const user = `state/${JSON.stringify([address.flow, address.name, address.key])}`;
    this.sql.unuse.run([user]);
    return this.keep(packed, user);
  }
}

const tablesOfLeftovers = ["task", "awaited", "slot", "slot_wait", "inbox"];

function prepare(database: SqliteDatabase) {
  const found = tablesOfLeftovers.map((table) => `EXISTS (SELECT 1 FROM ${table})`).join(" OR ");
  return {
    takeItem: database.prepare("DELETE FROM inbox WHERE id = ? AND run = ?"),
    putTask: database.prepare("INSERT OR REPLACE INTO task (run, path, body) VALUES (?, ?, ?)"),
    dropTask: database.prepare("DELETE FROM task WHERE run = ? AND path = ?"),
    putWait: database.prepare("INSERT OR REPLACE INTO awaited (run, path, topic) VALUES (?, ?, ?)"),
    dropWait: database.prepare("DELETE FROM awaited WHERE run = ? AND path = ?"),
    remember: database.prepare(
      "INSERT OR REPLACE INTO remembered (key, value, until) VALUES (?, ?, ?)",
    ),
    putState: database.prepare(
      "INSERT OR REPLACE INTO state (flow, name, key, value, at) VALUES (?, ?, ?, ?, ?)",
    ),
    unuse: database.prepare("DELETE FROM payload_use WHERE user = ?"),
    putSnapshot: database.prepare(
      "INSERT OR REPLACE INTO snapshot (run, seq, state) VALUES (?, ?, ?)",
    ),
    hasLeftovers: database.prepare<{ found: number }>(`SELECT ${found} AS found`),
    clear: tablesOfLeftovers.map((table) => database.prepare(`DELETE FROM ${table} WHERE run = ?`)),
  };
}
