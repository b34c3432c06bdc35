import type { Json } from "../../plan/expression.ts";
import type { AppendEntry, AppendResult, NewRun } from "../ports/store.ts";
import type { Owned, SqliteContext } from "./sqlite-context.ts";
import { pack, packSmall, type Packed } from "./sqlite-payload.ts";
import type { RunReader } from "./sqlite-runs.ts";

/** An entry whose values have been turned into text, which may take a while and so happens before the flush. */
export interface PackedEntry {
  readonly entry: AppendEntry;
  readonly events: Packed;
  readonly output: Packed | null;
  readonly error: Packed | null;
  readonly remember: readonly Packed[];
  readonly states: readonly Packed[];
  readonly snapshot: Packed | null;
  readonly starts: readonly { readonly run: NewRun; readonly events: Packed }[];
}

export function createAppend(
  context: SqliteContext,
  parts: {
    readonly reader: RunReader;
    readonly writeEntry: (n: number, packed: PackedEntry) => readonly string[];
  },
): (entry: AppendEntry) => Promise<AppendResult> {
  const { ownership, history, flush, payloads } = context;
  const updateHead = context.database.prepare(
    "UPDATE run SET status = ?, wake_at = ?, waits_for = ?, plan = coalesce(?, plan) WHERE n = ?",
  );
  const reopen = context.database.prepare(
    "UPDATE run SET ended_at = NULL, output = NULL, error = NULL WHERE n = ? AND ended_at IS NOT NULL",
  );
  const end = context.database.prepare(
    "UPDATE run SET status = ?, wake_at = NULL, waits_for = NULL, ended_at = ?, output = ?, error = ?, owner = NULL WHERE n = ?",
  );
  const release = context.database.prepare("UPDATE run SET owner = NULL WHERE n = ?");

  function apply(packed: PackedEntry): AppendResult {
    const { entry } = packed;
    const owned = ownership.get(entry.run) ?? load(entry.run);
    if (owned === undefined || owned.epoch !== entry.epoch) return { kind: "fenced" };
    if (owned.seq !== entry.expectedSeq) return { kind: "conflict", seq: owned.seq };
    const { head } = entry;
    const last = entry.events.at(-1);
    if (last !== undefined) {
      const { cost, tokensIn, tokensOut } = head;
      history.add({ run: owned.n, lastSeq: last.seq, cost, tokensIn, tokensOut, events: packed.events });
      owned.seq = last.seq;
    }
    const delivered = parts.writeEntry(owned.n, packed);
    writeHead(owned, packed);
    if (head.release === true || head.ended !== undefined) ownership.forget(entry.run);
    return { kind: "ok", delivered };
  }

  /** Writes the run's row only when it says something else than before: a run that just goes on changes nothing in it. */
  function writeHead(owned: Owned, { entry, output, error }: PackedEntry): void {
    const { head } = entry;
    if (head.ended !== undefined) {
      for (const packed of [output, error]) for (const payload of packed?.payloads ?? []) payloads.put(payload);
      end.run([head.status, head.ended.atMs, output?.text ?? null, error?.text ?? null, owned.n]);
      return;
    }
    const goesOn = owned.status === "queued" && head.status === "running" && head.release !== true;
    const same = (owned.status === head.status || goesOn) && owned.wakeAtMs === head.wakeAtMs && owned.waitsFor === head.waitsFor;
    if (!same || head.planHash !== undefined) {
      if (isEnded(owned.status)) reopen.run([owned.n]);
      updateHead.run([head.status, head.wakeAtMs, head.waitsFor, head.planHash ?? null, owned.n]);
      owned.status = head.status;
      owned.wakeAtMs = head.wakeAtMs;
      owned.waitsFor = head.waitsFor;
    }
    if (head.release === true) release.run([owned.n]);
  }

  /** For a run that this process does not remember, such as one that was stolen from it. */
  function load(run: string): Owned | undefined {
    const row = parts.reader.row(run);
    if (row === undefined || row.owner === null) return undefined;
    return {
      n: row.n,
      session: row.owner,
      epoch: row.epoch,
      seq: row.last_seq,
      status: row.status,
      wakeAtMs: row.wake_at,
      waitsFor: row.waits_for,
    };
  }

  return (entry) => {
    const packed = packEntrySmall(entry);
    if (packed !== undefined) return flush.write(() => apply(packed));
    return packEntry(entry).then((large) => flush.write(() => apply(large)));
  };
}

export function isEnded(status: string): boolean {
  return status === "succeeded" || status === "failed" || status === "cancelled";
}

const noneSmall = { output: null, error: null, remember: [], states: [], snapshot: null, starts: [] };

/** The way nearly all entries go: nothing in them is large, and most of them hold nothing but events. */
function packEntrySmall(entry: AppendEntry): PackedEntry | undefined {
  const rich =
    entry.remember !== undefined || entry.states !== undefined || entry.snapshot !== undefined || entry.starts !== undefined;
  if (rich) return undefined;
  const events = packSmall(entry.events);
  if (events === undefined) return undefined;
  const { ended } = entry.head;
  if (ended === undefined) return { entry, events, ...noneSmall };
  const output = packSmall(ended.output);
  const error = ended.error === null ? null : packSmall(ended.error);
  return output === undefined || error === undefined ? undefined : { entry, events, ...noneSmall, output, error };
}

async function packEntry(entry: AppendEntry): Promise<PackedEntry> {
  const packAll = (values: readonly Json[]): Promise<readonly Packed[]> => Promise.all(values.map(pack));
  const { ended } = entry.head;
  return {
    entry,
    events: await pack(entry.events as unknown as Json),
    output: ended === undefined ? null : await pack(ended.output),
    error: ended === undefined || ended.error === null ? null : await pack(ended.error as unknown as Json),
    remember: await packAll((entry.remember ?? []).map((item) => item.value)),
    states: await packAll((entry.states ?? []).map((item) => item.value)),
    snapshot: entry.snapshot === undefined ? null : await pack(entry.snapshot),
    starts: await Promise.all(
      (entry.starts ?? []).map(async (run) => ({ run, events: await pack(run.events as unknown as Json) })),
    ),
  };
}
