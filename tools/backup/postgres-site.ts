import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { migratePostgres } from "../../runner/store/postgres/migrate-postgres.ts";
import { findPrograms, serverUser, startOwnPostgres } from "../services/private-postgres.ts";
import type { OwnPostgres } from "../services/private-postgres.ts";
import { startOwnRedis } from "../services/private-redis.ts";
import type { Backup, Site } from "./site.ts";

const schema = "agentflow";
const run = promisify(execFile);

type Place = Pick<Site, "store" | "transport" | "destroy">;

/** Backed up with `pg_dump`: one consistent snapshot, and what is committed later is lost. */
export async function openDumpedSite(): Promise<Site> {
  const postgres = await startOwnPostgres();
  await migratePostgres(postgres.url, { schema });
  return { ...(await placeOf(postgres)), backUp: () => dump(postgres.url) };
}

async function dump(url: string): Promise<Backup> {
  const folder = newFolder();
  const file = join(folder, "agentflow.dump");
  await call("pg_dump", ["--format=custom", `--schema=${schema}`, `--file=${file}`, url]);
  return {
    bytes: statSync(file).size,
    async restore() {
      const postgres = await startOwnPostgres();
      await call("pg_restore", ["--exit-on-error", "--no-owner", `--dbname=${postgres.url}`, file]);
      return placeOf(postgres);
    },
    remove: () => removeFolder(folder),
  };
}

/** Backed up with `pg_basebackup` and the write-ahead log, which is fetched as it is written: nearly nothing is lost. */
export async function openArchivedSite(): Promise<Site> {
  const postgres = await startOwnPostgres({ settings: { wal_level: "replica" } });
  await migratePostgres(postgres.url, { schema });
  const folder = newFolder();
  const archive = join(folder, "wal");
  mkdirSync(archive);
  own(archive);
  const receiver = spawn(
    programPath("pg_receivewal"),
    ["--no-loop", "--synchronous", "-D", archive, "-d", postgres.url],
    { ...serverUser(), stdio: "ignore" },
  );
  const gone = once(receiver, "exit");
  const place = await placeOf(postgres);
  return {
    ...place,
    async destroy() {
      await place.destroy();
      await gone;
    },
    async backUp() {
      const base = join(folder, "base");
      await call("pg_basebackup", [
        "--checkpoint=fast",
        "-X",
        "none",
        "-D",
        base,
        "-d",
        postgres.url,
      ]);
      return {
        bytes: sizeOf(base),
        restore: () => replay(base, archive),
        remove: () => removeFolder(folder),
      };
    },
  };
}

/** Puts the copy in the place of a new server's data and lets that take in the log to its end. */
async function replay(base: string, archive: string): Promise<Place> {
  // What was being written when the server was lost.
  for (const file of readdirSync(archive))
    if (file.endsWith(".partial"))
      renameSync(join(archive, file), join(archive, file.slice(0, -".partial".length)));
  const postgres = await startOwnPostgres();
  await postgres.chaos.end("fast");
  const { dataFolder } = postgres;
  const settings = readFileSync(join(dataFolder, "postgresql.conf"));
  rmSync(dataFolder, { recursive: true });
  cpSync(base, dataFolder, { recursive: true, preserveTimestamps: true });
  writeFileSync(join(dataFolder, "postgresql.conf"), settings);
  appendFileSync(
    join(dataFolder, "postgresql.conf"),
    `restore_command = 'cp "${archive}/%f" "%p"'\n`,
  );
  writeFileSync(join(dataFolder, "recovery.signal"), "");
  own(dataFolder);
  await postgres.chaos.revive();
  return placeOf(postgres);
}

/** With a Redis of its own, which is empty. */
async function placeOf(postgres: OwnPostgres): Promise<Place> {
  const redis = await startOwnRedis();
  return {
    store: { url: postgres.url, schema },
    transport: { kind: "redis", url: redis.url, concurrency: 50 },
    async destroy() {
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "agentflow-backup-"));
  own(folder);
  return folder;
}

function removeFolder(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  return Promise.resolve();
}

/** The server's user must be able to read and write all of it. */
function own(path: string): void {
  const user = serverUser();
  if (user === undefined) return;
  const inside = statSync(path).isDirectory() ? readdirSync(path, { recursive: true }) : [];
  for (const entry of ["", ...inside]) chownSync(join(path, String(entry)), user.uid, user.gid);
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true })
    .map((entry) => statSync(join(folder, String(entry))))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

async function call(program: string, args: readonly string[]): Promise<void> {
  await run(programPath(program), [...args], { ...serverUser(), timeout: 120_000 });
}

/** Beside the server's own programs, also where only links to those are on the path. */
function programPath(name: string): string {
  return join(dirname(realpathSync(join(findPrograms(), "initdb"))), name);
}
