import { tmpdir } from "node:os";
import { expect, test } from "vitest";

import { measureProcesses } from "./measure-process.ts";
import { measure, median, quantile } from "./measure.ts";
import { printNumber, printReport, ratio, verdict } from "./report.ts";

test("median and quantiles interpolate, whatever the order", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([0, 10], 0.9)).toBe(9);
  expect(median([])).toBeNaN();
});

test("candidates take turns, after their warm-up", async () => {
  const calls: string[] = [];
  const candidates = ["a", "b"].map((name) => ({ name, work: () => calls.push(name) }));
  const measured = await measure(candidates, { rounds: 2, warmups: 1 });
  expect(calls.join("")).toBe("ababab");
  expect(measured.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(measured[0]?.cpuSamplesMs).toHaveLength(2);
});

test("work that calculates costs processor time, work that waits does not", async () => {
  const spin = (): void => {
    const end = performance.now() + 20;
    while (performance.now() < end);
  };
  const wait = async (): Promise<void> => {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  };
  const [busy, idle] = await measure(
    [
      { name: "busy", work: spin },
      { name: "idle", work: wait },
    ],
    { rounds: 3, warmups: 0 },
  );
  expect(idle?.wallMs).toBeGreaterThan(15);
  expect(idle?.cpuMs).toBeLessThan(busy?.cpuMs ?? 0);
});

test("a process is measured from start to end, and its failure is no figure", async () => {
  const folder = tmpdir();
  const [measured] = await measureProcesses([{ name: "empty", options: ["-e", "0"], folder }], 1);
  expect(measured?.wallMs).toBeGreaterThan(5);
  expect(measured?.cpuMs).toBeGreaterThan(1);
  expect(measured?.peakMegabytes).toBeGreaterThan(10);
  const failing = { name: "broken", options: ["-e", "throw new Error('no')"], folder };
  await expect(measureProcesses([failing], 1)).rejects.toThrow(/broken ended with 1:[^]*Error: no/);
});

test("a figure meets its bar, its goal, or neither", () => {
  const figure = { name: "start", value: 200, unit: "ms" };
  const bar = { want: "at most", floor: 250, goal: 120 } as const;
  expect(verdict(figure)).toBe("–");
  expect(verdict({ ...figure, bar })).toBe("ok");
  expect(verdict({ ...figure, value: 120, bar })).toBe("goal");
  expect(verdict({ ...figure, value: 251, bar })).toBe("missed");
  expect(verdict({ ...figure, bar: { want: "at least", floor: 250 } })).toBe("missed");
  expect(verdict({ ...figure, value: Number.NaN, bar })).toBe("missed");
});

test("a report is a table that lines up", () => {
  const ours = { name: "ours", value: 15_000, unit: "steps/s" };
  const theirs = { name: "theirs", value: 4_000, unit: "steps/s" };
  const bar = { want: "at least", floor: 4, goal: 10 } as const;
  expect(printReport("runner", [ours, theirs, ratio("ratio", { of: ours, to: theirs }, bar)])).toBe(
    [
      "runner",
      "figure           value  bar",
      "ours    15,000 steps/s                  –",
      "theirs   4,000 steps/s                  –",
      "ratio           3.75 ×  ≥ 4, goal 10 ×  missed",
    ].join("\n"),
  );
});

test("numbers have three digits that matter", () => {
  expect([0.012345, 1.5, 99.96, 123.4, 1_234_567, Number.NaN].map(printNumber)).toEqual([
    "0.0123",
    "1.5",
    "100",
    "123",
    "1,234,567",
    "NaN",
  ]);
});
