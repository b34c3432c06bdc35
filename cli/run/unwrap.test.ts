import { expect, test } from "vitest";

import { UserMistake } from "../user-mistake.ts";
import { unwrap } from "./unwrap.ts";

function mistake(message: string, problems: readonly { path: string; message: string }[]) {
  try {
    unwrap({ ok: false, code: "AF7006", message, problems });
  } catch (error) {
    if (error instanceof UserMistake) return [error.message, error.hints];
  }
  return null;
}

const problems = [
  { path: "config.a", message: "is not set" },
  { path: "config.b", message: "is not a number" },
];

test("what is wrong is said once", () => {
  expect(mistake("it can't start: config.a is not set", problems.slice(0, 1))).toEqual([
    "it can't start: config.a is not set",
    [],
  ]);
  const list = ["config.a is not set", "config.b is not a number"];
  expect(mistake(`it can't start: ${list.join("; ")}`, problems)).toEqual(["it can't start", list]);
  expect(mistake(list.join("; "), problems)).toEqual(["2 values do not fit", list]);
  expect(mistake("it can't start", problems)).toEqual(["it can't start", list]);
});
