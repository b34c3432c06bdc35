import { expect, test } from "vitest";

import { declarations, diagnose, findings } from "./fixtures/findings.ts";

const tool = (settings: string): string =>
  `tool order(id: string) -> trusted string { ${settings} }\n`;

test("a tool that sends is not tried again without a key", () => {
  expect(findings(tool('http: "POST https://a.example/x", attempts: 3'))).toEqual([
    "AF5005 attempts: 3: `order` is tried again when it fails and may then act twice",
  ]);
  expect(findings(tool('http: "POST https://a.example/x", restart: true'))).toEqual([
    "AF5005 restart: true: `order` is started again after a crash and may then act twice",
  ]);
  for (const fine of [
    'http: "PUT https://a.example/x", attempts: 3',
    'http: "POST https://a.example/x", attempts: 1',
    'http: "POST https://a.example/x", attempts: 3, idempotency: "Key"',
    'http: "POST https://a.example/x", attempts: 3, effect: "read"',
    'http: "POST https://a.example/x", attempts: 3, retryOn: ["rate_limited"]',
  ])
    expect(findings(tool(fine))).toEqual([]);
});

test("the rule looks through flows and agents", () => {
  const text = `${declarations}
flow inner(text: string) -> string {
  step sent = send(text)
  output: sent
}
agent clerk(text: string) -> string { model: fast, prompt: "\${text}", tools: [send] }
flow main(text: string) {
  step a = inner(text) { attempts: 2 }
  step b = clerk(text) { attempts: 2 }
  step c = write(text) { attempts: 2 }
}
`;
  expect(findings(text)).toEqual([
    "AF5005 attempts: 2: `inner` is tried again when it fails and may then act twice through `send`",
    "AF5005 attempts: 2: `clerk` is tried again when it fails and may then act twice through `send`",
  ]);
});

test("the help names the key as the tool takes it, and what else could be done", () => {
  const help = (settings: string): string => diagnose(tool(settings))[0]?.help ?? "";
  expect(help('http: "POST https://a.example/x", attempts: 3')).toContain(
    '`idempotency: "Idempotency-Key"` on `order`; or try again only after `retryOn',
  );
  expect(help('module: "./a.ts#b", restart: true')).toContain(
    "`idempotency: true` on `order`; or leave `restart` out",
  );
});
