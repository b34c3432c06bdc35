import type { StateReading } from "../../../plan/history.ts";
import type { StateAddress, Store } from "../../ports/store.ts";
import { takeCallSlots } from "./call-slots.ts";
import type { PostgresContext } from "./postgres-context.ts";
import type { Tx } from "./postgres-database.ts";
import { lockKeys, takeSlots } from "./slot-lines.ts";

type Desk = Pick<Store, "admit" | "takeSlots" | "readState">;

/** Lets runs in, and gives them the states that they may then read. */
export function createAdmissionDesk({ database, payloads }: PostgresContext): Desk {
  async function read(tx: Pick<Tx, "query">, address: StateAddress): Promise<StateReading> {
    const { flow, name, was, key } = address;
    const { rows } = await tx.query<{ value: string; at: number }>(
      "SELECT value, at FROM @state WHERE flow = $1 AND name = ANY ($2) AND key = $3 ORDER BY name = $4 DESC LIMIT 1",
      [flow, was === undefined ? [name] : [name, was], key, name],
    );
    const [row] = rows;
    if (row === undefined) return { name, key, stored: null };
    const [value = null] = await payloads.unpack([row.value]);
    return { name, key, stored: { value, atMs: row.at } };
  }

  return {
    readState: (state) => read(database, state),
    takeSlots: (run, epoch) => database.transaction((tx) => takeCallSlots(tx, { run, epoch })),
    async admit({ run, epoch, slots, states }) {
      // Nothing to take and nothing to read, so nothing to write: what the run then appends is checked anyway.
      if (slots.length === 0 && states.length === 0) return { kind: "admitted", states: [] };
      const kind = await database.transaction(async (tx) => {
        const { rows } = await tx.query<{ n: number }>(
          "SELECT n FROM @run WHERE id = $1 AND epoch = $2 AND owner IS NOT NULL FOR SHARE",
          [run, epoch],
        );
        const [row] = rows;
        if (row === undefined) return "fenced";
        await lockKeys(
          tx,
          slots.map(({ key }) => key),
        );
        return (await takeSlots(tx, row.n, slots)) ? "admitted" : "queued";
      });
      if (kind !== "admitted") return { kind };
      // Who holds the slots writes these states alone, so they can't change any more.
      return { kind, states: await Promise.all(states.map((state) => read(database, state))) };
    },
  };
}
