// 12: write, judge, improve, publish; its own tests, and a run against a CMS that is down for a moment.
import { expect, test } from "vitest";

import { compile } from "../../compiler/index.ts";
import { runTest } from "../../testing/index.ts";
import { RecordingServer } from "./recording-server.ts";
import { programHost, runProgram } from "./run-program.ts";

test("the program's own tests pass", () => {
  const { tests, diagnostics } = compile(
    programHost("https://slack.com"),
    "12-blog.test.agentflow",
  );
  expect(diagnostics).toEqual([]);
  const results = tests.map((plan) => runTest(plan));
  expect(results.map(({ title, passed, failures }) => ({ title, passed, failures }))).toEqual([
    { title: "a post that improves is published", passed: true, failures: [] },
    { title: "publishing is retried when the CMS is down", passed: true, failures: [] },
    { title: "the run stops when the budget is spent", passed: true, failures: [] },
  ]);
});

test("a post is improved until it is good enough, then published once", async () => {
  const server = await RecordingServer.start({
    "POST /posts": (_, nth) =>
      nth < 3
        ? { status: 503, headers: { "retry-after": "0" } }
        : { body: { url: "https://blog.example/hello" } },
  });
  try {
    const { run, events } = await runProgram({
      program: "12-blog",
      flow: "blogPost",
      input: { brief: "Say hello" },
      answers: {
        blogger: [
          { answer: { title: "Hi", markdown: "# Hi" } },
          { answer: { title: "Hello", markdown: "# Hello" } },
        ],
        reader: [
          { answer: { score: 5, feedback: "Too short." } },
          { answer: { score: 9, feedback: "Good." } },
        ],
      },
      variables: { CMS_URL: server.url, CMS_KEY: "ck" },
    });
    expect(run.output).toEqual({ url: "https://blog.example/hello", score: 9 });
    expect(server.requests.map(({ body }) => body)).toEqual(
      Array(3).fill({ post: { title: "Hello", markdown: "# Hello" } }),
    );
    expect(new Set(server.requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
    const asked = events.flatMap((event) =>
      event.kind === "activity.started" && event.activity === "model" ? [event.path] : [],
    );
    expect(asked).toEqual([
      "blogPost.reviewed.best#1.work@1",
      "blogPost.reviewed.best#1.critique@1",
      "blogPost.reviewed.best#2.work@1",
      "blogPost.reviewed.best#2.critique@1",
    ]);
  } finally {
    await server.close();
  }
});
