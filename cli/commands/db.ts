import { databaseState, isPostgresUrl, migrateDatabase } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { orMistake } from "../service/service-mistake.ts";
import { loadService } from "../service/load-service.ts";
import { storePath } from "../project/store-path.ts";
import { hideSecrets } from "../settings/settings-problem.ts";

/** Makes the tables, or brings them up to date. */
export async function dbMigrate(invocation: Invocation): Promise<number> {
  const url = await storeOf(invocation);
  if (!isPostgresUrl(url)) return needsNone(url, invocation);
  if (invocation.options.on("dry-run")) {
    const { missing } = await orMistake(databaseState(url));
    say(invocation, { store: url, applied: [], missing }, "to be applied", missing);
    return exitCodes.ok;
  }
  const { applied } = await orMistake(migrateDatabase(url));
  say(invocation, { store: url, applied, missing: [] }, "applied", applied);
  return exitCodes.ok;
}

/** Ends with 1 when something is missing, so that a script can wait for it. */
export async function dbStatus(invocation: Invocation): Promise<number> {
  const url = await storeOf(invocation);
  if (!isPostgresUrl(url)) return needsNone(url, invocation);
  const { applied, missing } = await orMistake(databaseState(url));
  say(invocation, { store: url, applied, missing }, "missing", missing);
  return missing.length === 0 ? exitCodes.ok : exitCodes.failed;
}

async function storeOf(invocation: Invocation): Promise<string> {
  const { settings } = await loadService(invocation, { serves: false });
  return settings.store.url ?? storePath(undefined, invocation.environment);
}

interface Report {
  readonly store: string;
  readonly applied: readonly string[];
  readonly missing: readonly string[];
}

function say(
  { terminal, options }: Invocation,
  report: Report,
  verb: string,
  names: readonly string[],
): void {
  const store = hideSecrets(report.store);
  if (options.on("json")) {
    const state = { ...report, store, upToDate: report.missing.length === 0 };
    terminal.out(`${JSON.stringify(state, null, 2)}\n`);
    return;
  }
  terminal.out(
    names.length === 0
      ? `${store} is up to date\n`
      : names.map((name) => `${verb}: ${name}\n`).join(""),
  );
}

function needsNone(path: string, { terminal, options }: Invocation): number {
  const report = { store: path, applied: [], missing: [], upToDate: true };
  if (options.on("json")) terminal.out(`${JSON.stringify(report, null, 2)}\n`);
  else
    terminal.out(`${path} is a SQLite file, which needs no migration: whoever opens it does it\n`);
  return exitCodes.ok;
}
