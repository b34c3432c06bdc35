import { didYouMean } from "../../base/did-you-mean.ts";
import type { OperatedRunner } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { UserMistake } from "../user-mistake.ts";

/** How far back runs are looked at. */
const searched = 1_000;

/** The flow of `hold` and `lift`, null for `--all`. Throws `UserMistake` unless it is one of both. */
export function heldFlow({ args, options }: Invocation, command: "hold" | "lift"): string | null {
  const [word] = args;
  // As `run` names it, or as `runs list` does.
  const flow = word?.replace(/^.*#/, "");
  if (options.on("all") !== (flow === undefined))
    throw new UserMistake(
      flow === undefined
        ? `say which flow, or --all for every one`
        : `\`${word}\` and --all can't be meant at once`,
      { hints: [`for example agentflow ${command} report, or agentflow ${command} --all`] },
    );
  return flow ?? null;
}

/** What to say about a flow that the store knows nothing of: it may be misspelt, or yet to come. Null when it is known. */
export async function noteUnknown(flow: string, runner: OperatedRunner): Promise<string | null> {
  const runs = await runner.list({ limit: searched });
  const { operations } = runner;
  const triggers = [...(await operations.schedules()), ...(await operations.subscriptions())];
  const known = [...new Set([...runs, ...triggers].map((entry) => entry.flow))];
  if (known.includes(flow)) return null;
  const [meant] = didYouMean(flow, known);
  const advice = meant === undefined ? "" : `; did you mean ${meant}?`;
  return `no run and no trigger of \`${flow}\` is in the store yet${advice}`;
}
