import type { StateReading } from "../../plan/history.ts";
import type { Admission, StateAddress, Store } from "../ports/store.ts";
import type { CallSlots } from "./sqlite-call-slots.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { RunReader } from "./sqlite-runs.ts";
import type { SlotLines } from "./sqlite-slots.ts";

type AdmissionResult = Awaited<ReturnType<Store["admit"]>>;

export interface AdmissionDesk {
  admit(request: Admission): Promise<AdmissionResult>;
  takeSlots(run: string, epoch: number): Promise<boolean>;
  readState(state: StateAddress): Promise<StateReading>;
}

/** A state as it stands in the table: read within a flush, and made a value after it. */
interface StateRow extends Pick<StateReading, "name" | "key"> {
  readonly row: { readonly value: string; readonly at: number } | undefined;
}

export function createAdmissionDesk(
  context: SqliteContext,
  parts: { readonly reader: RunReader; readonly lines: SlotLines; readonly calls: CallSlots },
): AdmissionDesk {
  const { database, payloads, ownership, flush } = context;
  const state = database.prepare<{ value: string; at: number }>(
    "SELECT value, at FROM state WHERE flow = ? AND name = ? AND key = ?",
  );

  function look(address: StateAddress): StateRow {
    const { flow, name, was, key } = address;
    const row =
      state.get([flow, name, key]) ?? (was === undefined ? undefined : state.get([flow, was, key]));
    return { name, key, row };
  }

  async function toReading({ name, key, row }: StateRow): Promise<StateReading> {
    if (row === undefined) return { name, key, stored: null };
    return { name, key, stored: { value: await payloads.unpack(row.value), atMs: row.at } };
  }

  /** Number of the run, null when somebody else has it. */
  function numberOf(run: string, epoch: number): number | null {
    const owned = ownership.get(run);
    const row = owned === undefined ? parts.reader.row(run) : undefined;
    const current = owned ?? (row?.owner === null ? undefined : row);
    return current === undefined || current.epoch !== epoch ? null : current.n;
  }

  function take({ run, epoch, slots, states }: Admission): "fenced" | "queued" | StateRow[] {
    const n = numberOf(run, epoch);
    if (n === null) return "fenced";
    if (!parts.lines.take(n, slots)) return "queued";
    return states.map(look);
  }

  return {
    takeSlots: (run, epoch) =>
      flush.write(() => {
        const n = numberOf(run, epoch);
        return n !== null && parts.calls.takeCalls(n, run);
      }),
    readState: (address) => toReading(look(address)),
    async admit(request) {
      const taken = await flush.write(() => take(request));
      if (typeof taken === "string") return { kind: taken };
      return { kind: "admitted", states: await Promise.all(taken.map(toReading)) };
    },
  };
}
