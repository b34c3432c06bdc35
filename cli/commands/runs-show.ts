import type { HumanTask, RunDetail } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageFigures, formatTime } from "../live/figures.ts";
import { stepTree } from "../live/step-tree.ts";
import { treeLines } from "../live/tree-lines.ts";
import { findRun } from "../run/find-run.ts";
import { isoTime, runDocument } from "../run/report-run.ts";
import { withReader } from "../run/with-runner.ts";
import { now } from "../system-clock.ts";
import { statusText } from "./runs-list.ts";

const shownRows = 400;
/** Characters of a value: larger ones are looked at with `--json` or `runs output`. */
const shownCharacters = 10_000;

export async function runsShow(invocation: Invocation): Promise<number> {
  const { args, options, terminal } = invocation;
  const { run, tasks } = await withReader(invocation, undefined, async (runner) => {
    const id = await findRun(runner, args[0] ?? "");
    const found = await runner.show(id);
    if (found === null) throw new Error(`run ${id} is not in the store any more`);
    return { run: found, tasks: await runner.tasks(id) };
  });
  if (options.on("json")) {
    const { stepsLeftOut } = run;
    const steps = run.steps.map(({ startedAtMs, endedAtMs, ...step }) => ({
      ...step,
      startedAt: isoTime(startedAtMs),
      endedAt: isoTime(endedAtMs),
    }));
    terminal.out(
      `${JSON.stringify({ ...runDocument(run, tasks), planHash: run.planHash, steps, stepsLeftOut }, null, 2)}\n`,
    );
  } else {
    terminal.out(runText(run, tasks, invocation));
  }
  return exitCodes.ok;
}

function runText(run: RunDetail, tasks: readonly HumanTask[], { terminal }: Invocation): string {
  const colors = terminal.outColors;
  const { bold, dim, red, yellow } = colors;
  // A tree that goes into a file may be as wide as its lines.
  const columns = terminal.outColumns() ?? 160;
  const fact = (name: string, value: string): string => `${dim(name.padEnd(8))} ${value}`;
  const lines = [
    `${bold(run.flow)} ${statusText(run.status, colors)}`,
    fact("run", run.id),
    fact("plan", run.planHash.slice(0, 12)),
    fact("began", new Date(run.startedAtMs).toISOString()),
    fact(
      "took",
      [formatTime(run.startedAtMs, run.endedAtMs, now()) ?? "", ...usageFigures(run)].join(" · "),
    ),
    fact("input", valueText(run.input)),
    ...(run.status === "succeeded" ? [fact("output", valueText(run.output))] : []),
    ...(run.error === null
      ? []
      : [
          fact(
            "error",
            red(`${run.error.step ?? run.flow}: ${run.error.code}: ${run.error.message}`),
          ),
        ]),
    ...(run.waitsFor === null ? [] : [fact("waits", yellow(run.waitsFor))]),
    ...tasks.map((task) => fact("answer", `agentflow answer ${run.id} ${task.path}`)),
    "",
    ...treeLines(stepTree(run.steps), shownRows, { colors, columns, nowMs: now(), frame: 0 }),
    ...(run.stepsLeftOut === undefined
      ? []
      : [dim(`and ${run.stepsLeftOut} steps of items and rounds that have succeeded`)]),
  ];
  return `${lines.join("\n")}\n`;
}

function valueText(value: RunDetail["output"]): string {
  const text = JSON.stringify(value);
  if (text.length <= shownCharacters) return text;
  return `${text.slice(0, shownCharacters)}… (${text.length} characters)`;
}
