import { readdirSync, readFileSync } from "node:fs";

import fc from "fast-check";
import { expect, test } from "vitest";

import type { ParseResult } from "../syntax/parse-result.ts";
import { parse } from "../syntax/parse.ts";
import { format } from "./format.ts";
import { treeOf } from "./tree-of.ts";

const folder = new URL("../../test/programs/", import.meta.url);
const programs = new Map(
  readdirSync(folder, { encoding: "utf8" })
    .filter((file) => file.endsWith(".agentflow"))
    .map((file) => [file, parse(file, readFileSync(new URL(file, folder), "utf8"))]),
);

/** What is put between two tokens; `#` becomes a number that tells comments apart. */
const gaps = [
  " ",
  "\n",
  "\t",
  "\r\n",
  "  \n\n\n",
  " // #\n",
  "\n// #\n",
  "\n\n// #\n\n",
  "\n/// #\n",
  " /// #\n",
];

const mangled = fc
  .record({
    name: fc.constantFrom(...programs.keys()),
    // One in so many gaps is changed: dense and sparse damage find different faults.
    every: fc.integer({ min: 1, max: 40 }),
    choices: fc.array(fc.nat(1_000_000), { minLength: 50, maxLength: 50 }),
  })
  .map(({ name, ...options }) => mangle(program(name), options));

test("property: any layout of a program becomes one form, with the same tree and all comments in order", () => {
  fc.assert(
    fc.property(mangled, (text) => {
      const before = parse("a", text);
      expect(before.formattable, JSON.stringify(before.diagnostics[0])).toBe(true);
      const canonical = format(before) ?? "";
      const after = parse("a", canonical);
      expect(treeOf(after)).toEqual(treeOf(before));
      expect(commentsOf(after)).toEqual(commentsOf(before));
      expect(format(after)).toBe(canonical);
    }),
    { numRuns: 200 },
  );
});

test("property: white space alone never matters", () => {
  fc.assert(
    fc.property(fc.constantFrom(...programs.keys()), fc.nat(1_000_000), (name, seed) => {
      // Comments and empty lines are the author's; without them every layout has one form.
      const { text, tokens } = program(name);
      const bare = tokens.map(({ start, end }) => text.slice(start, end));
      const spread = bare.map((token, index) => token + ((index * 7 + seed) % 3 > 0 ? " " : "\n"));
      expect(format(parse("a", spread.join("")))).toBe(format(parse("a", bare.join(" "))));
    }),
    { numRuns: 60 },
  );
});

test("formatting takes time in proportion to the text", () => {
  const { text } = program("03-team.agentflow");
  const small = parse("a", text.repeat(40));
  const large = parse("a", text.repeat(200));
  const time = (result: ParseResult): number => {
    const times = Array.from({ length: 3 }, () => {
      const { user } = process.cpuUsage();
      format(result);
      return process.cpuUsage().user - user;
    });
    return Math.min(...times);
  };
  time(small);
  expect(time(large) / time(small)).toBeLessThan(5 * 2.5);
});

function program(name: string): ParseResult {
  const found = programs.get(name);
  if (found === undefined) throw new Error(`no program ${name}`);
  return found;
}

function mangle(
  { text, tokens }: ParseResult,
  { every, choices }: { readonly every: number; readonly choices: readonly number[] },
): string {
  const braces: boolean[] = [];
  let result = "";
  let position = 0;
  let number = 0;
  let inImport = false;
  tokens.forEach((token, index) => {
    const choice = (choices[index % choices.length] ?? 0) + index;
    // A comment that is there stays there; a new one is added to it.
    result += text.slice(position, token.start);
    if (choice % every === 0) {
      number += 1;
      const gap = gaps[Math.floor(choice / every) % gaps.length] ?? " ";
      result += gap.replace("#", `${number}`);
    }
    const sign = text.slice(token.start, token.end);
    if (token.type === "Import") inImport = true;
    if (token.type === "From") inImport = false;
    if (["{", "(", "["].includes(sign)) braces.push(sign === "{");
    if (["}", ")", "]"].includes(sign)) braces.pop();
    const mayGo = sign === "," && braces.at(-1) === true && !inImport && choice % 3 === 0;
    result += mayGo ? " " : sign;
    position = token.end;
  });
  return result + text.slice(position);
}

/** A `///` that documented nothing may have become a `//`. */
function commentsOf({ comments }: ParseResult): string[] {
  return comments.map(({ text }) => text.trimEnd().replace(/^\/+/, ""));
}
