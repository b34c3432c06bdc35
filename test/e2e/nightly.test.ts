// 07: numbers in, one message out; reading is tried again, posting is not.
import { afterEach, expect, test } from "vitest";

import { RecordingServer } from "./recording-server.ts";
import { runProgram } from "./run-program.ts";

let server: RecordingServer;

afterEach(async () => {
  await server.close();
});

test("the morning's numbers are read, summed up and posted", async () => {
  server = await RecordingServer.start({
    "GET /daily": (_, nth) =>
      nth === 1
        ? { status: 502, headers: { "retry-after": "0" } }
        : { body: [{ name: "orders", value: 12, changeFromYesterday: -0.1 }] },
    "POST /api/chat.postMessage": { ok: true, ts: "1", channel: "C" },
  });
  const { run } = await runProgram({
    program: "07-nightly",
    flow: "morningReport",
    input: {},
    answers: { summarise: "Orders fell by a tenth." },
    slack: server.url,
    variables: { METRICS_URL: server.url, METRICS_KEY: "mk", SLACK_TOKEN: "xoxb" },
  });
  expect(run).toMatchObject({ status: "succeeded", output: null });
  const day = new Date(run.startedAtMs).toISOString().slice(0, 10);
  expect(server.calls()).toEqual([
    `GET /daily?day=${day}`,
    `GET /daily?day=${day}`,
    "POST /api/chat.postMessage",
  ]);
  expect(server.requests[0]?.headers["authorization"]).toBe("Bearer mk");
  expect(server.requests[2]?.body).toEqual({
    channel: "#metrics",
    text: "Orders fell by a tenth.",
  });
});

test("a message that may have been posted is not posted again", async () => {
  server = await RecordingServer.start({
    "GET /daily": [],
    "POST /api/chat.postMessage": () => ({ status: 503, headers: { "retry-after": "0" } }),
  });
  const { run } = await runProgram({
    program: "07-nightly",
    flow: "morningReport",
    input: {},
    slack: server.url,
    variables: { METRICS_URL: server.url, METRICS_KEY: "mk", SLACK_TOKEN: "xoxb" },
  });
  expect(run).toMatchObject({
    status: "failed",
    error: { code: "unavailable", step: "morningReport.posted" },
  });
  expect(server.to("POST /api").length).toBe(1);
});
