// Rehearses the loss of a store: `node tools/run.js tools/backup/rehearse.ts [--seconds 5] [--json]`.
import { openArchivedSite, openDumpedSite } from "./postgres-site.ts";
import { rehearse, type Rehearsed } from "./rehearsal.ts";
import type { Site } from "./site.ts";
import { openSqliteSite } from "./sqlite-site.ts";

const methods: { readonly [name: string]: () => Promise<Site> } = {
  pg_dump: openDumpedSite,
  "base backup and WAL": openArchivedSite,
  "SQLite, VACUUM INTO": openSqliteSite,
};

const args = process.argv.slice(2);
const at = args.indexOf("--seconds");
const seconds = at < 0 ? 5 : Number(args[at + 1]);
if (!(seconds > 0)) {
  process.stderr.write("usage: rehearse.ts [--seconds N] [--json]\n");
  process.exit(2);
}
const results: { [name: string]: Rehearsed } = {};
for (const [name, open] of Object.entries(methods)) {
  const result = await rehearse({ open, loadMs: (seconds * 1_000) / 2, workers: 2 });
  results[name] = result;
  if (!args.includes("--json")) process.stdout.write(describe(name, result));
}
if (args.includes("--json")) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
process.exitCode = Object.values(results).some(({ faults }) => faults.length > 0) ? 1 : 0;

function describe(name: string, result: Rehearsed): string {
  const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const { faults } = result;
  return [
    name,
    `  backup of ${(result.backupBytes / 1e6).toFixed(1)} MB under load in ${inSeconds(result.backupMs)}`,
    `  recovery point: ${inSeconds(result.pointMs)} before the loss; ${result.lost} of ${result.started} runs not in the backup`,
    `  restored after ${inSeconds(result.restoredMs)}, first step after ${inSeconds(result.recoveryMs)}, all ${result.unfinished} unfinished runs ended after ${inSeconds(result.endedMs)}`,
    `  ${result.repeated} effects repeated, each under its own key`,
    ...(faults.length === 0 ? ["  no fault"] : faults.map((fault) => `  FAULT ${fault}`)),
    "",
  ].join("\n");
}
