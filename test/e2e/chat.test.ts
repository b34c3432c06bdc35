// 08: short runs with a state per user; the next run remembers what the last one said.
import { afterEach, expect, test } from "vitest";

import { RecordingServer } from "./recording-server.ts";
import { startAndWait, withProgramRunner } from "./run-program.ts";
import { completion, toldText } from "./wire-model.ts";

let server: RecordingServer;

afterEach(async () => {
  await server.close();
});

test("the conversation is kept per user", async () => {
  server = await RecordingServer.start({
    "POST /v1/": (request, nth) => ({ body: completion(request, `Answer ${nth}.`) }),
    "POST /messages": () => ({ status: 204 }),
  });
  const options = {
    program: "08-chat",
    flow: "chat",
    input: {},
    models: { kind: "real" as const },
    variables: {
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${server.url}/v1`,
      CHAT_URL: server.url,
      CHAT_KEY: "c",
    },
  };
  await withProgramRunner(options, async (runner) => {
    const say = async (userId: string, text: string): Promise<string> => {
      const { run } = await startAndWait(runner, {
        ...options,
        input: { message: { userId, text } },
      });
      expect(run.status).toBe("succeeded");
      return run.id;
    };
    const first = await say("ada", "My cat is called Turing.");
    const second = await say("ada", "What is my cat called?");
    await say("bob", "Do I have a cat?");

    const [one, two, three] = server.to("POST /v1/").map(toldText);
    expect(one).not.toContain("Answer");
    expect(two).toContain("My cat is called Turing.");
    expect(two).toContain("Answer 1.");
    expect(three).not.toContain("Turing");
    expect(server.to("POST /messages").map(({ body }) => body)).toEqual([
      { userId: "ada", text: "Answer 1." },
      { userId: "ada", text: "Answer 2." },
      { userId: "bob", text: "Answer 3." },
    ]);
    const keys = server.to("POST /messages").map(({ headers }) => headers["idempotency-key"]);
    expect(keys[0]).toContain(first);
    expect(keys[1]).toContain(second);
  });
});

test("a run that fails leaves the conversation as it was", async () => {
  server = await RecordingServer.start({
    "POST /v1/": (request, nth) => ({ body: completion(request, `Answer ${nth}.`) }),
    "POST /messages": (_, nth) => (nth === 1 ? { status: 400 } : { status: 204 }),
  });
  const options = {
    program: "08-chat",
    flow: "chat",
    input: {},
    models: { kind: "real" as const },
    variables: {
      OPENAI_API_KEY: "k",
      OPENAI_BASE_URL: `${server.url}/v1`,
      CHAT_URL: server.url,
      CHAT_KEY: "c",
    },
  };
  await withProgramRunner(options, async (runner) => {
    const failed = await startAndWait(runner, {
      ...options,
      input: { message: { userId: "ada", text: "Lost words." } },
    });
    expect(failed.run.status).toBe("failed");
    const next = await startAndWait(runner, {
      ...options,
      input: { message: { userId: "ada", text: "Hello?" } },
    });
    expect(next.run.status).toBe("succeeded");
    expect(toldText(server.to("POST /v1/")[1] ?? server.requests[0]!)).not.toContain("Lost words.");
  });
});
