import { describe, expect, it } from "vitest";

import { faultsOf, mended, shown } from "./fixtures/check-text.ts";

/** A flow whose output is an expression. */
function flow(head: string, output: string, before = ""): string {
  return `${before}\nflow f(${head} { output: ${output} }`;
}

describe("what fits where", () => {
  it.each([
    ["an int is a float", "n: int) -> float", "n"],
    ["a url is text", "u: url) -> string", "u"],
    ["a literal is text", ") -> string", '"a"'],
    ["a value is one that may be missing", "n: int) -> int?", "n"],
    ["everything is json", "n: int[]) -> json", "n"],
    ["json is everything, checked at run time", "j: json) -> { a: int }", "j"],
    ["an empty list", ") -> int[..3]", "[]"],
    ["ranges that meet", "n: int(0..9)) -> int(5..20)", "n"],
    ["a text that has the form of a url", ") -> url", '"https://a.example/b"'],
    ["a record without its optional field", ") -> { a: int, b: int? }", "{ a: 1 }"],
  ])("%s", (_, head, output) => {
    expect(shown(flow(head, output))).toEqual([]);
  });

  it.each([
    ["text for a number", "s: string) -> int", "s", "AF3001 s"],
    ["a float for an int", "x: float) -> int", "x", "AF3001 x"],
    ["a number out of range", ") -> int(1..5)", "12", "AF3001 12"],
    ["a text that is too long", ") -> string(..3)", '"abcd"', 'AF3001 "abcd"'],
    ["a text against the pattern", ') -> string("^[a-z]+$")', '"A1"', 'AF3001 "A1"'],
    ["a list that is too long", "xs: int[9..]) -> int[2..8]", "xs", "AF3001 xs"],
    ["a text that is no url", ") -> url", '"nothing"', 'AF3001 "nothing"'],
    ["text for a url", "s: string) -> url", "s", "AF3001 s"],
    ["a value that may be null", "n: int?) -> int", "n", "AF3006 n"],
    ["a field too many, at the field", ") -> { a: int }", "{ a: 1, b: 2 }", "AF3002 b"],
    ["a field that is misspelt", ") -> { able: int }", "{ abel: 1 }", "AF3002 abel"],
    ["a field by another name", ") -> { a: int, b: int }", "{ a: 1, text: 1 }", "AF3002 text"],
    ["a field of the wrong type, at its value", ") -> { a: int }", '{ a: "1" }', 'AF3001 "1"'],
    ["an item of the wrong type, at the item", ") -> int[]", '[1, 2, "3"]', 'AF3007 "3"'],
  ])("%s", (_, head, output, fault) => {
    expect(shown(flow(head, output))).toEqual([fault]);
  });

  it("shows the part that differs, not the whole type", () => {
    const types =
      "type A { name: string, sub: { n: int } }\ntype B { name: string, sub: { n: bool } }";
    const [fault] = faultsOf(flow("a: A) -> B", "a", types));
    expect(fault?.message).toBe(
      "`output` does not fit `B`: its `sub.n` must be `true` or `false`, not `int`",
    );
  });

  it("compares records by their fields, also recursive ones", () => {
    const types = "type A { n: int, next: A? }\ntype B { n: int, next: B? }";
    expect(shown(flow("a: A) -> B", "a", types))).toEqual([]);
  });

  it("points at the wrong branch", () => {
    expect(shown(flow("b: bool, n: int, s: string?) -> string", 'b ? "x" : s'))).toEqual([
      "AF3006 s",
    ]);
  });
});

describe("unions", () => {
  const answer = 'type Answer = { kind: "yes", at: time } | { kind: "no", why: string }';

  it.each([
    ["type A = string | int", "AF3004 string"],
    ['type A = "a" | "a"', 'AF3004 "a"'],
    ["type A = { x: int } | { y: int }", "AF3004 { y: int }"],
    ['type A = "a" | { x: int }', 'AF3004 "a"'],
  ])("%s", (text, fault) => {
    expect(shown(text)).toEqual([fault]);
  });

  it("takes the member that the literal's text selects", () => {
    expect(shown(flow(") -> Answer", '{ kind: "no", why: "x" }', answer))).toEqual([]);
    expect(shown(flow(") -> Answer", '{ kind: "no" }', answer))).toEqual(["AF3002 {"]);
    expect(shown(flow(") -> Answer", '{ kind: "maybe" }', answer))).toEqual(['AF3003 "maybe"']);
  });

  it("gives only the fields all members have, until a test tells which it is", () => {
    expect(shown(flow("a: Answer) -> string", "a.why", answer))).toEqual(["AF3002 why"]);
    expect(shown(flow("a: Answer) -> string", 'a.kind == "no" ? a.why : "-"', answer))).toEqual([]);
    expect(shown(flow("a: Answer) -> string", 'a.kind != "yes" ? a.why : "-"', answer))).toEqual(
      [],
    );
  });
});

describe("narrowing", () => {
  it.each([
    ["x != null ? x : 0"],
    ["x == null ? 0 : x"],
    ["!(x == null) ? x : 0"],
    ["x != null && x > 3 ? x : 0"],
    ["x == null || x > 3 ? 1 : x"],
    ["x == 3 ? x : 0"],
    ["x ?? 0"],
  ])("%s", (expression) => {
    expect(shown(flow("x: int?) -> int", expression))).toEqual([]);
  });

  it("reaches through fields", () => {
    const type = "type A { b: { c: int? }? }";
    expect(shown(flow("a: A) -> int", "a.b?.c != null ? a.b.c : 0", type))).toEqual([]);
    expect(shown(flow("a: A) -> int", "a.b?.c ?? 0", type))).toEqual([]);
    expect(shown(flow("a: A) -> int", "a.b.c ?? 0", type))).toEqual(["AF3006 c"]);
  });

  it("makes a divisor legal", () => {
    expect(shown(flow("a: int, b: int) -> float", "b > 0 ? a / b : 0"))).toEqual([]);
    expect(shown(flow("a: int, b: int(1..)) -> float", "a / b"))).toEqual([]);
    expect(shown(flow("a: int, b: int) -> float", "a / b"))).toEqual(["AF3016 b"]);
    expect(shown(flow("a: int) -> float", "a / 0"))).toEqual(["AF3016 0"]);
  });

  it("leaves items that are not null after filter", () => {
    expect(shown(flow("xs: int?[]) -> int[]", "xs.filter(x => x != null)"))).toEqual([]);
    expect(shown(flow("xs: int?[]) -> int[]", "xs"))).toEqual(["AF3001 xs"]);
  });

  it("holds in the blocks of if and the arms of match", () => {
    const text = `
type A = { kind: "x", n: int } | { kind: "y", s: string }
tool log(text: string) -> string { http: "PUT https://log.example/lines" }
flow f(a: A, n: int?) -> string {
  step one = if n != null { log("\${n + 1}") } else { log("none") }
  step two = match a.kind { "x" => log("\${a.n}")  "y" => log(a.s) }
  output: one
}`;
    expect(shown(text)).toEqual([]);
  });
});

describe("operators", () => {
  it.each([
    ["money and number", "m: money) -> money", "m * 2 + $0.50"],
    ["money by money", "m: money(1..)) -> float".replace("(1..)", "($1..)"), "m / m"],
    ["time and duration", "t: time) -> time", "t + 5m"],
    ["time and time", "t: time) -> duration", "t - t"],
    ["percent", "x: float) -> bool", "x > 50%"],
  ])("%s", (_, head, output) => {
    expect(shown(flow(head, output))).toEqual([]);
  });

  it.each([
    ["text and text", "s: string) -> string", '"a" + s', 'AF3005 "a" + s'],
    ["money and number", "m: money) -> money", "m + 2", "AF3005 m + 2"],
    ["dates", "d: date) -> date", "d + 1d", "AF3005 d + 1d"],
    ["order of texts", "s: string) -> bool", 's < "b"', 'AF3005 s < "b"'],
    ["a condition that is no bool", "n: int) -> int", "n ? 1 : 2", "AF3005 n"],
    ["number and text", "n: int) -> bool", 'n == "3"', 'AF3009 n == "3"'],
    ["never null", "n: int) -> bool", "n == null", "AF3009 n == null"],
    ["out of the range", "n: int(1..5)) -> bool", "n == 9", "AF3009 n == 9"],
    ["no member", 'a: "x" | "y") -> bool', 'a == "z"', 'AF3003 "z"'],
    ["never null in front of ??", "n: int) -> int", "n ?? 0", "AF3008 ?? 0"],
    ["branches that differ", "b: bool) -> string", 'b ? 1 : "a"', 'AF3007 "a"'],
    ["a code nothing raises", "e: Error) -> bool", 'e.code == "time_out"', 'AF3003 "time_out"'],
  ])("%s", (_, head, output, fault) => {
    expect(shown(flow(head, output))).toEqual([fault]);
  });

  it("computes the ranges of ints", () => {
    expect(shown(flow("a: int(1..3), b: int(2..4)) -> int(3..7)", "a + b"))).toEqual([]);
    expect(shown(flow("a: int(1..3), b: int(2..4)) -> int(20..)", "a * b"))).toEqual([
      "AF3001 a * b",
    ]);
  });

  it("mends joined text and a useless ??", () => {
    expect(mended(flow("s: string) -> string", '"a " + s'))).toContain('"a ${s}"');
    expect(shown(mended(flow("n: int) -> int", "n ?? 0")))).toEqual([]);
  });
});

describe("text", () => {
  it("prints everything but null, secrets and callables", () => {
    const text =
      'config { key: secret }\nflow f(n: int?, d: duration, xs: int[]) -> string { output: "${d} ${xs} ${n ?? "none"}" }';
    expect(shown(text)).toEqual([]);
    expect(shown(text.replace('n ?? "none"', "n"))).toEqual(["AF3006 n"]);
    expect(shown(text.replace('n ?? "none"', "config.key"))).toEqual(["AF6003 config.key"]);
    expect(shown(text.replace('n ?? "none"', "f"))).toEqual(["AF3005 f"]);
  });
});

describe("lets", () => {
  it("needs a type where it depends on itself through previous", () => {
    const text = (type: string): string => `
flow count() -> int {
  step counted = repeat {
    maxRounds: 5
    until: total >= 3
    let total${type} = (previous?.total ?? 0) + 1
    output: { total }
  }
  output: counted.total
}`;
    expect(shown(text(""))).toEqual(["AF3010 total"]);
    expect(shown(text(": int"))).toEqual([]);
  });

  it("is told once when the lets of a file go in a circle", () => {
    expect(shown("let a = b\nlet b = a")).toEqual(["AF3010 a"]);
    expect(shown("type A = A[]")).toEqual(["AF3010 A"]);
  });
});
