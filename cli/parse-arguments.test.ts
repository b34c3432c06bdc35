import { expect, test } from "vitest";

import { commandTable } from "./command-table.ts";
import type { CommandSpec } from "./command-spec.ts";
import { parseArguments } from "./parse-arguments.ts";
import { UserMistake } from "./user-mistake.ts";

function spec(name: string): CommandSpec {
  const found = commandTable.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

function mistake(name: string, words: readonly string[]): string {
  try {
    parseArguments(spec(name), words);
  } catch (error) {
    if (error instanceof UserMistake) return [error.message, ...error.hints].join("\n");
    throw error;
  }
  throw new Error("accepted");
}

test("the flow's flags are kept apart from the command's options, wherever they stand", () => {
  const parsed = parseArguments(spec("run"), [
    "a.agentflow#f",
    "--topic",
    "bees",
    "--mock",
    "--count",
    "-3",
    "--seed",
    "7",
  ]);
  expect(parsed.args).toEqual(["a.agentflow#f"]);
  expect(parsed.parameters).toEqual(["--topic", "bees", "--count", "-3"]);
  expect(parsed.options.on("mock")).toBe(true);
  expect(parsed.options.text("seed")).toBe("7");
});

test("behind -- everything belongs to the flow", () => {
  const parsed = parseArguments(spec("run"), [
    "a.agentflow",
    "--mock",
    "--",
    "--mock",
    "yes",
    "--input",
    "x",
  ]);
  expect(parsed.args).toEqual(["a.agentflow"]);
  expect(parsed.parameters).toEqual(["--mock", "yes", "--input", "x"]);
  expect(parsed.options.text("input")).toBeUndefined();
});

test("options may be repeated, negated and limited to choices", () => {
  const parsed = parseArguments(spec("runs list"), [
    "--status",
    "failed",
    "--status",
    "waiting",
    "--limit",
    "5",
  ]);
  expect(parsed.options.texts("status")).toEqual(["failed", "waiting"]);
  expect(parsed.options.whole("limit")).toBe(5);
  expect(parseArguments(spec("run"), ["a", "--no-ask"]).options.on("no-ask")).toBe(true);
  expect(parseArguments(spec("run"), ["a"]).options.on("no-ask")).toBe(false);
});

test("a mistake says what, why and how to do it right", () => {
  expect(mistake("check", ["--formt", "json"])).toBe(
    "`agentflow check` has no option --formt\ndid you mean --format?\nagentflow check --help lists all options",
  );
  expect(mistake("check", ["--format", "jsn"])).toBe(
    "--format of `agentflow check` can't be `jsn`\ndid you mean --format json?\nit is one of text, json, sarif, github",
  );
  expect(mistake("runs list", ["--status", "faild"])).toContain("--status can't be `faild`");
  expect(mistake("compile", [])).toBe(
    "`agentflow compile` needs <file>: the program\nfor example agentflow compile triage.agentflow -o plan.json",
  );
  expect(mistake("compile", ["a", "-o"])).toContain("--output needs a value: where the plan goes");
  expect(mistake("explain", ["AF1001", "AF1002"])).toContain(
    "does not know what to do with `AF1002`",
  );
});

test("a number that is none names the option", () => {
  const { options } = parseArguments(spec("runs list"), ["--limit", "many"]);
  expect(() => options.whole("limit")).toThrow("--limit takes a whole number, not `many`");
});
