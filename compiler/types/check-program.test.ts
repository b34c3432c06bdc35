import { readFileSync, readdirSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parse } from "../syntax/parse.ts";
import { checkProgram } from "./check-program.ts";
import type { Program } from "./check-program.ts";

const folder = new URL("../../test/programs/", import.meta.url);
const programs = readdirSync(folder).filter((name) => name.endsWith(".agentflow"));
const texts = new Map(
  [...programs, "std/slack.agentflow", "std/web.agentflow"].map((name) => [
    name,
    readFileSync(new URL(name, folder), "utf8"),
  ]),
);

function check(files: ReadonlyMap<string, string>, entry: string, previous?: Program): Program {
  return checkProgram({ read: (path) => files.get(path) ?? null }, [entry], previous);
}

/** Faults of a program of the folder whose own text is another one. */
function faults(name: string, text: string): number {
  const program = check(new Map([...texts, [name, text]]), name);
  const syntax = [...program.modules.values()].flatMap(({ parse: { diagnostics } }) => diagnostics);
  return syntax.length + program.diagnostics.length;
}

it.each(programs)("%s has nothing wrong with it", (name) => {
  expect(faults(name, texts.get(name) ?? "")).toBe(0);
});

describe("texts with faults", () => {
  const tokenOf = (name: string, at: number) => {
    const text = texts.get(name) ?? "";
    const { tokens } = parse(name, text);
    return { text, token: tokens[Math.floor(at * tokens.length)] ?? { start: 0, end: 0 } };
  };
  const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it("gives diagnostics, never an exception, and mostly one for one fault", () => {
    const counts: number[] = [];
    fc.assert(
      fc.property(fc.constantFrom(...programs), fraction, fc.boolean(), (name, at, isDeleted) => {
        const { text, token } = tokenOf(name, at);
        const copy = isDeleted ? "" : `${text.slice(token.start, token.end)} `;
        const end = isDeleted ? token.end : token.start;
        counts.push(faults(name, text.slice(0, token.start) + copy + text.slice(end)));
      }),
      { numRuns: 120, seed: 7 },
    );
    const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(average).toBeLessThanOrEqual(1.05);
  });

  it("survives any cut and any foreign token", () => {
    const strange = fc.constantFrom(
      "{",
      "}",
      "=>",
      "??",
      '"',
      "${",
      "match",
      "...",
      "role x<",
      "1..",
      "@",
      "null",
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...programs),
        fraction,
        strange,
        fc.boolean(),
        (name, at, by, isCut) => {
          const { text, token } = tokenOf(name, at);
          faults(name, text.slice(0, token.start) + by + (isCut ? "" : text.slice(token.start)));
        },
      ),
      { numRuns: 60, seed: 8 },
    );
  });
});

it("takes long chains of lets", () => {
  const lines = (count: number, indent: string): string =>
    Array.from({ length: count }, (_, index) => `${indent}let a${index} = a${index + 1} + 1`).join(
      "\n",
    );
  const text = `flow f() -> int {\n${lines(2000, "  ")}\n  let a2000 = 1\n  output: a0\n}`;
  expect(faults("main.agentflow", text)).toBe(0);
  expect(faults("main.agentflow", `${lines(2000, "")}\nlet a2000 = 1`)).toBe(0);
});

describe("snapshots", () => {
  const files = new Map([
    [
      "main.agentflow",
      'import { double } from "./lib"\nflow f(n: int) -> int { step d = double(n)  output: d }',
    ],
    ["lib.agentflow", "flow double(n: int) -> int { let two = 2\n output: n * two }"],
    ["other.agentflow", "let unused = 1"],
  ]);
  const changed = (name: string, text: string) => new Map([...files, [name, text]]);

  it("keeps what an edit cannot touch", () => {
    const first = check(files, "main.agentflow");
    const body = changed(
      "lib.agentflow",
      "flow double(n: int) -> int { let two = 3\n output: n * two }",
    );
    const second = check(body, "main.agentflow", first);
    expect(second.modules.get("main.agentflow")).toBe(first.modules.get("main.agentflow"));
    expect(second.modules.get("lib.agentflow")).not.toBe(first.modules.get("lib.agentflow"));
    expect(second.diagnostics).toEqual([]);
  });

  it("checks importers again when a head changes, and when a file goes", () => {
    const first = check(files, "main.agentflow");
    const head = changed("lib.agentflow", 'flow double(n: int) -> string { output: "${n}" }');
    const second = check(head, "main.agentflow", first);
    expect(second.diagnostics.map(({ code }) => code)).toEqual(["AF3001"]);
    const gone = new Map([...files].filter(([name]) => name !== "lib.agentflow"));
    const third = check(gone, "main.agentflow", second);
    expect(third.diagnostics.map(({ code }) => code)).toEqual(["AF2005"]);
    expect(check(files, "main.agentflow", third).diagnostics).toEqual([]);
  });

  it("follows what files share without importing it", () => {
    const shared = new Map([
      [
        "main.agentflow",
        'import { x } from "./config"\nflow f() -> bool { output: config.limit > x }',
      ],
      ["config.agentflow", "config { limit: int }\nlet x = 1"],
    ]);
    const first = check(shared, "main.agentflow");
    expect(first.diagnostics).toEqual([]);
    const text = new Map([...shared, ["config.agentflow", "config { limit: string }\nlet x = 1"]]);
    const second = check(text, "main.agentflow", first);
    expect(second.diagnostics.map(({ code }) => code)).toEqual(["AF3005"]);
  });

  it("gives what a fresh check gives, whatever the edits", () => {
    const name = "04-research.agentflow";
    const tokens = parse(name, texts.get(name) ?? "").tokens;
    let program = check(texts, name);
    const at = fc.integer({ min: 0, max: tokens.length - 1 });
    fc.assert(
      fc.property(fc.constantFrom(name, "std/web.agentflow"), at, (file, index) => {
        const text = texts.get(file) ?? "";
        const token = parse(file, text).tokens[index % 40] ?? { start: 0, end: 0 };
        const now = new Map([...texts, [file, text.slice(0, token.start) + text.slice(token.end)]]);
        program = check(now, name, program);
        expect(program.diagnostics).toEqual(check(now, name).diagnostics);
      }),
      { numRuns: 30, seed: 9 },
    );
  });
});
