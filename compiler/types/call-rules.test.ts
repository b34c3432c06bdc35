import { describe, expect, it } from "vitest";

import { faultsOf, mended, programOf, shown } from "./fixtures/check-text.ts";

const tools = `
tool send(to: string, text: string, copy: bool = false, note: string?) -> { id: string } {
  http: "POST https://mail.example/messages"
}
`;

function step(call: string): string {
  return `${tools}flow f(to: string, text: string, n: int?) { step sent = ${call} }`;
}

describe("arguments", () => {
  it.each([
    ["send(to, text)"],
    ["send(text, to)"],
    ['send("a", text: "b")'],
    ['send(text: "b", to: "a", copy: true)'],
    ['send("a", text)'],
    ["send(to, text) { budget: { time: 10m } }"],
  ])("%s", (call) => {
    expect(shown(step(call))).toEqual([]);
  });

  it.each([
    ['send("a", "b")', 'AF3017 "b"'],
    ['send("a")', "AF3013 send"],
    ['send("a", txt: "b")', "AF3013 txt"],
    ['send(to, text, to: "b")', "AF3013 to"],
    ["send(to, text, copy: 1)", "AF3001 1"],
    ["send(to, text, note: n)", "AF3001 n"],
    ["snd(to, text)", "AF2001 snd"],
    ["to(text)", "AF3012 to"],
    ["send", "AF3012 send"],
    ["send(to, text) { timeot: 3s }", "AF2003 timeot"],
    ['send(to, text) { priority: "high" }', "AF2003 priority"],
    ['send(to, text) { timeout: "3s" }', 'AF3005 "3s"'],
    ["send(to, text) { after: to }", "AF3005 to"],
  ])("%s", (call, fault) => {
    expect(shown(step(call))).toEqual([fault]);
  });

  it("names the argument", () => {
    expect(mended(step('send("a", "b", copy: true, note: "c")'))).toContain(
      'send("a", text: "b", ',
    );
  });

  it("points at the declaration of what is called", () => {
    const [fault] = faultsOf(step('send("a")'));
    expect(fault?.related?.[0]?.message).toContain("`send` is declared here");
    expect(fault?.help).toContain("send(to: string, text: string");
  });
});

describe("calls stand where actions stand", () => {
  it.each([
    [`${tools}flow f(to: string) { let a = send(to, text: "x") }`, 'AF4005 send(to, text: "x")'],
    [
      `${tools}flow f(to: string) -> string { output: send(to, text: "x").id }`,
      'AF4005 send(to, text: "x")',
    ],
    ["flow f() { let a = sleep(3s) }", "AF4005 sleep(3s)"],
    [
      'flow f(xs: int[..3]) { let a = xs.map(x => emit("a", data: x)) }',
      'AF4005 emit("a", data: x)',
    ],
  ])("%s", (text, fault) => {
    expect(shown(text)).toEqual([fault]);
  });
});

describe("methods", () => {
  it.each([
    ["xs.map(x => x + 1).sum()", "int"],
    ["xs.filter(x => x > 1).first() ?? 0", "int"],
    ["xs.avg() ?? 0.0", "float"],
    ["full.avg()", "float"],
    ['names.join(", ").trim().upper()', "string"],
    ["names.sortBy(n => n.length).take(2)", "string[..2]"],
    ["xs.chunk(2)", "int[1..2][..5]"],
    ['names.any(n => n.startsWith("a")) && names.contains("b")', "bool"],
    ["xs.concat(full).unique().length", "int"],
    ["xs[0] ?? xs.max() ?? 3", "int"],
  ])("%s", (expression, type) => {
    expect(
      shown(
        `flow f(xs: int[..9], full: int[1..], names: string[..9]) -> ${type} { output: ${expression} }`,
      ),
    ).toEqual([]);
  });

  it.each([
    ["xs.any(5)", "AF3011 5"],
    ["xs.map()", "AF3011 map"],
    ["xs.first(1)", "AF3013 1"],
    ["xs.take(n)", "AF3005 n"],
    ["names.sum()", "AF3005 sum"],
    ["xs.size()", "AF3002 size"],
    ["xs.length()", "AF3012 length"],
    ["xs.first", "AF3002 first"],
    ["xs.filter(x => x)", "AF3005 x"],
  ])("%s", (expression, fault) => {
    expect(
      shown(`flow f(xs: int[..9], names: string[..9], n: int) { let a = ${expression} }`),
    ).toEqual([fault]);
  });
});

describe("match", () => {
  const flow = (arms: string, type = '"a" | "b"'): string =>
    `flow f(x: ${type}) { step s = match x { ${arms} } }`;

  it.each([
    ['"a" => 1 "b" => 2', undefined],
    ['"a" => 1 else => 2', undefined],
    ['"a" => 1 "b" => 2 null => 3', '("a" | "b")?'],
    ["true => 1 false => 2", "bool"],
    ["1 => 1 else => 2", "int"],
  ])("%s", (arms, type) => {
    expect(shown(flow(arms, type))).toEqual([]);
  });

  it.each([
    ['"a" => 1', undefined, "AF3014 match x"],
    ['"a" => 1 "b" => 2', '("a" | "b")?', "AF3014 match x"],
    ['"a" => 1', "string", "AF3014 match x"],
    ['"a" => 1 "b" => 2 "a" => 3', undefined, 'AF3018 "a"'],
    ['else => 1 "b" => 2', undefined, 'AF3018 "b"'],
    ['"a" => 1 "b" => 2 null => 3', undefined, "AF3018 null"],
    ['"a" => 1 "c" => 2 else => 3', undefined, 'AF3003 "c"'],
    ["1 => 1 else => 3", undefined, "AF3009 1"],
    ['"a" => 1 "b" => "x"', undefined, 'AF3007 "x"'],
    ["else => 1", "int[]", "AF3005 x"],
  ])("%s", (arms, type, fault) => {
    expect(shown(flow(arms, type))).toEqual([fault]);
  });

  it("adds the missing arms", () => {
    expect(mended(flow('"a" => 1'))).toContain(
      '"b" => fail("not_handled", message: "not handled")',
    );
  });
});

describe("roles and generics", () => {
  const library = `
model m { use: "openai/gpt-5-mini" }
type Post { title: string }
role writer<T>(brief: string, last: T?) -> T { model: m }
agent blogger: writer<Post> { prompt: "Write \${brief}" }
agent poet: writer<string> { prompt: "Rhyme \${brief}" }
role worker(task: string) -> string { model: m, prompt: "\${task}" }
agent fast: worker { skills: ["sql"] }
agent steady: worker {}
flow improve<T>(brief: string, by: writer<T>) -> T {
  step one = by(brief)
  output: one
}
`;

  it("tells the type parameters from the arguments", () => {
    expect(
      shown(`${library}flow f() -> Post { step p = improve("x", by: blogger)  output: p }`),
    ).toEqual([]);
    expect(
      shown(`${library}flow f() -> Post { step p = improve("x", by: poet)  output: p }`),
    ).toEqual(["AF3001 p"]);
    expect(shown(`${library}flow f() { step p = improve("x", by: fast) }`)).toContain(
      "AF3001 fast",
    );
  });

  it("calls, compares and names a filler", () => {
    expect(
      shown(`${library}
type Task { who: worker }
flow f(t: Task, b: bool) -> bool {
  let other: worker = b ? fast : t.who
  step a = t.who("x")
  step c = other("y")
  step d = worker("z") { requires: ["sql"] }
  output: t.who == "steady"
}`),
    ).toEqual([]);
  });

  it.each([
    [
      'type Task { who: worker }\nflow f(t: Task) -> bool { output: t.who == "quick" }',
      'AF3003 "quick"',
    ],
    ["flow f() { let w: worker = blogger }", "AF3001 blogger"],
    ['flow f() { step a = worker("x") { requires: ["java"] } }', 'AF2006 ["java"]'],
    ["role idle(x: int) -> int\nflow f() { step a = idle(1) }", "AF2006 idle"],
    ["agent a: wroker {}", "AF2001 wroker"],
    ["agent a: Post {}", "AF2001 Post"],
    ["agent a: writer {}", "AF3013 writer"],
  ])("%s", (text, fault) => {
    expect(shown(library + text)).toEqual([fault]);
  });

  it("lists the fillers by name", () => {
    const { fillers } = programOf(library);
    expect(fillers.get("main.agentflow#worker")?.map(({ name }) => name)).toEqual([
      "fast",
      "steady",
    ]);
  });
});

describe("settings", () => {
  it.each([
    ['model m { use: "gpt-5" }', 'AF3005 "gpt-5"'],
    ["model m { rate: 60/min }", "AF3015 m"],
    ['agent a(x: string) -> string { prompt: "${x}" }', "AF3015 a"],
    ["tool t(x: int) { timeout: 3s }", "AF3015 t"],
    ['model m { usee: "openai/gpt-5-mini" }', "AF2003 usee"],
    ['tool t(x: int) { htp: "GET https://a.example" }', "AF2003 htp"],
    ['tool t(x: int) { http: "GET https://a.example", module: "./a.ts#b" }', "AF3015 t"],
    [
      'flow f() -> bool { on cron("0 8 * * *") { dedupe: event.id }\noutput: true }',
      "AF2003 dedupe",
    ],
    ['flow f() -> bool { on cron("0 8 * * *") { where: true }\noutput: true }', "AF2003 where"],
    ['tool t(x: int) { http: "https://a.example" }', 'AF3005 "https://a.example"'],
    ['tool t(x: int) { http: "GET https://a.example", effect: "reed" }', 'AF3003 "reed"'],
    ['tool t(x: int) { http: "GET https://a.example", attempts: 0 }', "AF3001 0"],
    [
      'tool t(x: int) { http: "GET https://a.example", attempts: 2, attempts: 3 }',
      "AF2002 attempts",
    ],
    [
      'tool t(x: int) { http: "GET https://a.example", attempts: 2, retryOn: ["time"] }',
      'AF3003 "time"',
    ],
    [
      'config { k: secret }\ntool t(x: int) { http: "GET https://a.example/${config.k}" }',
      "AF6003 config.k",
    ],
    [
      'config { k: secret }\ntool t(x: int) { http: "GET https://a.example", auth: config.k }',
      "AF3005 config.k",
    ],
    [
      'let shared = { attemps: 3 }\ntool t(x: int) { ...shared, http: "GET https://a.example" }',
      "AF2003 attemps",
    ],
    ['config { n: int = "a" }', 'AF3001 "a"'],
    ["config { n: int }\nconfig production { m: 1 }", "AF2003 m"],
    ['config { k: secret }\nconfig production { k: "abc" }', 'AF6003 "abc"'],
    ["flow f() { step a = repeat { maxRounds: 2, until: 5 } }", "AF3005 5"],
    ['flow f(xs: int[..3]) { on event("a") { input: { ys: event.data } } }', "AF3013 ys"],
    ["flow f() -> int { let a = 1 }", "AF4007 int"],
    ["flow f() { output: 5 }", "AF3001 5"],
  ])("%s", (text, fault) => {
    expect(shown(text)).toEqual([fault]);
  });

  it("reads an included prompt and checks what it prints", () => {
    const text =
      'model m { use: "openai/x" }\nagent a(name: string) -> string { model: m, prompt: include("./p.md") }';
    expect(shown(text, { "p.md": "Greet ${name}." })).toEqual([]);
    expect(shown(text, { "p.md": "Greet ${nmae}." })).toEqual(["AF2001 nmae"]);
    expect(shown(text)).toEqual(['AF2005 "./p.md"']);
    // What is judged late is mended where it stands, too.
    const [fault] = faultsOf(text, { "p.md": '${trust(name, "known")}' });
    expect([fault?.code, fault?.span.file]).toEqual(["AF3017", "p.md"]);
    expect(fault?.fixes?.flatMap(({ edits }) => edits.map(({ span }) => span.file))).toEqual([
      "p.md",
    ]);
  });

  it("knows the functions of tests in tests only", () => {
    const text = `${tools}flow f(to: string) -> string { step s = send(to, text: "x")  output: s.id }
test "it sends" { stub: { send: sequence([fail("timeout"), { id: "1" }]) }  step r = f("a")  expect calls(send) == 2 && ran(f.s) && failed(r) == null }`;
    expect(shown(text)).toEqual([]);
    expect(shown(text.replace("stub: { send", "stub: { sent"))).toEqual(["AF2001 sent"]);
  });
});

it("says of a name that has one value only that it has that", () => {
  const message = 'this is never `"test"`; it is always `"live"`';
  const flow = 'flow f() -> int { step s = match stage { "test" => 1 else => 2 } output: s }';
  expect(
    faultsOf(`let stage = "live"\nlet isTest = stage == "test"\n${flow}`).map(
      (fault) => fault.message,
    ),
  ).toEqual([message, message]);
});

it("tells nothing of types that depend on a name that is missing", () => {
  const program = (list: string): string => `
model fast { use: "openai/gpt-5-mini" }
role worker(text: string) -> string { model: fast, prompt: text }
agent anna: worker {}
agent plan(goal: string) -> { jobs: { id: string, needs: string[..4], who: worker }[..8] } { model: fast, prompt: goal }
flow main(goal: string) -> string {
  step made = plan(goal)
  step done = for job in ${list} {
    key: job.id
    needs: job.needs
    step round = repeat {
      maxRounds: 3
      until: draft == ""
      step draft = job.who("\${previous ?? ""} \${upstream.join("")}")
      output: draft
    }
    output: round
  }
  output: done.join("")
}`;
  expect(shown(program("made.jobs"))).toEqual([]);
  expect(shown(program("made.job"))).toEqual(["AF3002 job"]);
});

it("takes a word that means nothing in front of a new name for `step` or `let`", () => {
  const flow = (word: string, value: string): string =>
    `${tools}flow f(to: string) -> string {\n  step a = send(to, text: to)\n  /// Said.\n  ${word} b = ${value}\n  output: "\${b} \${a.id}"\n}`;
  for (const [wrong, right] of [
    [flow("stpe", "sleep(1s)"), flow("step", "sleep(1s)")],
    [flow("string", '"x"'), flow("let", '"x"')],
  ] as const) {
    expect(shown(wrong).map((fault) => fault.slice(0, 6))[0]).toBe("AF1017");
    expect(mended(wrong)).toBe(right);
  }
  expect(shown(flow("string", '"x"'))).toEqual(["AF1017 string"]);
});
