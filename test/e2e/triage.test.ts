// 02: an unhappy customer gets a ticket, then a notice; a happy one is stored. One branch runs, never both.
import { afterEach, expect, test } from "vitest";

import { RecordingServer } from "./recording-server.ts";
import type { Route } from "./recording-server.ts";
import { runProgram } from "./run-program.ts";
import type { Finished } from "./run-program.ts";

let server: RecordingServer;

afterEach(async () => {
  await server.close();
});

async function triage(
  mood: string,
  routes: { readonly [route: string]: Route } = {},
): Promise<Finished> {
  server = await RecordingServer.start({
    "POST /tickets": { id: "t-1", url: "https://tickets.example/t-1", priority: "not in our type" },
    "PUT /feedback": () => ({ status: 204 }),
    "POST /api/chat.postMessage": { ok: true, ts: "1", channel: "C1" },
    ...routes,
  });
  const { url } = server;
  return await runProgram({
    program: "02-triage",
    flow: "triage",
    input: { text: "It broke on day one.", source: "mail" },
    answers: { classify: { mood, confidence: 0.95, reason: "It says: broke." } },
    slack: url,
    variables: {
      TICKETS_URL: url,
      TICKETS_KEY: "tk",
      STORE_URL: url,
      API_TOKEN: "a",
      SLACK_TOKEN: "xoxb",
    },
  });
}

test("a negative one opens a ticket and then tells Slack about it", async () => {
  const { run, story } = await triage("negative");
  expect(run.output).toEqual({
    sentiment: { mood: "negative", confidence: 0.95, reason: "It says: broke." },
    ticket: "https://tickets.example/t-1",
  });
  expect(server.calls()).toEqual(["POST /tickets", "POST /api/chat.postMessage"]);
  const [ticket, notice] = server.requests;
  expect(ticket?.body).toEqual({ title: "Unhappy customer (mail)", body: "It broke on day one." });
  expect(ticket?.headers["idempotency-key"]).toContain(`${run.id}`);
  expect(notice?.body).toEqual({
    channel: "#support",
    text: "https://tickets.example/t-1: It says: broke.",
  });
  expect(notice?.headers["authorization"]).toBe("Bearer xoxb");
  expect(story.filter((line) => line.startsWith("succeeded"))).toEqual([
    "succeeded triage.sentiment@1",
    "succeeded triage.handled.ticket",
    "succeeded triage.handled.notice",
  ]);
});

test("a positive one is only stored", async () => {
  const { run } = await triage("positive");
  expect(run.output).toMatchObject({ ticket: null });
  expect(server.calls()).toEqual(["PUT /feedback"]);
  expect(server.requests[0]?.body).toEqual({
    text: "It broke on day one.",
    source: "mail",
    sentiment: { mood: "positive", confidence: 0.95, reason: "It says: broke." },
  });
});

test("a ticket system that fails after four attempts fails the run, and Slack hears nothing", async () => {
  const { run, events } = await triage("negative", {
    "POST /tickets": () => ({ status: 503, headers: { "retry-after": "0" } }),
  });
  expect(run).toMatchObject({
    status: "failed",
    error: { code: "unavailable", step: "triage.handled.ticket", attempts: 4 },
  });
  expect(server.calls()).toEqual(Array(4).fill("POST /tickets"));
  const keys = server.requests.map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(1);
  expect(JSON.stringify(events)).not.toContain("xoxb");
});
