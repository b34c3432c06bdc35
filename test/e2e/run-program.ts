import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { compile } from "../../compiler/index.ts";
import type { CompilerHost } from "../../compiler/index.ts";
import type { RunEvent } from "../../plan/history.ts";
import type { Json } from "../../plan/expression.ts";
import type { Plan } from "../../plan/plan.ts";
import { openRunner } from "../../runner/index.ts";
import type { People, RunDetail, Runner, RunnerOptions } from "../../runner/index.ts";

import { recordHistory } from "../histories/record-history.ts";
import { fastClock } from "./fast-clock.ts";

const programs = join(import.meta.dirname, "../programs");

export interface ProgramRun {
  /** `05-order-saga`, one of `test/programs`. */
  readonly program: string;
  readonly flow: string;
  readonly input: { readonly [param: string]: Json };
  /** Answers of the mock model, by agent or step path. */
  readonly answers?: Json;
  readonly models?: RunnerOptions["models"];
  /** Variables of the environment: values of `config`. */
  readonly variables?: { readonly [name: string]: string };
  readonly people?: People;
  /** Where the Slack module posts instead of slack.com. */
  readonly slack?: string;
  /** Folder of the program's modules. */
  readonly folder?: string;
  /** How much faster than ours the runner's clock runs; 20 unless told. */
  readonly clockFactor?: number;
}

export interface Finished {
  readonly run: RunDetail;
  readonly events: readonly RunEvent[];
  /** `kind path`, in order, of what happened to activities. */
  readonly story: readonly string[];
}

const compiled = new Map<string, Plan>();

export function compileProgram(program: string, slack = "https://slack.com"): Plan {
  const { plan, diagnostics } = compile(programHost(slack), `${program}.agentflow`);
  if (plan === null)
    throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n"));
  compiled.set(plan.hash, plan);
  return plan;
}

/** The programs as they stand, except for the address of Slack, which is fixed in the library. */
export function programHost(slack: string): CompilerHost {
  return {
    read(path) {
      const file = path.startsWith("std/")
        ? join(import.meta.dirname, "../../stdlib", path.slice("std/".length))
        : join(programs, path);
      return existsSync(file)
        ? readFileSync(file, "utf8").replaceAll("https://slack.com", slack)
        : null;
    },
  };
}

/** Opens a store in a new folder, does something with it, and takes both away. */
export async function withProgramRunner<T>(
  options: Omit<ProgramRun, "program" | "flow" | "input">,
  work: (runner: Runner) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-e2e-"));
  const runner = await openRunner({
    store: join(folder, "agentflow.db"),
    variables: options.variables ?? {},
    folder: options.folder ?? programs,
    models: options.models ?? {
      kind: "mock",
      ...(options.answers === undefined ? {} : { script: JSON.stringify(options.answers) }),
    },
    clock: fastClock(options.clockFactor ?? 20),
    ...(options.people === undefined ? {} : { people: options.people }),
  });
  try {
    return await work(runner);
  } finally {
    await runner.close({ graceMs: 1_000 });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program to its end, or until it waits for somebody. */
export async function runProgram(options: ProgramRun): Promise<Finished> {
  return await withProgramRunner(options, async (runner) => await startAndWait(runner, options));
}

export async function startAndWait(
  runner: Runner,
  { program, flow, input, slack }: ProgramRun,
): Promise<Finished> {
  const started = await runner.start({ plan: compileProgram(program, slack), flow, input });
  if (!started.ok) throw new Error(`${started.code}: ${started.message}`);
  await runner.wait(started.run);
  return await inspect(runner, started.run);
}

export async function inspect(runner: Runner, id: string): Promise<Finished> {
  const run = await runner.show(id);
  if (run === null) throw new Error(`run ${id} is gone`);
  const events = await runner.events(id);
  const story = events.flatMap((event) =>
    event.kind.startsWith("activity.") && "path" in event
      ? [`${event.kind.slice("activity.".length)} ${event.path}`]
      : [],
  );
  const plan = compiled.get(run.planHash);
  if (plan !== undefined && run.endedAtMs !== null) recordHistory(plan, { events, detail: run });
  return { run, events, story };
}
