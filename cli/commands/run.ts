import { didYouMean } from "../../base/did-you-mean.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Runner } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { collectInput } from "../run/collect-input.ts";
import type { CollectedInput } from "../run/collect-input.ts";
import { loadPlan } from "../project/load-plan.ts";
import type { LoadedPlan } from "../project/load-plan.ts";
import { chooseFlow, splitTarget } from "../project/choose-flow.ts";
import { checkAnswers } from "../people/check-answers.ts";
import { followAndReport } from "../run/follow-and-report.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";
import { UserMistake } from "../user-mistake.ts";

export async function run(invocation: Invocation): Promise<number> {
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
  return await withRunner(
    { ...invocation, programFolder: loaded.folder, takeOver: true, makesStore: true },
    async (session) => {
      const id = await start(session.runner, { invocation, loaded, flow: flow.id, collected });
      return await followAndReport(id, session, invocation);
    },
  );
}

function checkEnvironment({ program }: Plan, wanted: string | undefined): void {
  const names = Object.keys(program.environments);
  if (wanted === undefined || names.includes(wanted)) return;
  const [meant] = didYouMean(wanted, names);
  const known = names.length === 0 ? "it has none" : `it has ${names.join(", ")}`;
  throw new UserMistake(`the program has no \`config ${wanted} { … }\``, {
    hints: [meant === undefined ? known : `did you mean --env ${meant}?`],
  });
}

async function start(
  runner: Runner,
  {
    invocation,
    loaded,
    flow,
    collected,
  }: {
    readonly invocation: Invocation;
    readonly loaded: LoadedPlan;
    readonly flow: string;
    readonly collected: CollectedInput;
  },
): Promise<string> {
  const { options, terminal } = invocation;
  for (const file of collected.files) await runner.storeFile(file);
  const key = options.text("key");
  const environment = options.text("env");
  const started = unwrap(
    await runner.start({
      plan: loaded.plan,
      flow,
      input: collected.input,
      ...(key === undefined ? {} : { idempotencyKey: key }),
      ...(environment === undefined ? {} : { environment }),
    }),
  );
  if (started.existing)
    terminal.err(`this key has started run ${started.run} before; nothing new was started\n`);
  return started.run;
}
