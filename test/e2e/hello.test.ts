// 01: one agent, through the real SDK against a server that speaks the provider's protocol.
import { afterEach, expect, test } from "vitest";

import { RecordingServer } from "./recording-server.ts";
import type { Route } from "./recording-server.ts";
import { runProgram } from "./run-program.ts";
import type { Finished } from "./run-program.ts";
import { completion } from "./wire-model.ts";

let server: RecordingServer;

afterEach(async () => {
  await server.close();
});

async function greet(answer: Route): Promise<Finished> {
  server = await RecordingServer.start({ "POST /v1/": answer });
  return await runProgram({
    program: "01-hello",
    flow: "hello",
    input: { name: "Ada" },
    models: { kind: "real" },
    variables: { OPENAI_API_KEY: "sk-secret-key", OPENAI_BASE_URL: `${server.url}/v1` },
  });
}

test("the model is asked once, with the system text, the prompt and the key", async () => {
  const { run, events } = await greet((request) => ({ body: completion(request, "Hello Ada!") }));
  expect(run.output).toBe("Hello Ada!");
  expect(run.tokensIn + run.tokensOut).toBeGreaterThan(0);
  expect(server.requests.length).toBe(1);
  const [request] = server.requests;
  expect(request?.headers["authorization"]).toBe("Bearer sk-secret-key");
  expect(JSON.stringify(request?.body)).toContain("Greet Ada.");
  expect(JSON.stringify(request?.body)).toContain("You write one short, warm greeting.");
  expect(JSON.stringify(events)).not.toContain("sk-secret-key");
});

test("a provider that is busy is asked again by us, not by its SDK", async () => {
  const { run, events } = await greet((request, nth) =>
    nth === 1
      ? { status: 429, headers: { "retry-after": "0" }, body: { error: { message: "slow down" } } }
      : { body: completion(request, "Hello Ada!") },
  );
  expect(run.output).toBe("Hello Ada!");
  expect(server.requests.length).toBe(2);
  expect(events.flatMap((event) => (event.kind === "activity.failed" ? [event.code] : []))).toEqual(
    ["rate_limited"],
  );
});

test("a wrong key fails the run at once, without the key in the history", async () => {
  const { run, events } = await greet(() => ({
    status: 401,
    body: { error: { message: "Incorrect API key provided: sk-secret-key" } },
  }));
  expect(run).toMatchObject({
    status: "failed",
    error: { code: "unauthorized", step: "hello.greeting" },
  });
  expect(server.requests.length).toBe(1);
  expect(JSON.stringify(events)).not.toContain("sk-secret-key");
});
