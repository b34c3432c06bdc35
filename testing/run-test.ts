import { compileExpression } from "../plan/evaluate/compile-expression.ts";
import { ValueRefused, namesOf } from "../plan/evaluate/names.ts";
import type { Names } from "../plan/evaluate/names.ts";
import { decodeValue } from "../plan/decode-value.ts";
import type { Json } from "../plan/expression.ts";
import type { TestPlan, TestStep } from "../plan/test-plan.ts";
import { compileProgram } from "../runner/engine/compile-program.ts";
import { openRun } from "../runner/engine/fold.ts";
import { BegunSteps } from "./begun-steps.ts";
import { ValueMissing, judgeExpect } from "./judge-expect.ts";
import { readRecording } from "./recorded-outcomes.ts";
import type { RecordedOutcomes } from "./recorded-outcomes.ts";
import type { TestFailure, TestResult, TestRun } from "./test-result.ts";
import { TestWorld } from "./test-world.ts";
import { remainingStubs } from "./remaining-stubs.ts";
import { runVirtually } from "./virtual-run.ts";

export interface TestOptions {
  /** Text of the file that `replay` names; null when there is none. */
  readonly readReplay?: (path: string) => string | null;
}

/** `continue` without end would never come back. */
const maxContinuations = 1_000;

/** Runs one `test` block: offline, in virtual time, on the engine that runs programs in production. */
export function runTest(test: TestPlan, options: TestOptions = {}): TestResult {
  return new TestSession(test, options).run();
}

class TestSession {
  readonly test: TestPlan;
  readonly world = new TestWorld();
  readonly config: { readonly [name: string]: Json };
  readonly runs: TestRun[] = [];
  readonly failures: TestFailure[] = [];
  readonly recording: RecordedOutcomes | null;
  /** Stubs are counted as they answer. */
  readonly #begun = new BegunSteps((flow) => {
    if (this.test.stubs[flow] === undefined) this.world.count(flow);
  });

  constructor(test: TestPlan, options: TestOptions) {
    this.test = test;
    this.config = configOf(test);
    this.recording = this.readReplay(options);
  }

  run(): TestResult {
    const { test, failures, runs, world } = this;
    for (const step of test.steps) {
      if (!this.runStep(step)) break;
    }
    if (runs.length === test.steps.length && failures.length === 0) {
      for (const expect of test.expects) {
        const failure = judgeExpect(expect, this.names(), test.plan.program.schemas);
        if (failure !== null) failures.push(failure);
      }
    }
    const { title, file, line } = test;
    return {
      title,
      file,
      line,
      passed: failures.length === 0,
      failures,
      runs,
      virtualMs: world.elapsedMs,
    };
  }

  /** False when the flow could not be run at all. */
  runStep(step: TestStep): boolean {
    const input = this.inputOf(step);
    if (input === null) return false;
    const run = this.runFlow(step, input);
    this.runs.push(run);
    if (run.status !== "stuck") return true;
    this.failures.push({
      line: step.line,
      text: null,
      message: `${step.name} can't go on: ${run.error?.message ?? ""}`,
    });
    return false;
  }

  inputOf(step: TestStep): { readonly [param: string]: Json } | null {
    const { schemas, flows } = this.test.plan.program;
    const flow = flows[step.flow];
    if (flow === undefined) throw new TypeError(`the plan lacks flow ${step.flow}`);
    const refuse = (message: string): null => {
      this.failures.push({
        line: step.line,
        text: null,
        message: `${step.name} can't start: ${message}`,
      });
      return null;
    };
    try {
      const given: Record<string, Json> = {};
      for (const param of flow.params) {
        const expression = step.arguments[param.name] ?? param.default;
        if (expression === undefined) continue;
        const names = param.name in step.arguments ? this.names() : namesOf(given, this.config);
        given[param.name] = compileExpression(expression, schemas)(names);
      }
      const decoded = decodeValue(schemas, flow.input, given);
      if (decoded.ok) return decoded.value as { readonly [param: string]: Json };
      return refuse(
        decoded.problems.map(({ path, message }) => `${path} ${message}`.trim()).join("; "),
      );
    } catch (error) {
      if (error instanceof ValueMissing || error instanceof ValueRefused)
        return refuse(error.message);
      throw error;
    }
  }

  runFlow(step: TestStep, input: { readonly [param: string]: Json }): TestRun {
    const first = this.runOnce(step, input, 0);
    const next = [...first.continuations];
    for (let count = 1; count < maxContinuations; count += 1) {
      const wanted = next.shift();
      if (wanted === undefined) break;
      const { flow, input, continuation } = wanted;
      this.world.nowMs += wanted.pauseMs;
      next.push(...this.runOnce({ ...step, flow }, input, continuation).continuations);
    }
    return first.run;
  }

  runOnce(
    step: TestStep,
    input: { readonly [param: string]: Json },
    continuation: number,
  ): {
    readonly run: TestRun;
    readonly continuations: ReturnType<typeof runVirtually>["continuations"];
  } {
    const { world, config, recording, test } = this;
    // Each run counts its stubbed calls from the first, but a sequence goes on from run to run.
    const program = compileProgram(test.plan, { stubs: remainingStubs(test.stubs, world.calls) });
    const machine = openRun(program);
    machine.state.observer = this.#begun;
    this.world.count(step.flow.split("(")[0] ?? step.flow);
    const { events, continuations, stuck } = runVirtually({
      machine,
      program,
      world,
      recording,
      created: {
        kind: "run.created",
        run: world.nextRun(),
        planHash: test.plan.hash,
        flow: step.flow,
        input,
        environment: "test",
        config,
        trigger: null,
        continuation,
      },
    });
    const { outcome, spent } = machine;
    const error =
      stuck === null
        ? (outcome?.error ?? null)
        : { code: "internal", message: stuck, step: step.flow, attempts: 1 };
    const run: TestRun = {
      name: step.name,
      flow: step.flow,
      status: stuck === null ? (outcome?.status ?? "stuck") : "stuck",
      output: outcome?.output ?? null,
      error,
      spent,
      events,
    };
    return { run, continuations };
  }

  names(): Names {
    return { lookup: (name) => this.lookup(name), config: (name) => this.config[name] };
  }

  /** Results of steps by name, and the test functions in call form. */
  lookup(name: string): Json | undefined {
    const call = /^(calls|ran|failed|spent)\((.*)\)$/.exec(name);
    if (call !== null) return this.observe(call[1] ?? "", call[2] ?? "");
    const run = this.runNamed(name);
    if (run === undefined) return undefined;
    // A flow's `fallback` answers for a run that failed inside.
    if (run.status === "succeeded") return run.output;
    throw new ValueMissing(`${name} has no value: ${whyNoValue(run)}`);
  }

  observe(question: string, subject: string): Json {
    switch (question) {
      case "calls":
        return this.world.calls.get(subject) ?? 0;
      case "ran":
        return this.#begun.has(subject);
      case "failed":
        return this.failureOf(subject);
      default:
        return this.runNamed(subject)?.spent.cost ?? 0;
    }
  }

  /** A run that its flow's `fallback` has rescued did not fail. */
  failureOf(name: string): string | null {
    const run = this.runNamed(name);
    return run === undefined || run.status === "succeeded" ? null : (run.error?.code ?? "internal");
  }

  runNamed(name: string): TestRun | undefined {
    return this.runs.find((candidate) => candidate.name === name);
  }

  readReplay({ readReplay }: TestOptions): RecordedOutcomes | null {
    const { replay } = this.test;
    if (replay === undefined) return null;
    const text = readReplay?.(replay) ?? null;
    const recording = text === null ? { problem: "there is no such file" } : readRecording(text);
    if (!("problem" in recording)) return recording;
    this.failures.push({
      line: this.test.line,
      text: null,
      message: `${replay} can't be replayed: ${recording.problem}`,
    });
    return null;
  }
}

function configOf({ plan, config }: TestPlan): { readonly [name: string]: Json } {
  const values: Record<string, Json> = {};
  for (const [name, { default: value, secret }] of Object.entries(plan.program.config)) {
    if (value !== undefined && !secret) values[name] = value;
  }
  for (const [name, expression] of Object.entries(config)) {
    values[name] = compileExpression(expression, plan.program.schemas)(namesOf(values, values));
  }
  return values;
}

function whyNoValue({ status, error }: TestRun): string {
  const message = error === null || error.message === "" ? "" : ` (${error.message})`;
  if (status === "cancelled") return `it was cancelled${message}`;
  if (status === "stuck") return `it stands still${message}`;
  return error === null ? "it has not ended" : `it failed with ${error.code}${message}`;
}
