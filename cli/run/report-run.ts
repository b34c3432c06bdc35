import type { Json } from "../../plan/expression.ts";
import type { HumanTask, RunDetail, Runner } from "../../runner/index.ts";
import { questionText } from "../people/question-text.ts";
import type { Terminal } from "../terminal.ts";
import { exitCodeOf } from "./follow-run.ts";
import type { Followed } from "./follow-run.ts";

export interface ReportOptions {
  readonly runner: Runner;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** Words to repeat in the commands that are proposed: `--store x.db`. */
  readonly storeWords: string;
}

/** Prints the result, or what to do next, and gives the exit code. */
export async function reportRun(followed: Followed, options: ReportOptions): Promise<number> {
  const { run } = followed;
  const tasks = run.status === "waiting" ? await options.runner.tasks(run.id) : [];
  if (options.json) options.terminal.out(`${JSON.stringify(runDocument(run, tasks), null, 2)}\n`);
  else reportText(followed, tasks, options);
  return exitCodeOf(followed);
}

/** What `--json` prints about a run. */
export function runDocument(run: RunDetail, tasks: readonly HumanTask[]): object {
  const {
    id,
    flow,
    status,
    input,
    output,
    error,
    waitsFor,
    startedAtMs,
    endedAtMs,
    cost,
    tokensIn,
    tokensOut,
  } = run;
  return {
    run: id,
    flow,
    status,
    input,
    output,
    error,
    waitsFor,
    tasks: tasks.map(({ path, agent, question, schema, dueAtMs }) => ({
      step: path,
      agent,
      question: questionText(question),
      schema,
      dueAt: isoTime(dueAtMs),
    })),
    startedAt: isoTime(startedAtMs),
    endedAt: isoTime(endedAtMs),
    cost,
    tokensIn,
    tokensOut,
  };
}

export function isoTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

function reportText(
  { run, interrupts, cancelling }: Followed,
  tasks: readonly HumanTask[],
  options: ReportOptions,
): void {
  const { terminal, storeWords } = options;
  const { bold, dim, red, yellow, cyan } = terminal.errColors;
  const command = (words: string): string => cyan(`agentflow ${words} ${run.id}${storeWords}`);
  switch (run.status) {
    case "succeeded":
      terminal.out(outputText(run.output));
      return;
    case "failed":
      terminal.err(`${bold(red("failed"))}: ${errorText(run)}\n`);
      terminal.err(
        `  ${dim("see it")}     ${command("runs show")}\n  ${dim("try again")}  ${command("retry")}\n`,
      );
      return;
    case "cancelled":
      terminal.err(`${bold(red("cancelled"))}: ${errorText(run)}\n`);
      return;
    default:
      terminal.err(
        `${bold(yellow(interrupts > 1 ? "left as it is" : (run.waitsFor ?? run.status)))}\n`,
      );
      for (const task of tasks) {
        terminal.err(`  ${questionText(task.question).split("\n").join("\n  ")}\n`);
        const answer = cyan(`agentflow answer ${run.id} ${task.path}${storeWords}`);
        terminal.err(`  ${dim("answer")}  ${answer}\n`);
      }
      for (const topic of awaitedTopics(run)) {
        terminal.err(
          `  ${dim("publish")}  ${cyan(`agentflow emit ${topic} '{ … }'${storeWords}`)}\n`,
        );
      }
      if (tasks.length === 0 && awaitedTopics(run).length === 0) {
        const ends = cancelling && interrupts > 1 ? " ends the cancellation that had begun" : "";
        terminal.err(`  ${dim("go on")}  ${command("resume")}${ends}\n`);
      }
  }
}

function awaitedTopics({ waits }: RunDetail): readonly string[] {
  return waits.flatMap((wait) => (wait.kind === "event" ? [wait.topic] : []));
}

function errorText({ error }: RunDetail): string {
  if (error === null) return "without a reason";
  const place = error.step === null ? "" : `${error.step}: `;
  const tries = error.attempts > 1 ? ` (after ${error.attempts} attempts)` : "";
  return `${place}${error.code}: ${error.message}${tries}`;
}

/** Text as it is, everything else as JSON; nothing for null. */
export function outputText(output: Json): string {
  if (output === null) return "";
  return typeof output === "string" ? `${output}\n` : `${JSON.stringify(output, null, 2)}\n`;
}
