import type { KeptVector, Store } from "../ports/store.ts";

/** Where the texts of cached calls lie, by group. */
export class MemoryVectors {
  private readonly groups = new Map<string, Map<string, Kept>>();

  keep({ group, key, vector, untilMs }: Parameters<Store["keepVector"]>[0]): Promise<void> {
    const kept = this.groups.get(group) ?? new Map<string, Kept>();
    // Taken out first, so that what was kept last stands last.
    kept.delete(key);
    this.groups.set(group, kept.set(key, { vector: Int8Array.from(vector), untilMs }));
    return Promise.resolve();
  }

  find({ group, nowMs, limit }: Parameters<Store["vectors"]>[0]): Promise<readonly KeptVector[]> {
    const newestFirst = [...(this.groups.get(group) ?? [])].reverse();
    const alive = newestFirst.filter(([, { untilMs }]) => untilMs > nowMs).slice(0, limit);
    return Promise.resolve(alive.map(([key, { vector }]) => ({ key, vector })));
  }
}

interface Kept {
  readonly vector: Int8Array;
  readonly untilMs: number;
}
