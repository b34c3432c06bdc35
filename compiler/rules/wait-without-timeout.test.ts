import { expect, test } from "vitest";

import { declarations, findings } from "./fixtures/findings.ts";

const program = (agent: string, call: string): string => `${declarations}
agent ask(text: string) -> string { model: team, prompt: "\${text}"${agent} }
flow main(text: string) -> string {
  step a = ask(text)${call}
  output: a
}
`;

test("people have a limit, wherever it is set", () => {
  expect(findings(program("", ""))).toEqual([
    "AF5006 ask(text): `ask` is a person who may never answer",
  ]);
  expect(findings(program(", timeout: 1h", ""))).toEqual([]);
  expect(findings(program("", " { timeout: 1h }"))).toEqual([]);
  expect(findings(program("", " { model: fast }"))).toEqual([]);
});

test("events, and people who confirm", () => {
  expect(
    findings('flow main() {\n  step a = receive("x")\n}\n').filter((line) =>
      line.startsWith("AF5006"),
    ),
  ).toHaveLength(1);
  const text = `${declarations}
agent allow(text: string) -> { approved: bool } { model: team, prompt: "\${text}" }
tool pay(text: string) -> string { http: "POST https://a.example/pay", confirm: allow }
`;
  expect(findings(text)).toEqual([
    "AF5006 confirm: allow: `allow` is a person who may never answer",
  ]);
});
