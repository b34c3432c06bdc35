// 10: a cheap model first; the strong one only when the cheap one is unsure. Equal questions are answered once.
import { expect, test } from "vitest";

import { runProgram, startAndWait, withProgramRunner } from "./run-program.ts";

const question = "Does it float?";

test("a sure answer is the answer", async () => {
  const { run, events } = await runProgram({
    program: "10-routing",
    flow: "ask",
    input: { question },
    answers: { "ask.quick": { text: "Yes.", confidence: 0.9 } },
  });
  expect(run.output).toEqual({ text: "Yes.", confidence: 0.9 });
  expect(
    events.flatMap((event) =>
      event.kind === "activity.started" && event.activity === "model" ? [event.model] : [],
    ),
  ).toEqual(["cheap"]);
});

test("an unsure one is asked again of the strong model", async () => {
  const { run, events } = await runProgram({
    program: "10-routing",
    flow: "ask",
    input: { question },
    answers: {
      "ask.quick": { text: "Perhaps.", confidence: 0.2 },
      "ask.deep": { text: "Yes.", confidence: 0.99 },
    },
  });
  expect(run.output).toEqual({ text: "Yes.", confidence: 0.99 });
  expect(
    events.flatMap((event) =>
      event.kind === "activity.started" && event.activity === "model" ? [event.model] : [],
    ),
  ).toEqual(["cheap", "strong"]);
});

test("a model that is down is stood in for by its backups, in their order", async () => {
  const { run, events } = await runProgram({
    program: "10-routing",
    flow: "ask",
    input: { question },
    answers: {
      "ask.quick": [
        ...Array.from({ length: 3 }, () => ({ fail: "unavailable", retryAfter: 0 })),
        { answer: { text: "From a backup.", confidence: 0.8 } },
      ],
    },
  });
  expect(run.output).toEqual({ text: "From a backup.", confidence: 0.8 });
  expect(
    events.flatMap((event) =>
      event.kind === "activity.started" && event.activity === "model" ? [event.model] : [],
    ),
  ).toEqual(["cheap", "cheap", "cheap", "cheapClaude"]);
});

test("the same question of another run costs nothing", async () => {
  const options = {
    program: "10-routing",
    flow: "ask",
    input: { question },
    answers: { "ask.quick": { text: "Yes.", confidence: 0.9 } },
  };
  await withProgramRunner(options, async (runner) => {
    await startAndWait(runner, options);
    const second = await startAndWait(runner, options);
    expect(second.run.output).toEqual({ text: "Yes.", confidence: 0.9 });
    expect(second.run.tokensIn).toBe(0);
    expect(
      second.events.some(
        (event) => event.kind === "activity.started" && event.activity === "model",
      ),
    ).toBe(false);
  });
});
