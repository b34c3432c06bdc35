import { expect, test } from "vitest";

import { formatZonedTime, parseZonedTime } from "./zoned-time.ts";

const berlin = "Europe/Berlin";

function iso(text: string, zone: string): readonly string[] | null {
  const time = parseZonedTime(text, zone);
  return time && [time.firstMs, time.lastMs].map((atMs) => new Date(atMs).toISOString());
}

test("a time with an offset is that time, whatever the zone", () => {
  const at = "2024-01-31T08:00:00.000Z";
  for (const text of ["2024-01-31T08:00:00Z", "2024-01-31T10:00+02:00", "2024-01-31t03:00:00-0500"])
    expect(iso(text, berlin)).toEqual([at, at]);
});

test("a time without an offset is meant in the zone, a date is the whole day there", () => {
  expect(iso("2024-01-31T08:00", berlin)?.[0]).toBe("2024-01-31T07:00:00.000Z");
  expect(iso("2024-07-31 08:00:05", berlin)?.[0]).toBe("2024-07-31T06:00:05.000Z");
  expect(iso("2024-01-31", berlin)).toEqual([
    "2024-01-30T23:00:00.000Z",
    "2024-01-31T22:59:59.999Z",
  ]);
  // The day on which clocks are put forward has 23 hours.
  expect(iso("2024-03-31", berlin)).toEqual([
    "2024-03-30T23:00:00.000Z",
    "2024-03-31T21:59:59.999Z",
  ]);
});

test("times that do not exist are after the gap, those that exist twice are the first", () => {
  expect(iso("2024-03-31T02:30", berlin)?.[0]).toBe("2024-03-31T01:30:00.000Z");
  expect(iso("2024-10-27T02:30", berlin)?.[0]).toBe("2024-10-27T00:30:00.000Z");
  expect(iso("2024-03-10T02:30", "America/New_York")?.[0]).toBe("2024-03-10T07:30:00.000Z");
});

test.each(["", "tomorrow", "2024-02-30", "2024-13-01", "2024-01-31T25:00", "31.01.2024", "2024"])(
  "%j is no time",
  (text) => expect(parseZonedTime(text, berlin)).toBeNull(),
);

test("times are shown as clocks of the zone show them", () => {
  const atMs = Date.parse("2024-01-31T07:00:00Z");
  expect(formatZonedTime(atMs, berlin)).toBe("2024-01-31 08:00 +01:00");
  expect(formatZonedTime(atMs + 5_000, "UTC")).toBe("2024-01-31 07:00:05 +00:00");
  expect(formatZonedTime(atMs, "America/St_Johns")).toBe("2024-01-31 03:30 -03:30");
});
