import { describe, expect, it } from "vitest";

import { faultsOf, mended, shown } from "./fixtures/check-text.ts";

describe("names that mean nothing", () => {
  it("offers the nearest that can be seen", () => {
    const [fault] = faultsOf('flow f(title: string) -> string { output: "${titel}" }');
    expect(fault).toMatchObject({ code: "AF2001", help: "did you mean `title`?" });
  });

  it("quotes a bare word where a choice of texts is wanted", () => {
    const text = 'type Mood = "good" | "bad"\nflow f(mood: Mood) -> bool { output: mood == good }';
    expect(shown(text)).toEqual(["AF2001 good"]);
    expect(shown(mended(text))).toEqual([]);
  });

  it("quotes the bare words of a union", () => {
    const text = 'type Mood = good | "bad"';
    expect(shown(text)).toEqual(["AF2001 good"]);
    expect(mended(text)).toBe('type Mood = "good" | "bad"');
  });

  it("tells once what is missing at several places, and mends all of them", () => {
    const text = 'flow f(title: string) -> string { output: "${titel} ${titel}" }';
    expect(shown(text)).toEqual(["AF2001 titel"]);
    expect(shown(mended(text))).toEqual([]);
  });

  it("says that a step is inside a block", () => {
    const [fault] = faultsOf(`
tool log(text: string) -> string { http: "PUT https://log.example/lines" }
flow f(loud: bool) -> string? {
  step a = if loud {
    step inner = log("x")
    output: inner
  }
  output: inner
}`);
    expect(fault?.code).toBe("AF2001");
    expect(fault?.message).toContain("inside the block of the step `a`");
  });

  it.each([
    ["flow f() -> string { output: previous }", "inside `repeat`"],
    ["flow f() -> string { output: error.message }", "inside `fallback`"],
    ["flow f(x: string) -> bool { output: failed(x) == null }", "only in a `test`"],
  ])("says where a built-in name is known: %s", (text, place) => {
    expect(faultsOf(text)[0]?.message).toContain(place);
  });

  it("says what a setting can see", () => {
    const [fault] = faultsOf('agent a(m: string) -> string { model: m, prompt: "x" }');
    expect(fault?.code).toBe("AF2001");
    expect(fault?.message).toContain("cannot be seen here");
  });

  it("knows what other languages call our types", () => {
    expect(mended("type T { done: boolean }")).toBe("type T { done: bool }");
  });

  it("keeps silent about followers", () => {
    expect(shown("flow f() -> int { let a = nothing.b + 1\n output: a * a }")).toEqual([
      "AF2001 nothing",
    ]);
  });
});

describe("names that are taken", () => {
  it.each([
    ["twice in a file", "type A { x: int }\ntype A { y: int }", "A"],
    ["a built-in function", "type Done { x: int }\nlet emit = 1", "emit"],
    ["a built-in type", "type Error { x: int }", "Error"],
    ["a parameter that hides a declaration", "let a = 1\nflow f(a: int) -> int { output: a }", "a"],
    ["two parameters", 'tool t(a: int, a: int) { http: "PUT https://a.example" }', "a"],
    ["two fields", "type A { x: int, x: int }", "x"],
    ["two entries", "let a = { x: 1, x: 2 }", "x"],
    [
      "a lambda that hides a step",
      "flow f(xs: int[]) -> int[] { let x = 1\n output: xs.map(x => x) }",
      "x",
    ],
  ])("%s", (_, text, name) => {
    expect(shown(text)).toEqual([`AF2002 ${name}`]);
  });

  it("allows one name in branches that exclude each other, and nowhere else in a flow", () => {
    const flow = (second: string): string => `
tool log(text: string) -> string { http: "PUT https://log.example/lines" }
flow f(loud: bool) -> string {
  step a = if loud { step x = log("1")  output: x } else { step ${second} = log("2")  output: ${second} }
  output: a
}`;
    expect(shown(flow("x"))).toEqual([]);
    expect(shown(flow("a"))).toContain("AF2002 a");
  });
});

describe("imports", () => {
  const files = { "tools.agentflow": "type Page { text: string }\nlet size = 3" };

  it("takes what the file declares", () => {
    const text =
      'import { Page as Sheet, size } from "./tools"\nlet a = size\ntype B { of: Sheet }';
    expect(shown(text, files)).toEqual([]);
  });

  it.each([
    ['import { Pag } from "./tools"', "AF2001 Pag"],
    ['import { Page } from "./tool"', 'AF2005 "./tool"'],
    ['import { Page } from "tools"', 'AF2005 "tools"'],
    ['import { Page } from "./tools.agentflow"', 'AF2005 "./tools.agentflow"'],
    ['import { Page } from "./tools"\ntype Page { x: int }', "AF2002 Page"],
  ])("%s", (text, fault) => {
    expect(shown(text, files)).toEqual([fault]);
  });

  it("says nothing about names of a module that does not exist", () => {
    const text = 'import { Page, size } from "./nowhere"\ntype A { of: Page }\nlet b = size + 1';
    expect(shown(text)).toEqual(['AF2005 "./nowhere"']);
  });

  it("lets files import each other", () => {
    const other = { "b.agentflow": 'import { A } from "./main"\ntype B { a: A? }' };
    expect(shown('import { B } from "./b"\ntype A { b: B? }', other)).toEqual([]);
  });

  it.each([
    'step a = if x > 1 { on cron("* * * * *") }',
    'step a = repeat { maxRounds: 2, until: true, on cron("* * * * *") }',
    'step a = race { on cron("* * * * *") }',
  ])("triggers stand at the top of a flow, so not in: %s", (step) => {
    const [fault] = faultsOf(`flow f(x: int) -> int {\n${step}\noutput: x\n}`);
    expect(fault).toMatchObject({
      code: "AF2003",
      message: "`on` stands only at the top of a flow",
    });
  });

  it("gives what the winner of a race gives, and nothing else", () => {
    const text = `
tool log(x: int) -> int { http: "PUT https://log.example/lines" }
flow f(x: int) -> int {
  step a = race {
    step b = log(x)
    step c = log(x: 2)
    output: "both"
  }
  output: a
}`;
    expect(shown(text)).toEqual(["AF2003 output"]);
  });
});
