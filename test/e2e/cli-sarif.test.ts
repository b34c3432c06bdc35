// What SARIF 2.1.0 demands of a log (OASIS, 2020): the properties it requires, and nothing but those it knows.

import { expect, test } from "vitest";

import { agentflow, makeProject } from "./command.ts";

/** Properties of the objects that agentflow writes; `!` marks the required ones, and what follows `:` says what is in them. */
const objects: { readonly [object: string]: string } = {
  log: "$schema version! runs!:run inlineExternalProperties properties",
  run: "tool!:tool invocations artifacts results:result columnKind originalUriBaseIds language defaultEncoding properties",
  tool: "driver!:component extensions properties",
  component:
    "name! version semanticVersion fullName organization informationUri rules:rule notifications language properties",
  rule: "id! name shortDescription:message fullDescription:message help:message helpUri defaultConfiguration:configuration properties",
  configuration: "enabled level:level rank parameters properties",
  result:
    "ruleId ruleIndex:index rule kind level:level message!:message locations:location relatedLocations:location codeFlows partialFingerprints fingerprints fixes:fix properties",
  message: "text markdown id arguments properties",
  location: "id:index physicalLocation:physical logicalLocations message:message properties",
  physical: "artifactLocation!:artifact region:region contextRegion:region address properties",
  artifact: "uri uriBaseId index description properties",
  region:
    "startLine:place startColumn:place endLine:place endColumn:place charOffset:index charLength:index byteOffset byteLength snippet message properties",
  fix: "description:message artifactChanges!:change properties",
  change: "artifactLocation!:artifact replacements!:replacement properties",
  replacement: "deletedRegion!:region insertedContent:content properties",
  content: "text binary rendered properties",
};

const values: { readonly [kind: string]: (value: unknown) => boolean } = {
  level: (value) => ["none", "note", "warning", "error"].includes(String(value)),
  place: (value) => Number.isInteger(value) && Number(value) >= 1,
  index: (value) => Number.isInteger(value) && Number(value) >= 0,
};

/** Where a document breaks the rules above. */
function faults(value: unknown, kind: string, path: string): readonly string[] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => faults(item, kind, `${path}[${index}]`));
  const allows = values[kind];
  if (allows !== undefined) return allows(value) ? [] : [`${path} is ${String(value)}`];
  if (typeof value !== "object" || value === null) return [`${path} is no object`];
  const known = new Map(
    (objects[kind] ?? "").split(" ").map((entry) => {
      const [name = "", inner] = entry.split(":");
      return [name.replace("!", ""), { required: name.endsWith("!"), inner }] as const;
    }),
  );
  const missing = [...known].filter(([name, { required }]) => required && !(name in value));
  return [
    ...missing.map(([name]) => `${path} lacks ${name}`),
    ...Object.entries(value).flatMap(([name, inside]) => {
      const property = known.get(name);
      if (property === undefined) return [`${path} has ${name}`];
      return property.inner === undefined ? [] : faults(inside, property.inner, `${path}.${name}`);
    }),
  ];
}

interface Log {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[];
    },
  ];
}

const programs = {
  "a.agentflow": `type A { a: Missing, b: int(5..1) }
type A { x: string }
agent g(t: string) -> string { model: m, prompt: "x \${t}", modle: 3 }
flow a(x: string) -> string { step p = g(q), step q = g(p); output: p + 1 }
`,
  "ü b.agentflow": 'flow f(a: string) -> int { output: "日本 ${a} ${b}"; }\r\n',
  "good.agentflow": "flow f(a: string) -> string { output: a }\n",
};

test("a log of many faults is what the standard asks for, and each result names its rule", async () => {
  const folder = makeProject(programs);
  const told = await agentflow(folder, ["check", "--format", "sarif"]);
  expect(told).toMatchObject({ exitCode: 1, err: "" });
  const log = JSON.parse(told.out) as Log;
  expect(faults(log, "log", "log")).toEqual([]);
  expect(log.version).toBe("2.1.0");
  const [{ tool, results }] = log.runs;
  expect(results.length).toBeGreaterThan(5);
  for (const { ruleId, ruleIndex } of results)
    expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  const uris = [...told.out.matchAll(/"uri": "(.*)"/g)].map(([, uri]) => uri);
  expect(new Set(uris)).toEqual(new Set(["a.agentflow", "%C3%BC%20b.agentflow"]));
});

test("a log without faults has a run without results", async () => {
  const folder = makeProject(programs);
  const told = await agentflow(folder, ["check", "good.agentflow", "--format", "sarif"]);
  const log = JSON.parse(told.out) as Log;
  expect(told.exitCode).toBe(0);
  expect(faults(log, "log", "log")).toEqual([]);
  expect(log.runs[0].results).toEqual([]);
});
