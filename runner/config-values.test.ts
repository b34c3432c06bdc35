import { expect, test } from "vitest";

import type { ConfigPlan, JsonSchema } from "../plan/plan.ts";
import { flow, block, plan } from "../test/simulation/plan-builder.ts";
import { resolveConfig } from "./config-values.ts";

const schemas: { readonly [name: string]: JsonSchema } = {
  text: { type: "string" },
  url: { type: "string", format: "uri" },
  int: { type: "integer", minimum: 1 },
  bool: { type: "boolean" },
  mode: { enum: ["fast", "safe"] },
  tags: { type: "array", items: { type: "string" } },
  duration: { type: "integer", "x-agentflow": "duration" },
  money: { type: "number", "x-agentflow": "money" },
};

function resolve(
  entries: { readonly [name: string]: Partial<ConfigPlan> & Pick<ConfigPlan, "schema"> },
  variables: { readonly [name: string]: string },
  needed = Object.keys(entries),
) {
  const config = Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [
      name,
      { secret: false, variable: name.toUpperCase(), ...entry },
    ]),
  );
  const { program } = plan({
    schemas,
    config,
    environments: { production: { a: "from the environment's settings" } },
    flows: { main: flow("main", block([])) },
  });
  return resolveConfig({
    program,
    environment: "production",
    variables,
    needed: new Map(needed.map((entry) => [entry, "tool t"])),
  });
}

test("a variable wins over the environment's settings, and these over the default", () => {
  const entries = {
    a: { schema: "text", default: "default" },
    b: { schema: "text", default: "b" },
  };
  expect(resolve(entries, {}).open).toEqual({ a: "from the environment's settings", b: "b" });
  expect(resolve(entries, { A: "variable", B: "" }).open).toEqual({ a: "variable", b: "b" });
});

test("a variable is read as its type says", () => {
  const entries = {
    text: { schema: "text" },
    int: { schema: "int" },
    bool: { schema: "bool" },
    mode: { schema: "mode" },
    tags: { schema: "tags" },
    pause: { schema: "duration" },
    price: { schema: "money" },
  };
  const variables = {
    TEXT: "12",
    INT: "12",
    BOOL: "true",
    MODE: "safe",
    TAGS: '["a"]',
    PAUSE: "5m",
    PRICE: "$1.50",
  };
  expect(resolve(entries, variables)).toEqual({
    open: {
      text: "12",
      int: 12,
      bool: true,
      mode: "safe",
      tags: ["a"],
      pause: 300_000,
      price: 1.5,
    },
    secret: {},
    problems: [],
  });
});

test("everything that is missing or wrong is listed, secrets without their value, and what is not needed is not asked for", () => {
  const entries = {
    site: { schema: "url", doc: "Where it is." },
    count: { schema: "int" },
    key: { schema: "url", secret: true },
    unused: { schema: "int" },
  };
  const { problems, open, secret } = resolve(entries, { COUNT: "0", KEY: "s3cret" }, [
    "site",
    "count",
    "key",
  ]);
  expect([open, secret]).toEqual([{}, {}]);
  expect(problems.map((problem) => problem.path)).toEqual([
    "config.site",
    "config.count",
    "config.key",
  ]);
  expect(problems[0]?.message).toContain("SITE (url): Where it is.");
  expect(problems[1]?.message).toContain("at least 1");
  expect(JSON.stringify(problems)).not.toContain("s3cret");
});
