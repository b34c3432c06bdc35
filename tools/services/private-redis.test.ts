import { spawnSync } from "node:child_process";

import { Redis } from "ioredis";
import { afterEach, expect, test, vi } from "vitest";

import { startPrivateRedis } from "./private-redis.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

// Installing a server is nothing that a test run does unasked.
const isInstalled = spawnSync("redis-server", ["--version"]).error === undefined;

if (isInstalled || process.env["AGENTFLOW_TEST_REDIS"] === "1") {
  test(
    "a private server answers, is empty, and is gone after stop",
    { timeout: 120_000 },
    async () => {
      vi.stubEnv("REDIS_URL", "");
      const redis = await startPrivateRedis();
      expect(new URL(redis.url).port).not.toBe("6379");
      const client = new Redis(redis.url, { maxRetriesPerRequest: 0 });
      expect(await client.dbsize()).toBe(0);
      client.disconnect();
      await redis.stop();
      const late = new Redis(redis.url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
      late.on("error", () => {});
      await expect(late.ping()).rejects.toThrow();
    },
  );
}

test("a server that was given is used and left alone", async () => {
  vi.stubEnv("REDIS_URL", "redis://redis.example:6390");
  const redis = await startPrivateRedis();
  expect(redis.url).toBe("redis://redis.example:6390");
  await redis.stop();
});

test("without a server, and no right to install one, the message says what to do", async () => {
  vi.stubEnv("REDIS_URL", "");
  vi.stubEnv("PATH", "");
  await expect(startPrivateRedis()).rejects.toThrow(/apt-get install redis-server.*REDIS_URL/s);
});
