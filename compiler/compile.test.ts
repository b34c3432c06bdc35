import { describe, expect, it, test } from "vitest";

import { check, compile } from "./compile.ts";
import { catalogue } from "./diagnostics/catalogue.ts";
import type { Example } from "./diagnostics/catalogue-entry.ts";
import { codes } from "./diagnostics/codes.ts";

function diagnosticsOf(example: Example): readonly string[] {
  const files = new Map([["main.agentflow", example.text], ...Object.entries(example.files ?? {})]);
  const { diagnostics } = check({ read: (path) => files.get(path) ?? null }, ["main.agentflow"]);
  return diagnostics.map((diagnostic) => diagnostic.code);
}

describe.each(codes.filter((code) => !code.startsWith("AF1")))("the examples of %s", (code) => {
  const { bad, good, severity } = catalogue[code];

  test("the good one has no diagnostic", () => {
    expect(diagnosticsOf(good)).toEqual([]);
  });

  test("the bad one has this diagnostic and no other", () => {
    expect(diagnosticsOf(bad)).toEqual("found" in bad && bad.found !== undefined ? [] : [code]);
    expect(severity).toMatch(/error|warning/);
  });
});

describe("compile", () => {
  it("gives diagnostics and no plan for a file that is not there", () => {
    const { plan, diagnostics } = compile({ read: () => null }, "missing.agentflow");
    expect(plan).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
  });
});
