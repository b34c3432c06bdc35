import type { Json } from "../../plan/expression.ts";
import type { StateReading } from "../../plan/history.ts";
import type { StateAddress } from "../ports/store.ts";

/** Values of states in a store in memory. */
export class MemoryStates {
  readonly values = new Map<string, { readonly value: Json; readonly atMs: number }>();

  read({ flow, name, was, key }: StateAddress): StateReading {
    const stored =
      this.values.get(stateKey(flow, name, key)) ??
      (was === undefined ? undefined : this.values.get(stateKey(flow, was, key)));
    return { name, key, stored: stored ?? null };
  }

  write(state: StateAddress & { readonly value: Json; readonly atMs: number }): void {
    const { flow, name, key, value, atMs } = state;
    this.values.set(stateKey(flow, name, key), { value, atMs });
  }
}

function stateKey(flow: string, name: string, key: string): string {
  return JSON.stringify([flow, name, key]);
}
