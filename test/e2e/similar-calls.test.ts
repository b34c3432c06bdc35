// `cache` with `similarity`: calls whose texts say the same share answers; over the wire, and with the mock model.
import { afterEach, expect, test } from "vitest";

import { compile } from "../../compiler/index.ts";
import type { Json } from "../../plan/expression.ts";
import type { Plan } from "../../plan/plan.ts";
import { openRunner } from "../../runner/index.ts";
import type { Runner, RunnerOptions } from "../../runner/index.ts";
import { RecordingServer } from "./recording-server.ts";
import type { RecordedRequest, Route } from "./recording-server.ts";
import { completion } from "./wire-model.ts";

const runners: Runner[] = [];
const servers: RecordingServer[] = [];
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.close({ graceMs: 0 })));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function program(cache: string, more = ""): Plan {
  const text = `
config { url: url }
model fast { use: "openai/gpt-5-mini", baseUrl: config.url, attempts: 1 }
${more}
agent answer(question: string, language: "de" | "en") -> string {
  model: fast
  prompt: "\${question} \${language}"
  cache: ${cache}
}
flow ask(question: string, language: "de" | "en") -> string {
  step reply = answer(question, language)
  output: reply
}
`;
  const { plan, diagnostics } = compile({ read: () => text }, "main.agentflow");
  expect(diagnostics).toEqual([]);
  if (plan === null) throw new Error("no plan");
  return plan;
}

/** Where the questions of these tests lie; everything else lies elsewhere. */
const places: { readonly [text: string]: readonly number[] } = {
  "How do I return a parcel?": [1, 0, 0.1],
  "How can I return my parcel?": [1, 0.05, 0.1],
  "Who won?": [0, 1, 0],
};

async function modelServer(embeddings: Route): Promise<{
  readonly server: RecordingServer;
  asked(path: string): readonly Json[];
}> {
  const server = await RecordingServer.start({
    "POST /embeddings": embeddings,
    "POST /chat/completions": (request, nth) => ({ body: completion(request, `answer ${nth}`) }),
  });
  servers.push(server);
  return { server, asked: (path) => server.to(`POST ${path}`).map(({ body }) => body) };
}

function embedded({ body }: RecordedRequest): { readonly body: Json } {
  const input =
    typeof body === "object" && body !== null && "input" in body ? String(body["input"]) : "";
  const embedding = [...(places[input] ?? [0, 0, 1])];
  return {
    body: {
      object: "list",
      data: [{ object: "embedding", index: 0, embedding }],
      model: "m",
      usage: { prompt_tokens: 7, total_tokens: 7 },
    },
  };
}

async function open(url: string, models?: RunnerOptions["models"]): Promise<Runner> {
  const runner = await openRunner({
    store: null,
    folder: import.meta.dirname,
    variables: { URL: url },
    ...(models === undefined ? {} : { models }),
  });
  runners.push(runner);
  return runner;
}

async function ask(runner: Runner, plan: Plan, question: string, language = "en") {
  const started = await runner.start({ plan, flow: "ask", input: { question, language } });
  if (!started.ok) throw new Error(started.message);
  await runner.wait(started.run);
  const run = await runner.show(started.run);
  const events = await runner.events(started.run);
  const cached = events.find(
    (event) => event.kind === "activity.succeeded" && event.path.endsWith("!cache"),
  );
  return { run, cached: cached?.kind === "activity.succeeded" ? cached.output : null };
}

test("a question that says the same gets the same answer; other words, another language or another matter do not", async () => {
  const { server, asked } = await modelServer(embedded);
  const runner = await open(server.url);
  const plan = program("{ ttl: 1h, similarity: 0.95 }");
  const outputs: (Json | undefined)[] = [];
  for (const [question, language] of [
    ["How do I return a parcel?", "en"],
    ["How can I return my parcel?", "en"],
    ["How can I return my parcel?", "de"],
    ["Who won?", "en"],
  ] as const)
    outputs.push((await ask(runner, plan, question, language)).run?.output ?? null);
  expect(outputs).toEqual(["answer 1", "answer 1", "answer 2", "answer 3"]);
  expect(asked("/chat/completions")).toHaveLength(3);
  expect(asked("/embeddings")[0]).toEqual({
    model: "text-embedding-3-small",
    input: "How do I return a parcel?",
    encoding_format: "float",
  });
});

test("an equal question is not placed at all, and one that was found says how near it is", async () => {
  const { server, asked } = await modelServer(embedded);
  const runner = await open(server.url);
  const plan = program("{ ttl: 1h, similarity: 0.95 }");
  await ask(runner, plan, "How do I return a parcel?");
  const equal = await ask(runner, plan, "How do I return a parcel?");
  expect(equal.cached).toEqual({ hit: true, value: "answer 1" });
  expect(asked("/embeddings")).toHaveLength(1);
  const near = await ask(runner, plan, "How can I return my parcel?");
  expect(near.cached).toMatchObject({ hit: true, value: "answer 1" });
  expect(near.run?.tokensIn).toBe(7);
});

test("the model that `cache` names places the texts, at its own address and price", async () => {
  const { server, asked } = await modelServer(embedded);
  const runner = await open(server.url);
  const plan = program(
    "{ ttl: 1h, similarity: 0.95, model: places }",
    'model places { use: "openai/bge-m3", baseUrl: config.url, price: { input: $2, output: $0 } }',
  );
  const first = await ask(runner, plan, "Who won?");
  expect(asked("/embeddings")).toMatchObject([{ model: "bge-m3" }]);
  expect(first.run?.cost).toBeCloseTo(7 * 0.000_002);
});

test("texts that cannot be placed are asked about as if there were no cache, and the reason is kept", async () => {
  const { server } = await modelServer(() => ({
    status: 404,
    body: { error: { message: "no such model" } },
  }));
  const runner = await open(server.url);
  const plan = program("{ ttl: 1h, similarity: 0.95 }");
  const first = await ask(runner, plan, "Who won?");
  expect(first.run?.output).toBe("answer 1");
  expect(first.cached).toMatchObject({
    hit: false,
    problem: expect.stringContaining("no such model"),
  });
  expect((await ask(runner, plan, "Who won?")).run?.output).toBe("answer 1");
});

test("the mock model places texts by their words", async () => {
  const runner = await open("https://unused.example", { kind: "mock" });
  const plan = program("{ ttl: 1h, similarity: 0.9 }");
  const first = await ask(runner, plan, "How do I return a parcel?");
  const same = await ask(runner, plan, "how do I return a parcel");
  const other = await ask(runner, plan, "Who won the match on Sunday?");
  expect(same.cached).toMatchObject({ hit: true, value: first.run?.output });
  expect(other.cached).toEqual({ hit: false });
});
