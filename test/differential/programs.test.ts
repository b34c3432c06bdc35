// Whole programs give the same in one process, through PostgreSQL alone, and with BullMQ on Redis.
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Json } from "../../plan/expression.ts";
import type { Runner } from "../../runner/index.ts";
import { startPrivateRedis } from "../../tools/services/private-redis.ts";
import type { PrivateRedis } from "../../tools/services/private-redis.ts";
import { RecordingServer } from "../e2e/recording-server.ts";
import type { RecordedRequest } from "../e2e/recording-server.ts";
import { compileProgram } from "../e2e/run-program.ts";
import { modes, openMode } from "./modes.ts";
import type { Mode } from "./modes.ts";
import { normalForm, unordered } from "./normal-form.ts";
import type { NormalForm } from "./normal-form.ts";

const patience = { timeout: 120_000 };

let redis: PrivateRedis;
beforeAll(async () => {
  redis = await startPrivateRedis();
}, 120_000);
afterAll(async () => {
  await redis.stop();
});

interface Scene {
  readonly program: string;
  readonly flow: string;
  readonly input: { readonly [param: string]: Json };
  readonly status: string;
  /** It does things side by side, so that their order is open. */
  readonly open?: true;
  /** What a person answers. */
  readonly answer?: Json;
}

const order = (id: string): { readonly order: Json } => ({
  order: {
    id,
    items: [{ sku: "book", count: 2 }],
    cardToken: `token-${id}`,
    total: 24.5,
    address: `street of ${id}`,
  },
});

const scenes: { readonly [name: string]: Scene } = {
  hello: { program: "01-hello", flow: "hello", input: { name: "Ada" }, status: "succeeded" },
  triage: {
    program: "02-triage",
    flow: "triage",
    input: { text: "It broke on day one.", source: "mail" },
    status: "succeeded",
  },
  team: {
    program: "03-team",
    flow: "team",
    input: { task: "A product plan" },
    status: "succeeded",
    open: true,
  },
  shipped: order5("shipped"),
  declined: order5("declined"),
  unshipped: order5("unshipped"),
  busy: order5("busy"),
  approved: {
    program: "06-approval",
    flow: "answerQuestion",
    input: { sender: "ada@example.com", question: "When do you open?" },
    status: "succeeded",
    answer: { choice: "edit", text: "We open at nine." },
  },
  routing: {
    program: "10-routing",
    flow: "ask",
    input: { question: "Does it float?" },
    status: "succeeded",
  },
  blog: {
    program: "12-blog",
    flow: "blogPost",
    input: { brief: "Say hello" },
    status: "succeeded",
  },
};

function order5(id: string): Scene {
  return { program: "05-order-saga", flow: "placeOrder", input: order(id), status: "succeeded" };
}

/** None of them depends on how often it was asked for before, because nobody counts for all processes. */
const answers = {
  classify: { mood: "negative", confidence: 0.95, reason: "It says: broke." },
  pickTeam: { analysis: "Two parts.", team: ["researcher", "engineer"] },
  decompose: {
    subtasks: [
      { id: "build", goal: "Build it.", assignee: "engineer", needs: ["facts"] },
      { id: "facts", goal: "Find facts.", assignee: "researcher", needs: [] },
    ],
  },
  judge: {
    completeness: 9,
    accuracy: 9,
    relevance: 9,
    quality: 9,
    feedback: "Fine.",
    reassignTo: null,
  },
  approve: { approved: true, feedback: "Good." },
  draftAnswer: "At nine.",
  "ask.quick": { text: "Perhaps.", confidence: 0.2 },
  "ask.deep": { text: "Yes.", confidence: 0.99 },
  blogger: { title: "Hello", markdown: "# Hello" },
  "blogPost.reviewed.best#1.critique": { score: 5, feedback: "Too short." },
  "blogPost.reviewed.best#2.critique": { score: 9, feedback: "Good." },
};

function orderOf({ body }: RecordedRequest): string {
  return /street of (\w+)|token-(\w+)/.exec(JSON.stringify(body))?.slice(1).join("") ?? "";
}

async function startServices(): Promise<RecordingServer> {
  const charges = new Map<string, number>();
  return RecordingServer.start({
    "POST /tickets": { id: "t-1", url: "https://tickets.example/t-1" },
    "PUT /feedback": () => ({ status: 204 }),
    "POST /api/chat.postMessage": { ok: true, ts: "1", channel: "C1" },
    "POST /reservations": { id: "r-1" },
    "DELETE /reservations": () => ({ status: 204 }),
    "POST /charges": (request) => {
      const id = orderOf(request);
      const key = String(request.headers["idempotency-key"]);
      charges.set(key, (charges.get(key) ?? 0) + 1);
      if (id.includes("declined")) return { status: 402, body: { message: "declined" } };
      if (id.includes("busy") && (charges.get(key) ?? 0) < 3) return { status: 503 };
      return { body: { id: "c-1" } };
    },
    "POST /charges/c-1/refund": () => ({ status: 204 }),
    "POST /shipments": (request) =>
      orderOf(request).includes("unshipped")
        ? { status: 400 }
        : { body: { id: "s-1", trackingCode: "T-1" } },
    "POST /messages": { id: "m-1" },
    "POST /posts": { url: "https://blog.example/hello" },
  });
}

interface Carried {
  readonly forms: ReadonlyMap<string, NormalForm>;
  /** What services were asked for, sorted. */
  readonly calls: readonly string[];
}

async function carryAll(mode: Mode, services: RecordingServer): Promise<Carried> {
  const { url } = services;
  const keys = ["TICKETS_KEY", "SLACK_TOKEN", "PAY_KEY", "API_TOKEN", "MAIL_KEY", "CMS_KEY"];
  const urls = ["TICKETS_URL", "STORE_URL", "STOCK_URL", "PAY_URL", "SHIP_URL", "MAIL_URL"];
  const { runner, close } = await openMode({
    mode,
    redisUrl: redis.url,
    variables: Object.fromEntries([
      ...keys.map((key) => [key, "secret-of-ours"]),
      ...[...urls, "CMS_URL"].map((key) => [key, url]),
    ]),
    models: { kind: "mock", script: JSON.stringify(answers) },
  });
  try {
    const forms = await Promise.all(
      Object.entries(scenes).map(async ([name, scene]) => {
        const plan = compileProgram(scene.program, url);
        const started = await runner.start({ plan, flow: scene.flow, input: scene.input });
        if (!started.ok) throw new Error(`${name}: ${started.message}`);
        const form = await carry(runner, started.run, scene);
        return [name, scene.open === true ? unordered(form) : form] as const;
      }),
    );
    return {
      forms: new Map(forms),
      calls: services.requests.map(({ method, path }) => `${method} ${path}`).sort(),
    };
  } finally {
    await close();
  }
}

async function carry(runner: Runner, run: string, { answer }: Scene): Promise<NormalForm> {
  for (;;) {
    const { endedAtMs } = await runner.wait(run);
    if (endedAtMs !== null) return normalForm(runner, run);
    const [task] = await runner.tasks(run);
    if (task !== undefined && answer !== undefined) await runner.answer(run, task.path, answer);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("histories, results, views and calls of whole programs", patience, async () => {
  const services = await startServices();
  let expected: Carried | undefined;
  try {
    for (const mode of modes) {
      services.requests.length = 0;
      const carried = await carryAll(mode, services);
      expected ??= carried;
      for (const [name, { status }] of Object.entries(scenes)) {
        const form = carried.forms.get(name);
        expect(form?.status, `${name}, ${mode}`).toBe(status);
        expect(form, `${name}, ${mode}`).toEqual(expected.forms.get(name));
      }
      expect(carried.calls, mode).toEqual(expected.calls);
    }
  } finally {
    await services.close();
  }
});
