import { describe, expect, it } from "vitest";

import { cronProblem, isTimeZone } from "./schedule.ts";

describe("cronProblem", () => {
  it("accepts what cron accepts", () => {
    for (const expression of [
      "0 8 * * 1-5",
      "*/5 * * * *",
      "0 0 L * *",
      "15,45 9-17 * JAN,JUL MON",
      "0 0 29 2 *",
    ]) {
      expect(cronProblem(expression)).toBeNull();
    }
  });

  it("names the field at fault", () => {
    expect(cronProblem("0 25 * * *")).toBe("has a wrong hour: `25`; hours go from 0 to 23");
    expect(cronProblem("x * * * *")).toContain("wrong minute");
    expect(cronProblem("0 8 * *")).toContain("has 4 fields, but needs five");
    expect(cronProblem("")).toContain("has 1 field");
    expect(cronProblem("0 0 30 2 *")).toBe("names a day that no month has");
  });
});

describe("isTimeZone", () => {
  it("knows the zones of the world and no offsets", () => {
    expect(["Europe/Berlin", "UTC", "America/New_York"].every(isTimeZone)).toBe(true);
    expect(["Europe/Atlantis", "+02:00", ""].some(isTimeZone)).toBe(false);
  });
});
