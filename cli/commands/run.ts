import type { Runner, StartOptions } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { collectInput } from "../run/collect-input.ts";
import type { CollectedInput } from "../run/collect-input.ts";
import { exitCodes } from "../exit-codes.ts";
import { checkEnvironment } from "../project/check-environment.ts";
import { loadPlan } from "../project/load-plan.ts";
import type { LoadedPlan } from "../project/load-plan.ts";
import { chooseFlow, splitTarget } from "../project/choose-flow.ts";
import { checkAnswers } from "../people/check-answers.ts";
import { followAndReport } from "../run/follow-and-report.ts";
import { unwrap } from "../run/unwrap.ts";
import { withOperator, withRunner } from "../run/with-runner.ts";
import { UserMistake } from "../user-mistake.ts";

export async function run(invocation: Invocation): Promise<number> {
  refuseWithDetach(invocation);
  if (invocation.options.on("watch")) {
    const { repeatOnChange } = await import("../run/repeat-on-change.ts");
    return await repeatOnChange(invocation, async () => {
      const loaded = await loadTarget(invocation);
      return { exitCode: await runOnce(invocation, loaded), files: loaded.files };
    });
  }
  return await runOnce(invocation, await loadTarget(invocation));
}

async function loadTarget({ args, environment, terminal }: Invocation): Promise<LoadedPlan> {
  const { file } = splitTarget(args[0] ?? "");
  return await loadPlan({ file, environment, terminal });
}

async function runOnce(invocation: Invocation, loaded: LoadedPlan): Promise<number> {
  const [target = ""] = invocation.args;
  const flow = chooseFlow(loaded.plan, splitTarget(target).flow, splitTarget(target).file);
  checkEnvironment(loaded.plan, invocation.options.text("env"));
  checkAnswers(loaded.plan, invocation.options.texts("answer"));
  const collected = await collectInput(loaded.plan, flow, invocation);
  const what: Start = { invocation, loaded, flow: flow.id, collected };
  const place = { ...invocation, programFolder: loaded.folder, makesStore: true };
  if (invocation.options.on("detach"))
    return await withOperator(place, async (runner) =>
      leave(await start(runner, what), flow.id, invocation),
    );
  return await withRunner({ ...place, takeOver: true }, async (session) => {
    const id = await start(session.runner, what);
    return await followAndReport(id, session, invocation);
  });
}

/** What only holds while this process is there. */
const heldHere = ["watch", "answer", "mock-script", "seed", "mock-people"];

function refuseWithDetach({ options }: Invocation): void {
  if (!options.on("detach")) return;
  const held = heldHere.find((name) => options.on(name) || options.texts(name).length > 0);
  if (held === undefined) return;
  throw new UserMistake(`--${held} holds as long as this process goes on, and --detach ends it`, {
    hints: ["leave one of them out"],
  });
}

function leave(run: string, flow: string, { options, terminal }: Invocation): number {
  if (options.on("json")) terminal.out(`${JSON.stringify({ run, flow }, null, 2)}\n`);
  else terminal.out(`${run}\n`);
  if (!options.on("quiet") && !options.on("json"))
    terminal.err(
      `started ${flow}; a worker of the store goes on with it, or agentflow resume\n  agentflow runs show ${run}\n`,
    );
  return exitCodes.ok;
}

interface Start {
  readonly invocation: Invocation;
  readonly loaded: LoadedPlan;
  /** Its id in the plan. */
  readonly flow: string;
  readonly collected: CollectedInput;
}

async function start(
  runner: Runner,
  { invocation, loaded, flow, collected }: Start,
): Promise<string> {
  const { options, terminal } = invocation;
  for (const file of collected.files) await runner.storeFile(file);
  const key = options.text("key");
  const environment = options.text("env");
  const overlap = options.text("overlap") as StartOptions["overlap"];
  const outcome = await runner.start({
    plan: loaded.plan,
    flow,
    input: collected.input,
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(environment === undefined ? {} : { environment }),
    ...(overlap === undefined ? {} : { overlap }),
  });
  if (!outcome.ok && outcome.code === "conflict" && overlap === "skip")
    throw await overlapMistake(runner, { flow, message: outcome.message });
  const started = unwrap(outcome);
  if (started.existing)
    terminal.err(`this key has started run ${started.run} before; nothing new was started\n`);
  return started.run;
}

/** A start that was to be skipped: says behind which runs it would have queued. */
async function overlapMistake(
  runner: Runner,
  { flow, message }: { readonly flow: string; readonly message: string },
): Promise<UserMistake> {
  const busy = await runner.list({ flow, status: ["running", "waiting", "paused"], limit: 5 });
  return new UserMistake(message, {
    exitCode: exitCodes.refused,
    code: "conflict",
    hints: [
      ...busy.map(({ id, status, waitsFor }) => `${id} ${waitsFor ?? status}`),
      "--overlap queue waits for its turn, --overlap replace cancels what goes on",
    ],
    data: { runs: busy.map(({ id }) => id) },
  });
}
