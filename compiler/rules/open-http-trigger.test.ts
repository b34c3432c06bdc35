import { expect, test } from "vitest";

import { findings } from "./fixtures/findings.ts";

test("an address says who may call it", () => {
  expect(findings('flow main() {\n  on http("POST /a")\n}\n')).toEqual([
    'AF7002 on http("POST /a"): this address does not say who may call it',
  ]);
  expect(findings('flow main() {\n  on http("POST /a") { auth: "none" }\n}\n')).toEqual([]);
  expect(
    findings(
      'config { token: secret }\nflow main() {\n  on http("POST /a") { auth: { bearer: config.token } }\n}\n',
    ),
  ).toEqual([]);
});
