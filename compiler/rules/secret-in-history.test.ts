import { expect, test } from "vitest";

import { findings } from "./fixtures/findings.ts";

test("a secret is no argument", () => {
  const text = `config { key: secret }
tool look(key: secret) -> string { http: "GET https://a.example/look" }
flow main() {
  step a = look(config.key)
}
`;
  expect(findings(text)).toEqual([
    "AF6003 config.key: this secret would leave: an argument is kept in the history of the run",
  ]);
});

test("a secret in a tool's own settings stays there", () => {
  const text = `config { key: secret }
tool look(text: string) -> string { http: "GET https://a.example/look", auth: { bearer: config.key } }
flow main(text: string) {
  step a = look(text)
}
`;
  expect(findings(text)).toEqual([]);
});
