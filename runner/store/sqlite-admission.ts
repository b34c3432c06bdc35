import type { StateReading } from "../../plan/history.ts";
import type { Admission, StateAddress, Store } from "../ports/store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { RunReader } from "./sqlite-runs.ts";

type AdmissionResult = Awaited<ReturnType<Store["admit"]>>;

export interface AdmissionDesk {
  /** Within a flush. */
  admit(request: Admission): AdmissionResult;
  readState(state: StateAddress): StateReading;
}

export function createAdmissionDesk(context: SqliteContext, reader: RunReader): AdmissionDesk {
  const { database, payloads, ownership } = context;
  const held = database.prepare("SELECT 1 FROM slot WHERE key = ? AND run = ?");
  const taken = database.prepare<{ count: number }>(
    "SELECT count(*) AS count FROM slot WHERE key = ?",
  );
  const ahead = database.prepare(
    "SELECT 1 FROM slot_wait WHERE key = ? AND n < coalesce((SELECT n FROM slot_wait WHERE key = ? AND run = ?), 9e15) AND run <> ?",
  );
  const take = database.prepare("INSERT OR IGNORE INTO slot (key, run) VALUES (?, ?)");
  const waits = database.prepare("SELECT 1 FROM slot_wait WHERE key = ? AND run = ?");
  const line = database.prepare("INSERT INTO slot_wait (key, slots, run) VALUES (?, ?, ?)");
  const leaveLines = database.prepare("DELETE FROM slot_wait WHERE run = ?");
  const state = database.prepare<{ value: string; at: number }>(
    "SELECT value, at FROM state WHERE flow = ? AND name = ? AND key = ?",
  );

  function readState(address: StateAddress): StateReading {
    const { flow, name, was, key } = address;
    const row =
      state.get([flow, name, key]) ?? (was === undefined ? undefined : state.get([flow, was, key]));
    const stored = row === undefined ? null : { value: payloads.unpack(row.value), atMs: row.at };
    return { name, key, stored };
  }

  return {
    readState,
    admit({ run, epoch, slots, states }) {
      const owned = ownership.get(run);
      const row = owned === undefined ? reader.row(run) : undefined;
      const current = owned ?? (row?.owner === null ? undefined : row);
      if (current === undefined || current.epoch !== epoch) return { kind: "fenced" };
      const { n } = current;
      if (slots.length > 0) context.leftovers.exist = true;
      const blocked = slots.some(({ key, limit }) => {
        if (held.get([key, n]) !== undefined) return false;
        return (taken.get([key])?.count ?? 0) >= limit || ahead.get([key, key, n, n]) !== undefined;
      });
      if (blocked) {
        for (const { key, limit } of slots) {
          if (waits.get([key, n]) === undefined) line.run([key, limit, n]);
        }
        return { kind: "queued" };
      }
      for (const { key } of slots) take.run([key, n]);
      if (slots.length > 0) leaveLines.run([n]);
      return { kind: "admitted", states: states.map(readState) };
    },
  };
}
