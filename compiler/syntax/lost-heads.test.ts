import { expect, test } from "vitest";

import { parse } from "./parse.ts";

const flow = (body: string): string => `flow f(x: int) -> int {
  step a = t(x)
${body}
  output: a
}

flow g() -> int { output: 1 }
`;

const read = (text: string): readonly string[] => {
  const { tree, diagnostics } = parse("f", text);
  const steps = [...JSON.stringify(tree).matchAll(/"kind":"(?:step|flow)","start":\d+/gu)];
  return [
    `${steps.length}`,
    ...diagnostics.map(
      ({ code, span, message }) => `${code} ${text.slice(span.start, span.end)}: ${message}`,
    ),
  ];
};

const inTwoBranches = `    step b = t(a)
    step c = t(b)
    output: c
  } else {
    step d = t(a)
  }`;
const arms = `    "send" => {
      step b = t(a)
    }
    else => t(x)
  }`;

test.each([
  [inTwoBranches, 6, "AF1002 step: the line that opens this block is missing"],
  [arms, 4, 'AF1002 "send": the line that opens this block is missing'],
  // What a call may have behind it is read as its settings.
  ["    step b = t(a)\n    step c = t(b)\n  }", 5, "AF1002 : `{` is missing behind `)`"],
])("steps whose head line is missing stay in the tree", (body, count, fault) => {
  expect(read(flow(body))).toEqual([String(count), fault]);
});
