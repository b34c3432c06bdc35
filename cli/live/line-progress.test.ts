import { createColors } from "picocolors";
import { expect, test } from "vitest";

import type { RunDetail, StepView } from "../../runner/index.ts";
import type { Terminal } from "../terminal.ts";
import { lineProgress } from "./line-progress.ts";

const step: StepView = {
  path: "f.look",
  kind: "call",
  callee: "search",
  status: "running",
  attempt: 1,
  startedAtMs: 1_000,
  endedAtMs: null,
  cost: 0,
  tokensIn: 0,
  tokensOut: 0,
  error: null,
  progress: null,
};

const run: RunDetail = {
  id: "r1",
  flow: "f",
  planHash: "h",
  status: "running",
  startedAtMs: 1_000,
  endedAtMs: null,
  waitsFor: null,
  waits: [],
  wakesAtMs: null,
  error: null,
  cost: 0,
  tokensIn: 0,
  tokensOut: 0,
  input: {},
  output: null,
  steps: [],
};

function scene(): { readonly terminal: Terminal; readonly lines: () => readonly string[] } {
  let text = "";
  const colors = createColors(false);
  const terminal: Terminal = {
    out: () => undefined,
    err: (more) => void (text += more),
    outColors: colors,
    errColors: colors,
    live: false,
    interactive: false,
    outColumns: () => null,
    size: () => ({ columns: 80, rows: 24 }),
    onResize: () => () => undefined,
  };
  return { terminal, lines: () => text.split("\n") };
}

test("each thing that happens is one line, and is told once", () => {
  const { terminal, lines } = scene();
  const progress = lineProgress(terminal);
  const error = { code: "unavailable", message: "down\nfor now", step: null, attempts: 1 };
  const at = (steps: readonly StepView[]): void => progress.update({ ...run, steps });
  at([]);
  at([{ ...step, status: "pending", startedAtMs: null }]);
  at([step]);
  at([step]);
  at([{ ...step, status: "retrying", error }]);
  at([{ ...step, attempt: 2 }]);
  progress.finish({
    ...run,
    status: "succeeded",
    endedAtMs: 3_500,
    tokensIn: 1_200,
    cost: 0.0031,
    steps: [
      { ...step, status: "succeeded", attempt: 2, endedAtMs: 3_500, tokensIn: 1_200, cost: 0.0031 },
    ],
  });
  expect(lines()).toEqual([
    "f r1",
    "  running   f.look (search)",
    "  retrying  f.look (search)  unavailable: down for now",
    "  running   f.look (search)  attempt 2",
    "  succeeded f.look (search)  attempt 2  2.5s  1.2k tokens  $0.0031",
    "✓ succeeded · 2.5s · 1 step done · 1.2k tokens · $0.0031",
    "",
  ]);
});
