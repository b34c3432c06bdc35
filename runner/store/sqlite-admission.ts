import type { StateReading } from "../../plan/history.ts";
import type { Admission, StateAddress, Store } from "../ports/store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { RunReader } from "./sqlite-runs.ts";
import type { SlotLines } from "./sqlite-slots.ts";

type AdmissionResult = Awaited<ReturnType<Store["admit"]>>;

export interface AdmissionDesk {
  /** Within a flush. */
  admit(request: Admission): AdmissionResult;
  readState(state: StateAddress): StateReading;
}

export function createAdmissionDesk(
  context: SqliteContext,
  parts: { readonly reader: RunReader; readonly lines: SlotLines },
): AdmissionDesk {
  const { database, payloads, ownership } = context;
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
      const row = owned === undefined ? parts.reader.row(run) : undefined;
      const current = owned ?? (row?.owner === null ? undefined : row);
      if (current === undefined || current.epoch !== epoch) return { kind: "fenced" };
      if (!parts.lines.take(current.n, slots)) return { kind: "queued" };
      return { kind: "admitted", states: states.map(readState) };
    },
  };
}
