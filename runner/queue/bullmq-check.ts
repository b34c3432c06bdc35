import type { Redis } from "ioredis";

import { TransportError } from "../ports/transport-error.ts";

const oldestVersion = "6.2.0";

/** What Redis says about itself, as far as it matters. */
export interface RedisFacts {
  readonly version: string;
  readonly maxMemory: number;
  readonly policy: string;
}

/**
 * Whether Redis can be used.
 *
 * @throws TransportError that says what is wrong, why it matters, and what to do.
 */
export async function checkRedis(
  client: Redis,
  where: { readonly url: string; readonly eviction: "refuse" | "warn" },
): Promise<{ readonly warning: string | null }> {
  const place = withoutPassword(where.url);
  const facts = readFacts(await reach(client, place));
  if (isOlder(facts.version, oldestVersion)) {
    throw new TransportError(
      "unsuitable",
      `Redis at ${place} is version ${facts.version}; BullMQ needs ${oldestVersion} or later. Update Redis.`,
    );
  }
  if (facts.policy === "noeviction") return { warning: null };
  const what =
    `Redis at ${place} has maxmemory-policy ${facts.policy}: when its memory is full it throws away notices of runs, which ` +
    `then wait until they are noticed otherwise. Set \`maxmemory-policy noeviction\` in redis.conf, or ` +
    `\`redis-cli config set maxmemory-policy noeviction\`.`;
  if (facts.maxMemory > 0 && where.eviction === "refuse") {
    throw new TransportError(
      "unsuitable",
      `${what} To start all the same, set the option eviction to "warn".`,
    );
  }
  return { warning: what };
}

/** Connects and asks, within the time that one connection and one command may take. */
async function reach(client: Redis, place: string): Promise<string> {
  let last: string | undefined;
  const note = (error: Error): void => {
    last = codeOf(error);
  };
  client.on("error", note);
  try {
    if (client.status === "wait") await client.connect();
    return await client.info();
  } catch (error) {
    const why = last ?? codeOf(error);
    if (/WRONGPASS|NOAUTH|NOPERM|ERR AUTH|invalid.*password/i.test(why)) {
      throw new TransportError(
        "refused",
        `Redis at ${place} refuses us: ${why}. Put the right user and password into its URL (redis://user:password@host:port).`,
      );
    }
    throw new TransportError(
      "unreachable",
      `Redis at ${place} can't be reached: ${why}. Start it (redis-server, or \`docker compose up redis\`), or ` +
        `correct its URL. Runs go on without it, found by looking into the store, which is slower.`,
    );
  } finally {
    client.off("error", note);
  }
}

export function readFacts(info: string): RedisFacts {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  return {
    // Valkey names the version of Redis that it is compatible with.
    version: field("redis_version") ?? "0",
    maxMemory: Number(field("maxmemory") ?? 0),
    policy: field("maxmemory_policy") ?? "noeviction",
  };
}

export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== "") return error.message;
  return "code" in error ? String(error.code) : error.name;
}

function isOlder(version: string, than: string): boolean {
  const [have, need] = [version, than].map((text) => text.split(".").map(Number));
  for (const [index, part] of (need ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
