import { spawnSync } from "node:child_process";
import { dirname } from "node:path";

import { needsAttention, needsProcess } from "../../plan/wait.ts";
import { isPostgresUrl, openRunner } from "../../runner/index.ts";
import type { RunSummary, Runner } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { hasStore, storeAddress } from "../project/store-address.ts";
import { hideSecrets } from "../settings/settings-problem.ts";
import { UserMistake } from "../user-mistake.ts";
import type { Finding } from "./finding.ts";

const manyRuns = 10_000;

/** The store: whether it opens, whether it is kept out of git, and whether every unfinished run says why it waits. */
export async function storeFindings(invocation: Invocation): Promise<readonly Finding[]> {
  const { environment } = invocation;
  const path = await addressOf(invocation);
  // What is wrong with the settings is told beside this.
  if (path === null) return [];
  if (!hasStore(path))
    return [{ state: "fine", subject: "store", message: "none yet; agentflow run makes it" }];
  let runner: Runner;
  try {
    // Opening fails when the driver does not write every commit through to the disk.
    runner = await openRunner({
      store: path,
      variables: environment.variables,
      folder: environment.folder,
    });
  } catch (error) {
    const message =
      error instanceof Error
        ? hideSecrets(error.message)
        : `${hideSecrets(path)} can't be opened: ${String(error)}`;
    return [
      {
        state: "broken",
        subject: "store",
        message,
        advice: "Until it opens, no run can begin or go on.",
      },
    ];
  }
  try {
    return [
      {
        state: "fine",
        subject: "store",
        message: isPostgresUrl(path)
          ? `${hideSecrets(path)} opens, its tables are up to date`
          : `${path} opens, every commit is synced`,
      },
      ...(await runFindings(runner)),
      ...(isPostgresUrl(path) ? [] : ignoreFindings(path)),
    ];
  } finally {
    await runner.close({ graceMs: 0 });
  }
}

async function addressOf(invocation: Invocation): Promise<string | null> {
  try {
    return await storeAddress(invocation);
  } catch (error) {
    if (error instanceof UserMistake) return null;
    throw error;
  }
}

async function runFindings(runner: Runner): Promise<readonly Finding[]> {
  const unfinished = await runner.list({
    status: ["queued", "running", "waiting", "paused"],
    limit: manyRuns,
  });
  const silent = unfinished.filter((run) => run.status === "waiting" && run.waitsFor === null);
  const moving = unfinished.filter(({ status }) => status === "queued" || status === "running");
  const stuck = unfinished.filter(({ waitsFor }) => isStuck(waitsFor));
  const letters = await runner.deadLetters.list({ status: "open", limit: manyRuns });
  const count = (of: readonly object[]): string =>
    of.length < manyRuns ? String(of.length) : `${manyRuns} or more`;
  return [
    silent.length > 0
      ? {
          state: "broken",
          subject: "runs",
          message: `${idList(silent)} can't say why they wait`,
          advice: "Please report this with the output of agentflow runs events.",
        }
      : {
          state: "fine",
          subject: "runs",
          message: `${count(unfinished)} unfinished, each says why it waits`,
        },
    ...(stuck.length > 0
      ? [
          {
            state: "broken" as const,
            subject: "runs",
            message: `${idList(stuck)} can't go on as things are`,
            advice: "agentflow runs show says why; once it is mended, agentflow resume goes on.",
          },
        ]
      : []),
    ...(moving.length > 0
      ? [
          {
            state: "advice" as const,
            subject: "runs",
            message: `${count(moving)} could go on`,
            advice: "agentflow resume goes on with those that no other process works on.",
          },
        ]
      : []),
    ...(letters.length > 0
      ? [
          {
            state: "advice" as const,
            subject: "dead letters",
            message: `${count(letters)} open`,
            advice: "agentflow dead-letters list shows them.",
          },
        ]
      : []),
  ];
}

function isStuck(waitsFor: string | null): boolean {
  return [needsAttention, needsProcess].some((reason) => waitsFor?.startsWith(reason));
}

function idList(runs: readonly RunSummary[]): string {
  return runs
    .slice(0, 5)
    .map(({ id }) => id)
    .join(", ");
}

/** Inputs and results of runs do not belong into a repository. */
function ignoreFindings(path: string): readonly Finding[] {
  const checked = spawnSync("git", ["check-ignore", "--quiet", path], { cwd: dirname(path) });
  // 0 ignored, 1 not ignored, anything else: no git, or no repository.
  if (checked.status !== 1) return [];
  return [
    {
      state: "advice",
      subject: "store",
      message: `${path} is not ignored by git`,
      advice: "Add .agentflow/ to .gitignore.",
    },
  ];
}
