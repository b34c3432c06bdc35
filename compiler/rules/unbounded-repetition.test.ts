import { expect, test } from "vitest";

import { declarations, findings } from "./fixtures/findings.ts";

const flow = (rounds: string, type = "int"): string => `${declarations}
flow main(text: string, most: ${type}) -> string {
  step better = repeat {
    ${rounds}
    until: draft == previous
    step draft = write(previous ?? text)
    output: draft
  }
  output: better
}
`;

test("rounds end somewhere", () => {
  expect(findings(flow("maxRounds: most", "int(1..5)"))).toEqual([]);
  expect(findings(flow("maxRounds: most"))).toEqual([
    "AF5002 most: `maxRounds` has no upper limit here",
  ]);
});

test("so do runs and attempts", () => {
  expect(findings("flow a(text: string) {\n  step x = continue(text)\n}\n")).toEqual([
    "AF5002 continue: `continue` does not say how many runs may follow one another",
  ]);
  expect(
    findings(
      'tool look(text: string, most: int) -> string {\n  http: "GET https://a.example/x"\n  attempts: most\n}\n',
    ),
  ).toEqual(["AF5002 most: `attempts` has no upper limit here"]);
});
