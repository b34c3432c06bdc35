import { createColors } from "picocolors";
import { expect, test } from "vitest";

import type { StepView } from "../../runner/index.ts";
import { cutToWidth, displayWidth } from "./display-width.ts";
import { pathSegments, stepTree } from "./step-tree.ts";
import { treeLines } from "./tree-lines.ts";

const style = { colors: createColors(false), columns: 80, nowMs: 5_000, frame: 0 };

function step(path: string, more: Partial<StepView> = {}): StepView {
  return {
    path,
    kind: "agent",
    callee: null,
    status: "succeeded",
    attempt: 1,
    startedAtMs: 1_000,
    endedAtMs: 2_200,
    cost: 0,
    tokensIn: 0,
    tokensOut: 0,
    error: null,
    progress: null,
    ...more,
  };
}

test("paths fall into segments; a key may hold dots", () => {
  expect(pathSegments("team.solutions[a.b#c].accepted#2.review")).toEqual([
    "team",
    "solutions",
    "[a.b#c]",
    "accepted",
    "#2",
    "review",
  ]);
  expect(pathSegments("order.paid!undo")).toEqual(["order", "paid", "!undo"]);
});

test("the tree shows status, callee, attempts, time, tokens and cost", () => {
  const lines = treeLines(
    stepTree([
      step("team.plan", { callee: "decompose", tokensIn: 1_000, tokensOut: 234, cost: 0.0123 }),
      step("team.solutions", {
        kind: "for",
        status: "running",
        endedAtMs: null,
        progress: { done: 1, failed: 1, total: 4 },
      }),
      step("team.solutions[api].accepted", { kind: "repeat", status: "running", endedAtMs: null }),
      step("team.solutions[api].accepted#1.review", {
        status: "retrying",
        attempt: 2,
        endedAtMs: null,
      }),
      step("team.solutions[db].accepted", {
        status: "failed",
        error: { code: "refused", message: "no", step: "x", attempts: 1 },
      }),
    ]),
    40,
    style,
  );
  expect(lines.map((line) => line.replace(/ {2,}/g, "  "))).toEqual([
    "├ ✓ plan decompose  1.2s · 1.2k tokens · $0.0123",
    "└ ⠋ solutions  1/4 · 1 failed · 4.0s",
    "  ├ ⠋ [api]",
    "  │ └ ⠋ accepted  4.0s",
    "  │  └ ↻ round 1",
    "  │  └ ↻ review  attempt 2 · 4.0s",
    "  └ ✗ [db]",
    "  └ ✗ accepted  1.2s  refused: no",
  ]);
});

test("a large fan-out is folded into the rows there are, and what runs stays visible", () => {
  const items = Array.from({ length: 500 }, (_, index) =>
    step(
      `f.all[${index}].work`,
      index === 250
        ? { status: "running", endedAtMs: null }
        : index > 250
          ? { status: "pending", startedAtMs: null, endedAtMs: null }
          : {},
    ),
  );
  const lines = treeLines(
    stepTree([step("f.all", { status: "running", endedAtMs: null }), ...items]),
    15,
    style,
  );
  expect(lines.length).toBeLessThanOrEqual(15);
  expect(lines.some((line) => line.includes("[250]"))).toBe(true);
  expect(lines.at(-1)).toMatch(/… \d+ succeeded, \d+ pending/);
});

test("no line is wider than the terminal", () => {
  const nodes = stepTree([
    step(`f.${"long".repeat(30)}`, { callee: "another", tokensIn: 5 }),
    step("f.日本語の名前", { callee: "x" }),
  ]);
  for (const columns of [20, 40, 80, 200]) {
    for (const line of treeLines(nodes, 10, { ...style, columns }))
      expect(displayWidth(line)).toBeLessThanOrEqual(columns);
  }
});

test("wide characters count twice, colours not at all", () => {
  expect(displayWidth("日本")).toBe(4);
  expect(displayWidth("👩‍👩‍👧")).toBe(2);
  expect(displayWidth(createColors(true).red("abc"))).toBe(3);
  expect(displayWidth(cutToWidth(createColors(true).red("abcdef"), 4))).toBe(4);
  expect(cutToWidth("日本語", 4)).toBe("日…");
});

test("of a tree with tens of thousands of steps only those lines are drawn that are shown", () => {
  let drawn = 0;
  const colors = createColors(false);
  const counting = {
    ...style,
    colors: {
      ...colors,
      green: (text: string | number | null | undefined) => {
        drawn += 1;
        return colors.green(text);
      },
    },
  };
  const items = Array.from({ length: 20_000 }, (_, item) => step(`fan.done[${item}].got`));
  const tree = stepTree([step("fan.done", { status: "running", kind: "for" }), ...items]);
  expect(treeLines(tree, 20, counting)).toHaveLength(10);
  expect(drawn).toBeLessThan(30);
  expect(treeLines(tree, 20, style).at(-1)).toBe("  └ … 19992 succeeded");
});
