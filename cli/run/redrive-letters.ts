import type { Redriven, RedriveOptions, RunStatus } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { onInterrupt } from "./interrupts.ts";
import { letterPages } from "./letter-pages.ts";
import { refuseMock } from "./refuse-mock.ts";
import type { Session } from "./with-runner.ts";

/** What became of a letter that was retried. */
interface RetriedLetter {
  readonly letter: string;
  readonly run: string;
  readonly status: RunStatus;
}

/** Retries many dead letters, waits for their runs, and tells what came of it. Gives the exit code. */
export async function redriveLetters(
  wanted: RedriveOptions,
  session: Session,
  invocation: Invocation,
): Promise<number> {
  const { options, terminal } = invocation;
  const { runner } = session;
  if (options.on("mock") || options.text("mock-script") !== undefined)
    for await (const page of letterPages(runner, { status: "open" }))
      for (const { run } of page) await refuseMock(run, runner, options);
  const [stop, leave] = [new AbortController(), new AbortController()];
  const quiet = options.on("quiet") || options.on("json");
  const say = (text: string): void => {
    if (!quiet) terminal.err(text);
  };
  let interrupts = 0;
  const stopListening = onInterrupt((count) => {
    interrupts = count;
    stop.abort();
    if (count >= 2) {
      session.leaveAtOnce();
      leave.abort();
    } else
      terminal.err(
        "retries no more, and waits for runs under way; Ctrl-C again leaves them to `agentflow resume`\n",
      );
  });
  try {
    const redriven = await runner.operations.redrive({
      ...wanted,
      signal: stop.signal,
      onProgress: ({ letter, run, message, done, total }) =>
        say(`[${done}/${total}] ${letter} ${message ?? `goes on as run ${run}`}\n`),
    });
    const retried = await statuses(redriven, session, leave.signal);
    if (options.on("json")) terminal.out(`${JSON.stringify({ ...redriven, retried }, null, 2)}\n`);
    else report(redriven, retried, invocation);
    return interrupts > 0 ? exitCodes.interrupted : exitCodeOf(redriven, retried);
  } finally {
    stopListening();
  }
}

/** One run may have had several letters. */
async function statuses(
  { retried }: Redriven,
  { runner }: Session,
  signal: AbortSignal,
): Promise<readonly RetriedLetter[]> {
  const ends = new Map<string, RunStatus>();
  for (const { run } of retried) {
    if (ends.has(run)) continue;
    const ended = await runner.wait(run, { signal }).catch(async (error: unknown) => {
      if (!signal.aborted) throw error;
      return await runner.show(run);
    });
    ends.set(run, ended?.status ?? "queued");
  }
  return retried.map((entry) => ({ ...entry, status: ends.get(entry.run) ?? "queued" }));
}

function exitCodeOf({ refused, stopped }: Redriven, retried: readonly RetriedLetter[]): number {
  if (refused.length > 0 || stopped !== null || retried.some(hasFailed)) return exitCodes.failed;
  return retried.every(({ status }) => status === "succeeded") ? exitCodes.ok : exitCodes.waiting;
}

function hasFailed({ status }: RetriedLetter): boolean {
  return status === "failed" || status === "cancelled";
}

function report(
  { matching, refused, stopped }: Redriven,
  retried: readonly RetriedLetter[],
  { terminal, options }: Invocation,
): void {
  if (matching === 0) {
    terminal.err("no open dead letter fits\n");
    return;
  }
  const { red, bold } = terminal.errColors;
  if (options.on("quiet"))
    for (const { letter, message } of refused) terminal.err(`${letter} ${message}\n`);
  const counts = (
    ["succeeded", "failed", "cancelled", "waiting", "paused", "running", "queued"] as const
  )
    .map((status) => [status, retried.filter((entry) => entry.status === status).length] as const)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`);
  const left = matching - retried.length - refused.length;
  const figures = [
    ...counts,
    ...(refused.length > 0 ? [`${refused.length} refused`] : []),
    ...(left > 0 ? [`${left} left alone`] : []),
  ];
  if (stopped !== null) terminal.err(`${bold(red("stopped"))}: ${stopped}\n`);
  terminal.err(
    `${matching} dead ${matching === 1 ? "letter" : "letters"}: ${figures.join(", ")}\n`,
  );
  const [failed] = retried.filter(hasFailed);
  if (failed !== undefined)
    terminal.err("what failed again is kept again: agentflow dead-letters list\n");
}
