import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { catalogue } from "./catalogue.ts";
import { codes } from "./codes.ts";
import { explain, explanationPages } from "./explain.ts";

const entries = codes.map((code) => ({ code, ...catalogue[code] }));

test("titles stand in a list: lower case, one line, no full stop, no question", () => {
  for (const { code, title } of entries) {
    expect(title, code).toMatch(/^[`a-z]/);
    expect(title, code).not.toMatch(/[.?!]$|\n/);
    expect(title.length, code).toBeLessThanOrEqual(90);
    expect((title.match(/`/g) ?? []).length % 2, code).toBe(0);
  }
});

test("explanations are several full sentences in plain words", () => {
  const jargon =
    /\b(illegal|invalid|identifier|token|lexer|parser|parse|AST|semantic|ambiguous|lambda|denotes|hereby|utilize|operand|arity|LHS|RHS|boilerplate)\b/i;
  for (const { code, title, explanation } of entries) {
    expect(explanation, code).toMatch(/^[A-Z`].*[.]$/s);
    expect(explanation.split(/[.:;] /).length, code).toBeGreaterThanOrEqual(3);
    expect(`${title} ${explanation}`.replaceAll(/`[^`]*`/g, ""), code).not.toMatch(jargon);
  }
});

test("no explanation, title or example is used twice", () => {
  for (const part of ["title", "explanation"] as const) {
    expect(new Set(entries.map((entry) => entry[part])).size).toBe(entries.length);
  }
  expect(new Set(entries.map(({ bad }) => bad.text)).size).toBe(entries.length);
});

test("the bad and the good example differ in little, so that the difference is the lesson", () => {
  for (const { code, bad, good } of entries) {
    expect(bad.text, code).not.toBe(good.text);
    const old = new Set(bad.text.split("\n"));
    const added = good.text.split("\n").filter((line) => !old.has(line));
    expect(added.length, code).toBeLessThanOrEqual(8);
  }
});

test("a code is explained however it is typed, an unknown one by its nearest", () => {
  const explanation = explain("af4001", { width: 80 });
  expect(explain("4001", { width: 80 })).toEqual(explanation);
  expect(explanation).toMatchObject({ code: "AF4001", title: catalogue.AF4001.title });
  expect(explain("AF4444", { width: 80 })).toMatchObject({ nearest: expect.any(Array) });
  for (const code of codes) {
    const found = explain(code, { width: 80 });
    const text = "text" in found ? found.text : "";
    const prose = text.split("\n").filter((line) => !line.startsWith("    "));
    expect(Math.max(...prose.slice(1).map((line) => line.length)), code).toBeLessThanOrEqual(80);
    expect(text, code).toContain(catalogue[code].bad.text.split("\n")[0]);
  }
});

test("the committed pages are the generated ones: node tools/run.js tools/generate/diagnostics-docs.ts", () => {
  const folder = new URL("../../docs/diagnostics/", import.meta.url);
  const pages = explanationPages();
  expect(readdirSync(folder).sort()).toEqual([...pages.keys()].sort());
  for (const [name, text] of pages) {
    expect(readFileSync(new URL(name, folder), "utf8"), name).toBe(text);
  }
});

test("the index lists every code once", () => {
  const index = explanationPages().get("README.md") ?? "";
  const listed = [...index.matchAll(/^- \[(AF\d{4})\]/gm)].map(([, code]) => code);
  expect(listed).toEqual([...codes]);
});
