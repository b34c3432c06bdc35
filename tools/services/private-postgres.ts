import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { Client } from "pg";

import { freePort } from "./free-port.ts";

const run = promisify(execFile);

export interface PrivatePostgres {
  /** As `postgres://postgres@127.0.0.1:41234/agentflow_1`: an empty database of one's own. */
  readonly url: string;
  /** Ends the server and removes its folder; of a server that was given, only the database goes. */
  readonly stop: () => Promise<void>;
}

/** A server of one's own, which may be harmed. */
export interface OwnPostgres extends PrivatePostgres {
  readonly port: number;
  readonly dataFolder: string;
  readonly chaos: PostgresChaos;
}

export interface PostgresChaos {
  /** `fast` ends all connections and writes everything down; `immediate` is a crash. */
  readonly end: (mode: "fast" | "immediate") => Promise<void>;
  /** Starts it again on the same port, with the same data. */
  readonly revive: () => Promise<void>;
  /** Number of its main process. */
  readonly pid: () => number;
}

export interface OwnPostgresOptions {
  /** Further lines of `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * An empty database of one's own: on the server of `DATABASE_URL` where there is one, and else on a server in a temporary folder that
 * listens on a free port. Commits are on disk when they are answered. Debian's package is installed if PostgreSQL is missing and we may.
 *
 * @throws Error that says what to install.
 */
export async function startPrivatePostgres(): Promise<PrivatePostgres> {
  const given = process.env["DATABASE_URL"];
  if (given !== undefined && given !== "") return databaseOn(given);
  return startOwnPostgres();
}

/** The same, but always a server of one's own. */
export async function startOwnPostgres(options: OwnPostgresOptions = {}): Promise<OwnPostgres> {
  const programs = findPrograms();
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "agentflow-postgres-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const dataFolder = join(folder, "data");
  const port = await freePort();
  const call = (program: string, args: readonly string[]) =>
    run(join(programs, program), [...args], { ...user, cwd: folder, timeout: 60_000 });
  const guard = guardFolder(folder, dataFolder);
  const end = async (mode: "fast" | "immediate"): Promise<void> => {
    await call("pg_ctl", ["stop", "-w", "-D", dataFolder, "-m", mode]);
  };
  const revive = async (): Promise<void> => {
    const log = join(folder, "log");
    await call("pg_ctl", ["start", "-w", "-t", "30", "-D", dataFolder, "-l", log]);
  };
  try {
    const trust = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
    await call("initdb", ["-D", dataFolder, ...trust]);
    appendFileSync(join(dataFolder, "postgresql.conf"), configuration(folder, port, options));
    await revive();
  } catch (error) {
    guard.kill();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    dataFolder,
    chaos: { end, revive, pid: () => readPid(dataFolder) },
    async stop() {
      if (existsSync(join(dataFolder, "postmaster.pid"))) await end("immediate");
      guard.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(
  folder: string,
  port: number,
  { settings = {} }: OwnPostgresOptions,
): string {
  const lines: Readonly<Record<string, string>> = {
    listen_addresses: "'127.0.0.1'",
    port: String(port),
    unix_socket_directories: `'${folder}'`,
    shared_buffers: "'64MB'",
    max_connections: "60",
    ...settings,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

/** Ends the server and removes the folder when this process is gone, however it ended: its end of the pipe closes with it. */
function guardFolder(folder: string, dataFolder: string): { readonly kill: () => void } {
  const script =
    'cat >/dev/null; pid=$(head -n 1 "$2/postmaster.pid" 2>/dev/null); [ -n "$pid" ] && kill -QUIT "$pid"; ' +
    'for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done; rm -rf "$1"';
  const guard = spawn("sh", ["-c", script, "sh", folder, dataFolder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.unref();
  const { stdin } = guard;
  if (stdin instanceof Socket) stdin.unref();
  stdin.on("error", () => {});
  return { kill: () => void guard.kill("SIGKILL") };
}

function readPid(dataFolder: string): number {
  return Number(execFileSync("head", ["-n", "1", join(dataFolder, "postmaster.pid")]).toString());
}

async function databaseOn(given: string): Promise<PrivatePostgres> {
  const name = `agentflow_${randomBytes(6).toString("hex")}`;
  const tell = async (text: string): Promise<void> => {
    const client = new Client({ connectionString: given });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  await tell(`CREATE DATABASE ${name}`);
  const url = new URL(given);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => tell(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** The folder with `initdb` and `pg_ctl`, which Debian does not put on the path. */
export function findPrograms(): string {
  const known = installed();
  if (known !== undefined) return known;
  if (process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).error === undefined) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    for (const args of [
      ["update", "-q"],
      ["install", "-qy", "--no-install-recommends", "postgresql"],
    ])
      execFileSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env });
    const found = installed();
    if (found !== undefined) return found;
  }
  throw new Error(
    "PostgreSQL is not installed. Install it (Debian and Ubuntu: apt-get install postgresql, " +
      "macOS: brew install postgresql), or set DATABASE_URL to a server on which databases may be created.",
  );
}

function installed(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a));
  const folders = [
    ...(process.env["PATH"] ?? "").split(":"),
    ...newest.map((version) => join(debian, version, "bin")),
  ];
  return folders.find((folder) => folder !== "" && existsSync(join(folder, "initdb")));
}

/** PostgreSQL refuses to be run by root, so then its own user runs it, or failing that one with no rights. */
export function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const { status, stdout } = spawnSync("id", ["-u", name], { encoding: "utf8" });
    const group = spawnSync("id", ["-g", name], { encoding: "utf8" });
    if (status === 0 && group.status === 0)
      return { uid: Number(stdout.trim()), gid: Number(group.stdout.trim()) };
  }
  throw new Error("PostgreSQL can't be run by root, and there is no user `postgres` or `nobody`");
}
