import type { AppendEntry, AppendResult, HeadChange } from "../ports/store.ts";
import type { Owned, SqliteContext } from "./sqlite-context.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import type { EntryWriter } from "./sqlite-entry.ts";
import { packEntry, packEntrySmall, payloadsOf, type PackedEntry } from "./entry-packing.ts";
import type { RunReader } from "./sqlite-runs.ts";
import { storeAhead } from "./sqlite-store-ahead.ts";

/** Appends entries: checks who owns the run and how far it is, then writes what changed. */
export class Appender {
  private readonly context: SqliteContext;
  private readonly reader: RunReader;
  private readonly entries: EntryWriter;
  private readonly sql: ReturnType<typeof prepare>;

  constructor(context: SqliteContext, reader: RunReader, entries: EntryWriter) {
    this.context = context;
    this.reader = reader;
    this.entries = entries;
    this.sql = prepare(context.database);
  }

  append(entry: AppendEntry): Promise<AppendResult> {
    const { flush } = this.context;
    const packed = packEntrySmall(entry);
    if (packed !== undefined) return flush.write(() => this.apply(packed));
    return this.appendLarge(entry);
  }

  private async appendLarge(entry: AppendEntry): Promise<AppendResult> {
    const packed = await packEntry(entry);
    await storeAhead(this.context, payloadsOf(packed));
    return this.context.flush.write(() => this.apply(packed));
  }

  private apply(packed: PackedEntry): AppendResult {
    const { entry } = packed;
    const { ownership, history } = this.context;
    const owned = ownership.get(entry.run) ?? this.load(entry.run);
    if (owned === undefined || owned.epoch !== entry.epoch || !ownership.isAlive(owned.session))
      return { kind: "fenced" };
    if (owned.seq !== entry.expectedSeq) return { kind: "conflict", seq: owned.seq };
    const { head } = entry;
    const last = entry.events.at(-1);
    if (last !== undefined) {
      const { cost, tokensIn, tokensOut } = head;
      const { events } = packed;
      history.add({ run: owned.n, lastSeq: last.seq, cost, tokensIn, tokensOut, events });
      owned.seq = last.seq;
    }
    const delivered = this.entries.write(owned.n, packed);
    if (head.ended === undefined) this.writeHead(owned, head);
    else this.writeEnd(owned.n, packed);
    if (head.release === true || head.ended !== undefined) ownership.forget(entry.run);
    return { kind: "ok", delivered };
  }

  /** Writes the run's row only when it says something else than before: a run that just goes on changes nothing in it. */
  private writeHead(owned: Owned, head: HeadChange): void {
    const { reopen, updateHead, release } = this.sql;
    const goesOn = owned.status === "queued" && head.status === "running" && head.release !== true;
    const same =
      (owned.status === head.status || goesOn) &&
      owned.wakeAtMs === head.wakeAtMs &&
      owned.waitsFor === head.waitsFor;
    if (!same || head.planHash !== undefined) {
      if (isEnded(owned.status)) reopen.run([owned.n]);
      updateHead.run([head.status, head.wakeAtMs, head.waitsFor, head.planHash ?? null, owned.n]);
      owned.status = head.status;
      owned.wakeAtMs = head.wakeAtMs;
      owned.waitsFor = head.waitsFor;
    }
    if (head.release === true) release.run([owned.n]);
  }

  private writeEnd(n: number, { entry, output, error }: PackedEntry): void {
    for (const payload of [...(output?.payloads ?? []), ...(error?.payloads ?? [])])
      this.context.payloads.put(payload, `run/${n}`);
    const { status, ended } = entry.head;
    this.sql.end.run([status, ended?.atMs ?? null, output?.text ?? null, error?.text ?? null, n]);
  }

  /** For a run that this process does not remember, such as one that was stolen from it. */
  private load(run: string): Owned | undefined {
    const row = this.reader.row(run);
    if (row === undefined || row.owner === null) return undefined;
    const { n, owner: session, epoch, status } = row;
    const { last_seq: seq, wake_at: wakeAtMs, waits_for: waitsFor } = row;
    return { n, session, epoch, seq, status, wakeAtMs, waitsFor };
  }
}

function prepare(database: SqliteDatabase) {
  return {
    updateHead: database.prepare(
      "UPDATE run SET status = ?, wake_at = ?, waits_for = ?, plan = coalesce(?, plan) WHERE n = ?",
    ),
    reopen: database.prepare(
      "UPDATE run SET ended_at = NULL, output = NULL, error = NULL WHERE n = ? AND ended_at IS NOT NULL",
    ),
    end: database.prepare(
      "UPDATE run SET status = ?, wake_at = NULL, waits_for = NULL, ended_at = ?, output = ?, error = ?, owner = NULL WHERE n = ?",
    ),
    release: database.prepare("UPDATE run SET owner = NULL WHERE n = ?"),
  };
}

export function isEnded(status: string): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}
