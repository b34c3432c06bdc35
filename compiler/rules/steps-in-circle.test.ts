import { expect, test } from "vitest";

import { declarations, diagnose, findings } from "./fixtures/findings.ts";

const flow = (body: string): string =>
  `${declarations}\nflow main(text: string) -> string {\n${body}\n}\n`;

test("the whole circle is told, with a span for every arrow", () => {
  const text = flow("step a = write(c)\nstep b = write(a)\nstep c = write(b)\noutput: c");
  expect(findings(text)).toEqual([
    "AF4001 a: 3 steps wait for each other, so none of them can start: a -> c -> b -> a",
  ]);
  const [found] = diagnose(text);
  expect(
    found?.related?.map(({ span, message }) => `${text.slice(span.start, span.end)}: ${message}`),
  ).toEqual([
    "c: `a` waits for `c` because it mentions it here",
    "b: `c` waits for `b` because it mentions it here",
    "a: `b` waits for `a` because it mentions it here",
  ]);
  expect(found?.help).toContain("take `c` out of `a`");
});

test("lets and the inside of blocks count", () => {
  expect(findings(flow("let x = b\nstep a = write(x)\nstep b = write(a)\noutput: b"))).toHaveLength(
    1,
  );
  expect(
    findings(
      flow("step a = if text == b {\n write(text)\n}\nstep b = write(a ?? text)\noutput: b"),
    ),
  ).toHaveLength(1);
  expect(
    findings(
      flow(
        "step a = repeat {\nmaxRounds: 2\nuntil: inner == b\nstep inner = write(text)\noutput: inner\n}\nstep b = write(a)\noutput: b",
      ),
    ),
  ).toHaveLength(1);
});

test("a step may not wait for itself, but its undo may use its value", () => {
  expect(findings(flow("step a = write(a)\noutput: a"))).toEqual([
    "AF4001 a: `a` waits for itself: a -> a",
  ]);
  expect(findings(flow("step a = put(text) { undo: put(a) }\noutput: a"))).toEqual([]);
});

test("an after is the first to be taken out", () => {
  const [found] = diagnose(flow("step a = write(text) { after: b }\nstep b = write(a)\noutput: b"));
  expect(found?.help).toBe("take `b` out of `after` of `a`");
});
