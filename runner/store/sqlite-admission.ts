import type { StateReading } from "../../plan/history.ts";
import type { Admission, StateAddress, Store } from "../ports/store.ts";
import type { SqliteContext } from "./sqlite-context.ts";
import type { RunReader } from "./sqlite-runs.ts";
import type { SlotLines } from "./sqlite-slots.ts";

type AdmissionResult = Awaited<ReturnType<Store["admit"]>>;

export interface AdmissionDesk {
  admit(request: Admission): Promise<AdmissionResult>;
  readState(state: StateAddress): Promise<StateReading>;
}

/** A state as it stands in the table: read within a flush, and made a value after it. */
interface StateRow extends Pick<StateReading, "name" | "key"> {
  readonly row: { readonly value: string; readonly at: number } | undefined;
}

export function createAdmissionDesk(
  context: SqliteContext,
  parts: { readonly reader: RunReader; readonly lines: SlotLines },
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

  function take({ run, epoch, slots, states }: Admission): "fenced" | "queued" | StateRow[] {
    const owned = ownership.get(run);
    const row = owned === undefined ? parts.reader.row(run) : undefined;
    const current = owned ?? (row?.owner === null ? undefined : row);
    if (current === undefined || current.epoch !== epoch) return "fenced";
    if (!parts.lines.take(current.n, slots)) return "queued";
    return states.map(look);
  }

  return {
    readState: (address) => toReading(look(address)),
    async admit(request) {
      const taken = await flush.write(() => take(request));
      if (typeof taken === "string") return { kind: taken };
      return { kind: "admitted", states: await Promise.all(taken.map(toReading)) };
    },
  };
}
