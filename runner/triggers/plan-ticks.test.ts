import { expect, test } from "vitest";

import { nextTick, planTicks, ticksBetween } from "./plan-ticks.ts";

const at = (text: string): number => Date.parse(text);
const daily = { expression: "0 8 * * *", zone: "UTC", misfire: "once" } as const;
const minute = { expression: "* * * * *", zone: "UTC", misfire: "once" } as const;

test("a tick that is due has a run; nothing is decided ahead of its time", () => {
  const time = { sinceMs: at("2024-01-01T08:00:00Z"), paused: false };
  expect(planTicks(daily, { ...time, nowMs: at("2024-01-02T07:59:59Z") })).toEqual({
    untilMs: at("2024-01-02T07:59:59Z"),
    starts: [],
    skips: [],
    more: false,
  });
  expect(planTicks(daily, { ...time, nowMs: at("2024-01-02T08:00:00Z") }).starts).toEqual([
    at("2024-01-02T08:00:00Z"),
  ]);
});

test("of ticks that were missed, `once` starts the last, `all` each, `skip` none", () => {
  const time = {
    sinceMs: at("2024-01-01T08:00:00Z"),
    nowMs: at("2024-01-04T12:00:00Z"),
    paused: false,
  };
  const days = ["02", "03", "04"].map((day) => at(`2024-01-${day}T08:00:00Z`));
  const missed = (ticks: readonly number[]) =>
    ticks.map((atMs) => ({ atMs, reason: "misfire" }) as const);
  expect(planTicks(daily, time)).toMatchObject({
    starts: days.slice(2),
    skips: missed(days.slice(0, 2)),
  });
  expect(planTicks({ ...daily, misfire: "all" }, time)).toMatchObject({ starts: days, skips: [] });
  expect(planTicks({ ...daily, misfire: "skip" }, time)).toMatchObject({
    starts: [],
    skips: missed(days),
  });
});

test("a tick on time runs whatever was missed before it", () => {
  const time = {
    sinceMs: at("2024-01-01T08:00:00Z"),
    nowMs: at("2024-01-03T08:00:30Z"),
    paused: false,
  };
  for (const misfire of ["once", "skip"] as const)
    expect(planTicks({ ...daily, misfire }, time)).toMatchObject({
      starts: [at("2024-01-03T08:00:00Z")],
      skips: [{ atMs: at("2024-01-02T08:00:00Z"), reason: "misfire" }],
    });
});

test("a pause skips what falls into it", () => {
  const time = {
    sinceMs: at("2024-01-01T08:00:00Z"),
    nowMs: at("2024-01-02T08:00:00Z"),
    paused: true,
  };
  expect(planTicks(daily, time)).toMatchObject({
    starts: [],
    skips: [{ atMs: at("2024-01-02T08:00:00Z"), reason: "paused" }],
  });
});

test("a long absence is worked off in parts, and `once` still starts one run", () => {
  const nowMs = at("2024-01-02T12:00:30Z");
  let sinceMs = at("2024-01-01T00:00:00Z");
  const starts: number[] = [];
  let skips = 0;
  for (let parts = 0; ; parts += 1) {
    const due = planTicks(minute, { sinceMs, nowMs, paused: false });
    starts.push(...due.starts);
    skips += due.skips.length;
    sinceMs = due.untilMs;
    if (!due.more) {
      expect(parts).toBe(2);
      break;
    }
  }
  // The last minute is on time, and so is the one before it.
  expect(starts).toEqual([at("2024-01-02T12:00:00Z")]);
  expect(skips).toBe(36 * 60 - 1);
});

test("clocks that are put forward or back neither lose a tick nor double it", () => {
  const night = { expression: "30 2 * * *", zone: "Europe/Berlin" };
  const days = (from: string, until: string) =>
    ticksBetween(night, { afterMs: at(from), untilMs: at(until), limit: 9 }).map((ms) =>
      new Date(ms).toISOString(),
    );
  expect(days("2024-03-30T00:00:00Z", "2024-04-01T12:00:00Z")).toEqual([
    "2024-03-30T01:30:00.000Z",
    "2024-03-31T01:00:00.000Z",
    "2024-04-01T00:30:00.000Z",
  ]);
  expect(days("2024-10-26T00:00:00Z", "2024-10-28T12:00:00Z")).toEqual([
    "2024-10-26T00:30:00.000Z",
    "2024-10-27T00:30:00.000Z",
    "2024-10-28T01:30:00.000Z",
  ]);
});

test("the next tick is strictly later", () => {
  expect(nextTick(daily, at("2024-01-01T08:00:00Z"))).toBe(at("2024-01-02T08:00:00Z"));
});
