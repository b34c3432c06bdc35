import { troubleOf } from "./postgres-errors.ts";

export interface GroupCommitOptions<Q, A> {
  /** Answers in the order of the requests. */
  readonly flush: (batch: readonly Q[]) => Promise<readonly A[]>;
  /** Requests in one flush. */
  readonly max: number;
  /** Two requests with the same key never share a flush, and go in their order. */
  readonly keyOf?: (request: Q) => string;
}

interface Waiting<Q, A> {
  readonly request: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Natural group commit: one flush is under way, and whatever is asked for meanwhile shares the next. A busy process so writes large
 * batches, an idle one waits for nothing.
 */
export class GroupCommit<Q, A> {
  private readonly options: GroupCommitOptions<Q, A>;
  private queue: Waiting<Q, A>[] = [];
  private flushing = false;
  private idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions<Q, A>) {
    this.options = options;
  }

  submit(request: Q): Promise<A> {
    return new Promise<A>((resolve, reject) => {
      this.queue.push({ request, resolve, reject });
      if (this.flushing) return;
      this.flushing = true;
      // Those of the same turn of the event loop come along.
      setImmediate(() => void this.work());
    });
  }

  /** Resolves when everything asked for so far has been answered. */
  settled(): Promise<void> {
    if (!this.flushing) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0) await this.answer(this.take());
    this.flushing = false;
    const { idle } = this;
    this.idle = [];
    for (const resolve of idle) resolve();
  }

  private take(): readonly Waiting<Q, A>[] {
    const { max, keyOf } = this.options;
    if (keyOf === undefined) return this.queue.splice(0, max);
    const batch: Waiting<Q, A>[] = [];
    const later: Waiting<Q, A>[] = [];
    const keys = new Set<string>();
    for (const waiting of this.queue) {
      const key = keyOf(waiting.request);
      const goes = batch.length < max && !keys.has(key);
      // One that has to wait also holds up those of its key behind it.
      keys.add(key);
      (goes ? batch : later).push(waiting);
    }
    this.queue = later;
    return batch;
  }

  private async answer(batch: readonly Waiting<Q, A>[]): Promise<void> {
    try {
      const answers = await this.options.flush(batch.map(({ request }) => request));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as A);
    } catch (error) {
      if (batch.length === 1 || troubleOf(error) !== "refused")
        for (const { reject } of batch) reject(error);
      // One that the database refuses must not take its neighbours down.
      else for (const waiting of batch) await this.answer([waiting]);
    }
  }
}
