import type { RunStatus, RunSummary } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { formatMoney, formatTime } from "../live/figures.ts";
import { isoTime } from "../run/report-run.ts";
import { table } from "../run/table.ts";
import { withReader } from "../run/with-runner.ts";
import { now } from "../system-clock.ts";
import type { Colors } from "../terminal.ts";

const defaultLimit = 20;

export async function runsList(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const flow = options.text("flow");
  const runs = await withReader(invocation, [], async (runner) => {
    const status = options.texts("status") as readonly RunStatus[];
    return await runner.list({
      limit: options.whole("limit") ?? defaultLimit,
      ...(status.length === 0 ? {} : { status }),
      ...(flow === undefined ? {} : { flow }),
    });
  });
  if (options.on("json")) terminal.out(`${JSON.stringify({ runs: runs.map(runRow) }, null, 2)}\n`);
  else if (options.on("ids")) terminal.out(runs.map(({ id }) => `${id}\n`).join(""));
  else if (runs.length === 0) terminal.err("no runs\n");
  else terminal.out(runTable(runs, terminal.outColors, terminal.outColumns()));
  return exitCodes.ok;
}

function runRow(run: RunSummary): object {
  const {
    id,
    flow,
    planHash,
    status,
    startedAtMs,
    endedAtMs,
    waitsFor,
    error,
    cost,
    tokensIn,
    tokensOut,
  } = run;
  return {
    run: id,
    flow,
    planHash,
    status,
    startedAt: isoTime(startedAtMs),
    endedAt: isoTime(endedAtMs),
    waitsFor,
    error,
    cost,
    tokensIn,
    tokensOut,
  };
}

function runTable(runs: readonly RunSummary[], colors: Colors, columns: number | null): string {
  const head = ["run", "flow", "status", "began", "took", "cost", ""].map(colors.dim);
  const rows = runs.map((run) => [
    run.id,
    run.flow,
    statusText(run.status, colors),
    new Date(run.startedAtMs).toISOString().slice(0, 16).replace("T", " "),
    formatTime(run.startedAtMs, run.endedAtMs, now()) ?? "",
    run.cost === 0 ? "" : formatMoney(run.cost),
    run.error === null
      ? (run.waitsFor ?? "")
      : `${run.error.code}: ${run.error.message}`.replace(/\s+/g, " "),
  ]);
  return table([head, ...rows], columns);
}

export function statusText(status: RunStatus, { green, red, yellow, cyan }: Colors): string {
  switch (status) {
    case "succeeded":
      return green(status);
    case "failed":
    case "cancelled":
      return red(status);
    case "waiting":
    case "paused":
      return yellow(status);
    case "queued":
    case "running":
      return cyan(status);
  }
}
