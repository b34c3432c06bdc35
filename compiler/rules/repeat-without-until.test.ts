import { expect, test } from "vitest";

import { declarations, findings } from "./fixtures/findings.ts";

test("a repeat says when it is done", () => {
  const flow = (until: string): string => `${declarations}
flow main(text: string) -> string {
  step better = repeat {
    maxRounds: 3
    ${until}
    step draft = write(previous ?? text)
    output: draft
  }
  output: better
}
`;
  expect(findings(flow(""))).toEqual([
    "AF4004 repeat: the `repeat` `better` does not say when it is done",
  ]);
  expect(findings(flow("until: draft == previous"))).toEqual([]);
});
