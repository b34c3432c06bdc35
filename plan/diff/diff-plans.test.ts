import { describe, expect, it } from "vitest";

import { helloPlan, helloProgram } from "../fixtures/hello-plan.ts";
import { planHash } from "../hash.ts";
import type { Plan, Program, ToolPlan } from "../plan.ts";
import { diffPlans } from "./diff-plans.ts";
import { diffText } from "./diff-text.ts";

const tool: ToolPlan = {
  params: [],
  returns: "string",
  reach: { kind: "module", module: "./a.ts", function: "a", secrets: {} },
  errors: { byStatus: {}, codes: [] },
  effect: "read",
  restart: true,
  retry: {
    attempts: { op: "value", value: 1 },
    backoff: { fromMs: { op: "value", value: 1_000 }, toMs: { op: "value", value: 16_000 } },
    retryOn: ["timeout"],
  },
  timeoutMs: { op: "value", value: 30_000 },
  labels: { untrusted: true, private: false },
};

const longPrompt = [
  "You greet people.",
  "You are friendly and you know every language there is.",
  "Stop.",
];

function withProgram(change: Partial<Program>): Plan {
  const program = { ...helloProgram, ...change };
  return { ...helloPlan, program, hash: planHash(program) };
}

describe("diffPlans", () => {
  it("finds nothing between equal plans", () => {
    expect(diffPlans(helloPlan, helloPlan).groups).toEqual([]);
    expect(diffText(diffPlans(helloPlan, helloPlan))).toBe("The plans are the same.\n");
  });

  it("says in words what changed in a tool", () => {
    const before = withProgram({ tools: { search: tool, gone: tool } });
    const after = withProgram({
      tools: {
        search: {
          ...tool,
          effect: "send",
          timeoutMs: { op: "value", value: 90_000 },
          retry: { ...tool.retry, attempts: { op: "value", value: 4 } },
          labels: { untrusted: false, private: false },
        },
        fresh: tool,
      },
    });
    expect(diffText(diffPlans(before, after))).toBe(`Tools
  + tool fresh
  - tool gone
  ~ tool search
      attempts: 1 → 4
      effect: read → send
      timeout: 30s → 90s

Labels
  ~ search
      untrusted: true → false
`);
  });

  it("compares steps, types and bounds, and prompts line by line", () => {
    const hello = helloProgram.flows["hello"];
    expect(hello).toBeDefined();
    if (hello === undefined) return;
    const prompt = (lines: readonly string[]) => ({
      op: "template" as const,
      parts: [lines.join("\n")],
    });
    const steps = hello.body.steps.map((step) => ({
      ...step,
      waits: ["before"],
      action: { ...step.action, value: prompt(longPrompt) },
    }));
    const before = withProgram({
      schemas: { ...helloProgram.schemas, Mood: { type: "string", enum: ["good"] } },
      flows: { hello: { ...hello, body: { ...hello.body, steps } } },
    });
    const after = withProgram({
      schemas: { ...helloProgram.schemas, Mood: { type: "string", enum: ["good", "bad"] } },
      flows: {
        hello: {
          ...hello,
          bounds: { ...hello.bounds, agentCalls: 3, timeMs: null },
          body: {
            ...hello.body,
            steps: steps.map((step) => ({
              ...step,
              waits: [],
              action: {
                ...step.action,
                value: prompt(longPrompt.toSpliced(1, 1, "You are friendly.")),
              },
            })),
          },
        },
      },
    });
    expect(diffText(diffPlans(before, after))).toBe(`Steps
  ~ hello.greeting
      value:
        - You are friendly and you know every language there is.
        + You are friendly.
      waits for: before → none

Types
  ~ type Mood
      definition: "good" → "good" | "bad"

Bounds
  ~ flow hello
      at most, agent calls: 0 → 3
      at most, time: 0s → unknown
`);
  });
});
