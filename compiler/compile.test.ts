import { describe, expect, it, test } from "vitest";

import { check, compile, createProgram } from "./compile.ts";
import { catalogue } from "./diagnostics/catalogue.ts";
import type { Example } from "./diagnostics/catalogue-entry.ts";
import { codes } from "./diagnostics/codes.ts";

function diagnosticsOf(example: Example): readonly string[] {
  const files = new Map([["main.agentflow", example.text], ...Object.entries(example.files ?? {})]);
  const { diagnostics } = check({ read: (path) => files.get(path) ?? null }, ["main.agentflow"]);
  return diagnostics.map((diagnostic) => diagnostic.code);
}

describe.each(codes.filter((code) => !code.startsWith("AF1")))("the examples of %s", (code) => {
  const { bad, good, severity } = catalogue[code];

  test("the good one has no diagnostic", () => {
    expect(diagnosticsOf(good)).toEqual([]);
  });

  test("the bad one has this diagnostic and no other", () => {
    expect(diagnosticsOf(bad)).toEqual("found" in bad && bad.found !== undefined ? [] : [code]);
    expect(severity).toMatch(/error|warning/);
  });
});

describe("compile", () => {
  it("gives diagnostics and no plan for a file that is not there", () => {
    const { plan, diagnostics } = compile({ read: () => null }, "missing.agentflow");
    expect(plan).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  it("keeps the type of every step and state, whether something asks for its value or not", () => {
    const text = `tool get() -> json { http: "GET https://a.example" }
flow f(id: string) -> string {
  state seen: string(..3) = "" { per: id, next: id }
  step part: { name: string } = get()
  output: id
}
`;
    const { plan } = compile({ read: () => text }, "main.agentflow");
    const flow = plan?.program.flows["f"];
    const schemas = plan?.program.schemas ?? {};
    expect(schemas[flow?.states[0]?.schema ?? ""]).toMatchObject({ maxLength: 3 });
    expect(schemas[flow?.body.steps[0]?.schema ?? ""]).toMatchObject({ required: ["name"] });
  });
});

describe("createProgram", () => {
  const texts = new Map([
    [
      "main.agentflow",
      'import { greet } from "./lib"\n\nflow main(text: string) -> string {\n  step a = greet(text)\n  output: a\n}\n',
    ],
    [
      "lib.agentflow",
      'tool greet(text: string) -> string { http: "GET https://a.example/greet" }\n',
    ],
  ]);

  function afterEdit(file: string, text: string): readonly string[] {
    const before = createProgram({ read: (path) => texts.get(path) ?? null }, ["main.agentflow"]);
    const changed = new Map([...texts, [file, text]]);
    const host = { read: (path: string) => changed.get(path) ?? null };
    const incremental = createProgram(host, ["main.agentflow"], before).diagnostics;
    const fresh = createProgram(host, ["main.agentflow"]).diagnostics;
    expect(incremental).toEqual(fresh);
    return incremental.map(({ code, span }) => `${code} ${span.file}`);
  }

  it("finds after a change what a fresh check finds", () => {
    const lib = texts.get("lib.agentflow") ?? "";
    const main = texts.get("main.agentflow") ?? "";
    expect(afterEdit("main.agentflow", main)).toEqual([]);
    expect(afterEdit("lib.agentflow", lib.replace("GET", "POST"))).toEqual([]);
    expect(
      afterEdit("lib.agentflow", lib.replace(" }", ", attempts: 3 }").replace("GET", "POST")),
    ).toEqual(["AF5005 lib.agentflow"]);
    expect(
      afterEdit("main.agentflow", main.replace("greet(text)", "greet(text) { attempts: 2 }")),
    ).toEqual([]);
    expect(
      afterEdit("main.agentflow", main.replace("output: a", "let b = a\n  output: a")),
    ).toEqual(["AF9001 main.agentflow"]);
  });
});
