import { expect, test } from "vitest";

import { openHealthServer, type HealthSource } from "./health-server.ts";

const whole: HealthSource = {
  ready: () => true,
  health: async () => ({ ok: false, report: { status: "broken" } }),
  metrics: () => Promise.reject(new Error("no readings")),
};

test("says what its source says, refuses the rest, and outlives a fault", async () => {
  const server = await openHealthServer({ host: "127.0.0.1", port: 0, source: whole });
  const get = async (path: string, init: RequestInit = {}): Promise<readonly [number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return [answer.status, await answer.text()];
  };
  expect(await get("/ready?verbose")).toEqual([200, "ready\n"]);
  expect(await get("/health")).toEqual([503, '{\n  "status": "broken"\n}\n']);
  expect(await get("/metrics")).toEqual([500, "no readings\n"]);
  expect((await get("/../etc/passwd"))[0]).toBe(404);
  expect((await get("/live", { method: "POST" }))[0]).toBe(405);
  expect(await get("/live", { method: "HEAD" })).toEqual([200, ""]);
  expect(await get("/live")).toEqual([200, "live\n"]);
  await expect(
    openHealthServer({ host: "127.0.0.1", port: server.port, source: whole }),
  ).rejects.toThrow(/EADDRINUSE/);
  await server.close();
  await expect(get("/live")).rejects.toThrow();
});
