import type { DeadLetterHead, Runner } from "./api.ts";
import type { Clock } from "./ports/clock.ts";

export interface RedriveOptions {
  readonly queue?: string;
  /** Id of a flow. */
  readonly flow?: string;
  /** One of its errors has this code. */
  readonly code?: string;
  /** So many are retried first; the rest only when every one of them has succeeded. None unless told. */
  readonly canary?: number;
  /** At most so many a minute; as fast as they go unless told. */
  readonly perMinute?: number;
  /** At most so many altogether. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** After each letter. */
  readonly onProgress?: (done: RedriveProgress) => void;
}

export interface RedriveProgress {
  readonly letter: string;
  /** Null when it was refused. */
  readonly run: string | null;
  readonly message: string | null;
  readonly done: number;
  readonly total: number;
}

export interface Redriven {
  readonly matching: number;
  readonly retried: readonly { readonly letter: string; readonly run: string }[];
  readonly refused: readonly { readonly letter: string; readonly message: string }[];
  /** Why the rest was left alone; null when nothing was. */
  readonly stopped: string | null;
}

type Redrivable = Pick<Runner, "deadLetters" | "wait">;

/**
 * Retries all open dead letters that fit, the oldest first. Can be stopped and repeated at any time: a letter that was retried is
 * not open any more, and one that was caught in between finds the run it started.
 */
export async function redrive(
  runner: Redrivable,
  clock: Clock,
  options: RedriveOptions,
): Promise<Redriven> {
  const letters = (await lettersOf(runner, options))
    .sort((left, right) => left.atMs - right.atMs)
    .slice(0, options.limit);
  const state: State = { runner, clock, options, total: letters.length, retried: [], refused: [] };
  const canary = Math.min(options.canary ?? 0, letters.length);
  const done = (stopped: string | null): Redriven => ({
    matching: letters.length,
    retried: state.retried,
    refused: state.refused,
    stopped,
  });
  if (!(await retryAll(letters.slice(0, canary), state))) return done("it was interrupted");
  const trouble = canary === 0 ? null : await troubleOf(canary, state);
  if (trouble !== null) return done(trouble);
  return done((await retryAll(letters.slice(canary), state)) ? null : "it was interrupted");
}

interface State {
  readonly runner: Redrivable;
  readonly clock: Clock;
  readonly options: RedriveOptions;
  readonly total: number;
  readonly retried: { readonly letter: string; readonly run: string }[];
  readonly refused: { readonly letter: string; readonly message: string }[];
}

/** False when it was interrupted. */
async function retryAll(letters: readonly Letter[], state: State): Promise<boolean> {
  const { runner, clock, options, total, retried, refused } = state;
  const { perMinute, signal, onProgress } = options;
  for (const { id } of letters) {
    if (signal?.aborted === true) return false;
    const startedAtMs = clock.monotonic();
    const outcome = await runner.deadLetters.retry(id);
    if (outcome.ok) retried.push({ letter: id, run: outcome.run });
    else refused.push({ letter: id, message: outcome.message });
    onProgress?.({
      letter: id,
      run: outcome.ok ? outcome.run : null,
      message: outcome.ok ? null : outcome.message,
      done: retried.length + refused.length,
      total,
    });
    const restMs =
      perMinute === undefined ? 0 : 60_000 / perMinute - (clock.monotonic() - startedAtMs);
    const more = retried.length + refused.length < total;
    if (restMs > 0 && more) await pause(restMs, clock, signal);
  }
  return true;
}

/** Null when all that were tried first have succeeded. */
async function troubleOf(canary: number, state: State): Promise<string | null> {
  const { runner, retried, refused, options } = state;
  const [first] = refused;
  if (first !== undefined)
    return `of the ${canary} tried first, ${first.letter} was refused: ${first.message}`;
  for (const { letter, run } of retried) {
    const { signal } = options;
    const end = await runner
      .wait(run, signal === undefined ? {} : { signal })
      .catch((error: unknown) => {
        if (signal?.aborted === true) return null;
        throw error;
      });
    if (end === null) return "it was interrupted";
    if (end.status !== "succeeded") {
      const why = end.error === null ? "" : `: ${end.error.code} ${end.error.message}`;
      return `of the ${canary} tried first, ${letter} is ${end.status} again (run ${run})${why}`;
    }
  }
  return null;
}

/** No more is kept of each than that, because there may be many. */
type Letter = Pick<DeadLetterHead, "id" | "atMs">;

const lettersPerPage = 1_000;

async function lettersOf(runner: Redrivable, options: RedriveOptions): Promise<Letter[]> {
  const { queue } = options;
  const found: Letter[] = [];
  for (let after = ""; ;) {
    const page = await runner.deadLetters.list({
      status: "open",
      after,
      limit: lettersPerPage,
      ...(queue === undefined ? {} : { queue }),
    });
    for (const letter of page)
      if (fits(letter, options)) found.push({ id: letter.id, atMs: letter.atMs });
    if (page.length < lettersPerPage) return found;
    after = page.at(-1)?.id ?? after;
  }
}

function fits(letter: DeadLetterHead, { flow, code }: RedriveOptions): boolean {
  return (
    (flow === undefined || letter.flow === flow) &&
    (code === undefined || letter.errors.some((error) => error.code === code))
  );
}

function pause(ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = clock.after(ms, done);
    function done(): void {
      signal?.removeEventListener("abort", done);
      stop();
      resolve();
    }
    signal?.addEventListener("abort", done, { once: true });
  });
}
