import fc from "fast-check";
import { expect, test } from "vitest";

import { graphemes } from "./graphemes.ts";

test("plain text, and text of marks, emoji and syllables", () => {
  expect(graphemes("✓ 2…3")).toEqual(["✓", " ", "2", "…", "3"]);
  expect(graphemes("e\u0301👩‍👩‍👧🇩🇪각✓\ufe0f")).toEqual(["e\u0301", "👩‍👩‍👧", "🇩🇪", "각", "✓\ufe0f"]);
  expect(graphemes("")).toEqual([]);
});

test("property: the short cut gives what the segmenter gives", () => {
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const unit = fc.oneof(
    fc.integer({ min: 0x20, max: 0x2ff }),
    fc.integer({ min: 0x2010, max: 0x2027 }),
    fc.integer({ min: 0x2190, max: 0x28ff }),
  );
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = String.fromCodePoint(...units);
      expect(graphemes(text)).toEqual(
        Array.from(segmenter.segment(text), ({ segment }) => segment),
      );
    }),
  );
});
