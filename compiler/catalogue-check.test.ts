import { describe, expect, test } from "vitest";

import { check } from "./compile.ts";
import type { CheckResult } from "./compile-result.ts";
import { applyFixes } from "./diagnostics/apply-fixes.ts";
import type { Example } from "./diagnostics/catalogue-entry.ts";
import { catalogue } from "./diagnostics/catalogue.ts";
import { codes } from "./diagnostics/codes.ts";
import { renderText } from "./diagnostics/render-text.ts";

describe.each(codes)("%s", (code) => {
  const { bad, good, severity } = catalogue[code];

  test("the good example is accepted", () => {
    const result = checkExample(good);
    expect(shown(result)).toBe("");
  });

  test("the bad example gives it once, and nothing else", () => {
    const result = checkExample(bad);
    const expected = bad.found === undefined ? [{ code, severity }] : [];
    const found = result.diagnostics.map((one) => ({ code: one.code, severity: one.severity }));
    expect(found, shown(result)).toEqual(expected);
  });

  test("its safe fixes mend it without breaking anything", () => {
    const { diagnostics, sources } = checkExample(bad);
    const { changed, applied } = applyFixes(diagnostics, sources);
    if (applied.length === 0) return;
    const files = { ...Object.fromEntries(sources), ...Object.fromEntries(changed) };
    const result = check({ read: (path) => files[path] ?? null }, ["main.agentflow"]);
    expect(shown(result)).toBe("");
  });
});

const messages = codes.flatMap((code) => checkExample(catalogue[code].bad).diagnostics);

test("a message stands alone: lower case, no full stop, code in backticks, plain words", () => {
  for (const { code, message, label = "", help = "" } of messages) {
    expect(message, code).toMatch(/^[`a-zI0-9"$]/);
    expect(message, code).not.toMatch(/[.]$/);
    expect(label, code).not.toMatch(/[.]$/);
    // The backtick itself can only be shown between backticks.
    const ticks = message.replaceAll("```", "").match(/`/g) ?? [];
    expect(ticks.length % 2, message).toBe(0);
    const words = `${message} ${label} ${help}`.replaceAll(/`[^`]*`/g, "");
    expect(words, code).not.toMatch(/\b(illegal|invalid|token|expecting|identifier|semantic)\b/i);
  }
});

test("nearly every message says what to do", () => {
  const silent = messages.filter(
    ({ help, fixes = [] }) => help === undefined && fixes.length === 0,
  );
  const share = silent.length / messages.length;
  expect(share, silent.map(({ code, message }) => `${code}: ${message}`).join("\n")).toBeLessThan(
    0.1,
  );
});

function checkExample({ text, files = {} }: Example): CheckResult {
  const all: Readonly<Record<string, string>> = { ...files, "main.agentflow": text };
  return check({ read: (path) => all[path] ?? null }, ["main.agentflow"]);
}

function shown({ diagnostics, sources }: CheckResult): string {
  return renderText(diagnostics, sources, { color: false });
}
