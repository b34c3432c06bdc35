import { expect, test } from "vitest";

import { applyFixes } from "./diagnostics/apply-fixes.ts";
import type { Example } from "./diagnostics/catalogue-entry.ts";
import { catalogue } from "./diagnostics/catalogue.ts";
import { codes } from "./diagnostics/codes.ts";
import { format } from "./format/format.ts";
import { parse } from "./syntax/parse.ts";

const syntaxCodes = codes.filter((code) => code.startsWith("AF1"));

test.each(codes)("%s: the good example is in canonical form", (code) => {
  for (const [file, text] of filesOf(catalogue[code].good)) {
    const result = parse(file, text);
    expect(result.diagnostics).toEqual([]);
    expect(format(result)).toBe(text);
  }
});

test.each(syntaxCodes)(
  "%s: the bad example gives it once, and its fix gives the good one",
  (code) => {
    const { bad, good } = catalogue[code];
    const sources = new Map(filesOf(bad));
    const { diagnostics } = parse("main.agentflow", bad.text);
    expect(diagnostics.map((one) => one.code)).toEqual([code]);
    expect(diagnostics[0]?.severity).toBe(catalogue[code].severity);
    const isHabit = code >= "AF1010";
    if (!isHabit) return;
    const fixed = applyFixes(diagnostics, sources).changed.get("main.agentflow");
    expect(format(parse("main.agentflow", fixed ?? ""))).toBe(good.text);
  },
);

test.each(codes.filter((code) => !syntaxCodes.includes(code)))(
  "%s: the bad example has no syntax error",
  (code) => {
    for (const [file, text] of filesOf(catalogue[code].bad)) {
      const result = parse(file, text);
      expect(result.diagnostics).toEqual([]);
      expect(format(result)).toBe(text);
    }
  },
);

function filesOf({ text, files = {} }: Example): [string, string][] {
  return [["main.agentflow", text], ...Object.entries(files)];
}
