import type { CreatedRun, NewRun } from "../../runner/ports/new-run.ts";
import type { AppendEntry, AppendResult, ClaimedRun, Store } from "../../runner/ports/store.ts";

export interface StoreWatch {
  /** The store, seen through by the watch. */
  readonly store: Store;
  /** What it let through and must not; each fault begins with the number of its invariant. */
  faults(): Promise<readonly string[]>;
}

/**
 * Notes what a store answers, and finds what no store may: a write under a lease that has passed on (I7), an event that is written
 * twice (I1), and a start that was acknowledged without a run, or with two runs for one key (I8).
 */
export function watchStore(inner: Store): StoreWatch {
  const book = new StoreBook();
  const store = new Proxy(inner, {
    get(target, name): unknown {
      if (name === "append")
        return async (entry: AppendEntry) => book.appended(entry, await target.append(entry));
      if (name === "claim")
        return async (run: string, session: string) =>
          book.claimed(run, await target.claim(run, session));
      if (name === "createRun")
        return async (run: NewRun) => book.created(run, await target.createRun(run));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return { store, faults: () => book.faults(inner) };
}

class StoreBook {
  private readonly found: string[] = [];
  private readonly epochs = new Map<string, number>();
  private readonly seqs = new Map<string, number>();
  private readonly keys = new Map<string, string>();
  private readonly started = new Set<string>();

  claimed(run: string, claim: ClaimedRun | null): ClaimedRun | null {
    if (claim !== null) this.rise(run, claim.epoch, "was claimed");
    return claim;
  }

  appended(entry: AppendEntry, result: AppendResult): AppendResult {
    if (result.kind !== "ok") return result;
    const { run, epoch, events } = entry;
    this.rise(run, epoch, "was written");
    for (const { seq } of events) {
      const last = this.seqs.get(run) ?? 0;
      if (seq <= last) this.found.push(`I1 event ${seq} of ${run} was written after ${last}`);
      this.seqs.set(run, Math.max(seq, last));
    }
    return result;
  }

  created({ idempotencyKey: key }: NewRun, created: CreatedRun): CreatedRun {
    const { run } = created;
    if (created.skipped === true) return created;
    this.started.add(run);
    if (key === null) return created;
    const known = this.keys.get(key) ?? run;
    if (known !== run) this.found.push(`I8 the key ${key} has started ${known} and ${run}`);
    this.keys.set(key, run);
    return created;
  }

  async faults(store: Store): Promise<readonly string[]> {
    const faults = [...this.found];
    for (const run of this.started) {
      const [first] = await store.events(run, { afterSeq: 0, limit: 1 });
      if ((await store.head(run)) === null || first?.kind !== "run.created")
        faults.push(`I8 ${run} was acknowledged, but is not there`);
    }
    return faults;
  }

  private rise(run: string, epoch: number, what: string): void {
    const newest = this.epochs.get(run) ?? 0;
    if (epoch < newest) this.found.push(`I7 ${run} ${what} under epoch ${epoch} after ${newest}`);
    this.epochs.set(run, Math.max(epoch, newest));
  }
}
