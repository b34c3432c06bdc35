import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { Client } from "pg";

import { startOwnPostgres, type OwnPostgres } from "../../tools/services/private-postgres.ts";
import { startOwnRedis } from "../../tools/services/private-redis.ts";
import { migratePostgres } from "../../runner/store/postgres/migrate-postgres.ts";
import { mountSmallDisk, pretendedDisk, pretendFull, type SmallDisk } from "./disk.ts";
import { TcpProxy } from "./tcp-proxy.ts";

export interface Services {
  readonly postgres: OwnPostgres;
  readonly redis: Awaited<ReturnType<typeof startOwnRedis>>;
  /** Between workers and PostgreSQL. */
  readonly proxy: TcpProxy;
  readonly disk: Disk;
  /** Past the proxy, for those who look on. */
  readonly directUrl: string;
  readonly proxyUrl: string;
  /** URL of the built runner: a copy, so that a build during the chaos is no fault more. */
  readonly runner: string;
  close(): Promise<void>;
}

export interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
}

const root = join(import.meta.dirname, "../..");

/** Starts PostgreSQL, Redis and the proxy, each on a free port, and makes the tables. */
export async function startServices(options: { readonly disk: boolean }): Promise<Services> {
  const build = copyBuild();
  const closers: (() => Promise<void> | void)[] = [build.remove];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const settings = { max_connections: "120", log_min_messages: "'fatal'" };
    const [postgres, redis] = await Promise.all([startOwnPostgres({ settings }), startOwnRedis()]);
    closers.push(postgres.stop, redis.stop);
    const small = options.disk ? mountSmallDisk(postgres.dataFolder) : null;
    if (small !== null) {
      // Unmounted only when the server is gone.
      closers.splice(1, 0, () => small.close());
      await tell(postgres.url, [
        `CREATE TABLESPACE small LOCATION '${small.folder}'`,
        "ALTER DATABASE postgres SET default_tablespace = small",
      ]);
    }
    const proxy = new TcpProxy(postgres.port);
    await proxy.open();
    closers.push(() => proxy.close());
    await migratePostgres(postgres.url);
    if (options.disk && small === null) await tell(postgres.url, pretendedDisk);
    return {
      postgres,
      redis,
      proxy,
      disk: diskOf(small, postgres.url),
      directUrl: postgres.url,
      proxyUrl: postgres.url.replace(`:${postgres.port}/`, `:${proxy.port}/`),
      runner: build.runner,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
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

function copyBuild(): { readonly runner: string; readonly remove: () => void } {
  const dist = join(root, "dist");
  if (!existsSync(join(dist, "runner/index.js")))
    throw new Error("there is no build to be tried: `npm run build` makes it");
  const folder = mkdtempSync(join(tmpdir(), "agentflow-chaos-"));
  cpSync(dist, join(folder, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return {
    runner: pathToFileURL(join(folder, "dist/runner/index.js")).href,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
