import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";

import type { Store } from "../../runner/ports/store.ts";
import { sessionIsGone } from "../../runner/session-name.ts";
import { openPostgresStore } from "../../runner/store/postgres/open-postgres-store.ts";
import { openSqliteStore } from "../../runner/store/sqlite-store.ts";
import { startOwnPostgres, type OwnPostgres } from "../../tools/services/private-postgres.ts";
import { startOwnRedis } from "../../tools/services/private-redis.ts";
import { runAtEnd } from "../../tools/services/run-at-end.ts";
import { migratePostgres } from "../../runner/store/postgres/migrate-postgres.ts";
import { copyBuild } from "./copy-build.ts";
import { readWritesOfFile, watchFile } from "./file-watch.ts";
import { mountSmallDisk, pretendedDisk, pretendFull, type SmallDisk } from "./disk.ts";
import { readPayloadsOfFile, readPayloadsOfPostgres, type KeptPayloads } from "./kept-payloads.ts";
import { TcpProxy } from "./tcp-proxy.ts";
import { readWrites, watchWrites, type WatchedWrite } from "./write-watch.ts";

/** What workers work on: servers, or one file that they share. */
export interface Services {
  /** Null when everything is in one file. */
  readonly servers: Servers | null;
  /** Null when nothing is to fill it. */
  readonly disk: Disk | null;
  /** Where workers find the store. */
  readonly storeUrl: string;
  /** The store, for those who look on: nobody harms their way to it. */
  openStore(): Promise<Store>;
  readPayloads(): Promise<KeptPayloads>;
  /** What the server, or the file, wrote down of each write. */
  readWrites(): Promise<readonly WatchedWrite[]>;
  /** URL of the built runner: a copy, so that a build during the chaos is no fault more. */
  readonly runner: string;
  /** URL of another version of it, which writes snapshots of another form. */
  readonly otherRunner: string;
  close(): Promise<void>;
}

export interface Servers {
  readonly postgres: OwnPostgres;
  readonly redis: Awaited<ReturnType<typeof startOwnRedis>>;
  /** Between workers and PostgreSQL. */
  readonly proxy: TcpProxy;
}

export interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
}

type Closers = (() => Promise<void> | void)[];

/** Starts PostgreSQL, Redis and the proxy, each on a free port, and makes the tables; or makes an empty file. */
export async function startServices(options: {
  readonly inFile: boolean;
  readonly disk: boolean;
}): Promise<Services> {
  const build = copyBuild();
  const closers: Closers = [build.remove];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const services = options.inFile
      ? await startFile(options.disk, closers)
      : await startServers(options.disk, closers);
    const { runner, otherRunner } = build;
    return { ...services, runner, otherRunner, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Started = Omit<Services, "runner" | "otherRunner" | "close">;

async function startFile(mayFill: boolean, closers: Closers): Promise<Started> {
  const own = mkdtempSync(join(tmpdir(), "agentflow-file-"));
  const spare = runAtEnd('rm -rf "$1"', own);
  closers.push(() => {
    spare();
    rmSync(own, { recursive: true, force: true });
  });
  const small = mayFill ? mountSmallDisk(own) : null;
  if (mayFill && small === null)
    throw new Error("to fill the disk of a file takes the right to mount one (run as root)");
  if (small !== null) closers.push(() => small.close());
  const path = join(small?.folder ?? own, "store.db");
  await watchFile(path);
  const disk = small && { fill: async () => small.fill(), free: async () => small.free() };
  return {
    servers: null,
    disk,
    storeUrl: path,
    openStore: async () => openSqliteStore({ path, now: () => Date.now(), isGone: sessionIsGone }),
    readPayloads: async () => readPayloadsOfFile(path),
    readWrites: async () => readWritesOfFile(path),
  };
}

async function startServers(mayFill: boolean, closers: Closers): Promise<Started> {
  const settings = { max_connections: "120", log_min_messages: "'fatal'" };
  const [postgres, redis] = await Promise.all([startOwnPostgres({ settings }), startOwnRedis()]);
  closers.push(postgres.stop, redis.stop);
  const { url, port } = postgres;
  const small = mayFill ? mountSmallDisk(postgres.dataFolder) : null;
  if (small !== null) {
    // Unmounted only when the server is gone.
    closers.splice(1, 0, () => small.close());
    await tell(url, [
      `CREATE TABLESPACE small LOCATION '${small.folder}'`,
      "ALTER DATABASE postgres SET default_tablespace = small",
    ]);
  }
  const proxy = new TcpProxy(port);
  await proxy.open();
  closers.push(() => proxy.close());
  await migratePostgres(url);
  await tell(url, watchWrites());
  if (mayFill && small === null) await tell(url, pretendedDisk);
  return {
    servers: { postgres, redis, proxy },
    disk: diskOf(small, url),
    storeUrl: url.replace(`:${port}/`, `:${proxy.port}/`),
    openStore: () => openPostgresStore({ url, connections: 4 }),
    readPayloads: () => readPayloadsOfPostgres(url),
    readWrites: () => readWrites(url),
  };
}

/** Says something to the server, one statement after the other. */
export async function tell(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end().catch(() => {});
  }
}

function diskOf(small: SmallDisk | null, url: string): Disk {
  if (small === null)
    return {
      fill: () => tell(url, [pretendFull(true)]),
      free: () => tell(url, [pretendFull(false)]),
    };
  return { fill: async () => small.fill(), free: async () => small.free() };
}
