import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { parse } from "../syntax/parse.ts";
import { format } from "./format.ts";
import { treeOf } from "./tree-of.ts";

const root = new URL("../../", import.meta.url);
const programs = ["test/programs", "stdlib", "examples"].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".agentflow"))
    .map((entry) => relative(fileURLToPath(root), join(entry.parentPath, entry.name)))
    .sort(),
);

test.each(programs)("%s is in canonical form", (file) => {
  const text = readFileSync(new URL(file, root), "utf8");
  expect(formatted(text)).toBe(text);
});

describe("lists", () => {
  test("what fits stays on one line, with commas", () => {
    expect(canonical("type  A{a:string\nb :int}")).toBe("type A { a: string, b: int }\n");
    expect(canonical("let a=[1,\n2,]")).toBe("let a = [1, 2]\n");
    expect(canonical('let a={b:1\n...c\n\n"d e":2,f}')).toBe(
      'let a = { b: 1, ...c, "d e": 2, f }\n',
    );
    expect(canonical("let a = {\n}")).toBe("let a = {}\n");
    expect(canonical("let a = [\n// none\n]")).toBe("let a = [\n  // none\n]\n");
  });

  test("what does not fit has an item per line: no commas in braces, a last comma elsewhere", () => {
    const [a, b, c] = ["a", "b", "c"].map((letter) => letter.repeat(40));
    expect(canonical(`let x = {${a}: 1, ${b}: 2, ${c}: 3}`)).toBe(
      `let x = {\n  ${a}: 1\n  ${b}: 2\n  ${c}: 3\n}\n`,
    );
    expect(canonical(`let x = [${a}, ${b}, ${c}]`)).toBe(
      `let x = [\n  ${a},\n  ${b},\n  ${c},\n]\n`,
    );
    expect(canonical(`import {${a}, ${b} as ${c}} from "./m"`)).toBe(
      `import {\n  ${a},\n  ${b} as ${c},\n} from "./m"\n`,
    );
    expect(canonical(`role r(${a}: int, ${b}: int, ${c}: int) -> int`)).toBe(
      `role r(\n  ${a}: int,\n  ${b}: int,\n  ${c}: int,\n) -> int\n`,
    );
  });

  test("a hundred columns fit, one more does not", () => {
    const fits = `let x = [${"q".repeat(44)}, ${"b".repeat(44)}]`;
    expect(fits).toHaveLength(100);
    expect(canonical(fits)).toBe(`${fits}\n`);
    expect(formatted(fits.replace("q", "qq"))).toContain("\n  b");
  });
});

describe("blocks", () => {
  test("three settings may share a line, four or a statement may not", () => {
    expect(canonical('model m { use: "a/b"\n rate: 1/s }')).toBe(
      'model m { use: "a/b", rate: 1/s }\n',
    );
    expect(formatted("model m { a: 1, b: 2, c: 3, d: 4 }")).toBe(
      "model m {\n  a: 1\n  b: 2\n  c: 3\n  d: 4\n}\n",
    );
    expect(formatted("flow f() { step s = g() { fallback: if a { b() } } }")).toBe(
      "flow f() {\n  step s = g() {\n    fallback: if a {\n      b()\n    }\n  }\n}\n",
    );
  });

  test("bodies are always broken, empty ones are not", () => {
    expect(canonical("flow f(){output:1}")).toBe("flow f() {\n  output: 1\n}\n");
    expect(canonical("flow f() { }")).toBe("flow f() {}\n");
    expect(canonical("flow f(){step a=for x in y{g(x)} step b=repeat{until:c} step d=race{e()}}"))
      .toBe(`flow f() {
  step a = for x in y {
    g(x)
  }
  step b = repeat {
    until: c
  }
  step d = race {
    e()
  }
}
`);
  });

  test("a comma stays where the next entry would go on with the one before", () => {
    for (const next of ["(c).d()", "[c]", "{ c: 1 }", "-c"]) {
      const text = `flow f() {\n  a: b,\n  ${next}\n}\n`;
      expect(canonical(`flow f() { a: b, ${next} }`), next).toBe(text);
      expect(treeOf(parse("a", text))).toEqual(treeOf(parse("a", `flow f() { a: b, ${next} }`)));
    }
  });

  test("if, else and match", () => {
    expect(
      canonical(
        'flow f(){step a=if b{c()}else if d{e()}else{output:1} step g=match h{"a"|"b"=>i(),1=>{j()} null=>({k:1}) else=>2}}',
      ),
    ).toBe(`flow f() {
  step a = if b {
    c()
  } else if d {
    e()
  } else {
    output: 1
  }
  step g = match h {
    "a" | "b" => i()
    1 => {
      j()
    }
    null => ({ k: 1 })
    else => 2
  }
}
`);
  });

  test("at most one empty line between entries, none at the edges", () => {
    expect(canonical("flow f() {\n\n\n  let a = 1\n\n\n\n  let b = 2\n  let c = 3\n\n}")).toBe(
      "flow f() {\n  let a = 1\n\n  let b = 2\n  let c = 3\n}\n",
    );
  });
});

describe("expressions and types", () => {
  test("signs and blanks", () => {
    expect(canonical("let a=b?.c [0] . d( e:1,f )+ - 2*( 3-4 )/!g")).toBe(
      "let a = b?.c[0].d(e: 1, f) + -2 * (3 - 4) / !g\n",
    );
    expect(canonical("let a=1 .. 5")).toBe("let a = 1..5\n");
    expect(canonical('let a="x${ b . c( 1,2 ) }y"')).toBe('let a = "x${b.c(1, 2)}y"\n');
    expect(canonical('type T = trusted  private a < b , c > [ 1 .. 2 ] ? | ( "x"|"y" ) ?')).toBe(
      'type T = trusted private a<b, c>[1..2]? | ("x" | "y")?\n',
    );
    expect(canonical('type T { a : float( - 1 .. 2.5 )= - 1 b:string("^a$")  c:int[3] }')).toBe(
      'type T { a: float(-1..2.5) = -1, b: string("^a$"), c: int[3] }\n',
    );
  });

  test("operators break before the sign, as few as needed", () => {
    const [a, b, c] = ["a", "b", "c"].map((letter) => letter.repeat(40));
    expect(canonical(`let x = ${a} + ${b} - ${c}`)).toBe(`let x = ${a} + ${b}\n  - ${c}\n`);
    expect(canonical(`let x = ${a} * 2 + ${b} * ${c}`)).toBe(`let x = ${a} * 2\n  + ${b} * ${c}\n`);
    expect(canonical(`let x = ${a} ? ${b} : ${c}`)).toBe(`let x = ${a}\n  ? ${b}\n  : ${c}\n`);
    expect(canonical(`let x = ${a} ? 1 : ${b} ? 2 : ${c}`)).toBe(
      `let x = ${a}\n  ? 1\n  : ${b}\n  ? 2\n  : ${c}\n`,
    );
  });

  test("a last function stays in its brackets", () => {
    const [a, b] = ["a", "b"].map((letter) => letter.repeat(50));
    expect(canonical(`let x = ${a}.map(i => i.${b})`)).toBe(`let x = ${a}.map(i =>\n  i.${b})\n`);
  });

  test("a union is on one line or has a member per line", () => {
    const [a, b] = ["a", "b"].map((letter) => letter.repeat(50));
    expect(canonical('type T = | "a"\n | "b"')).toBe('type T = "a" | "b"\n');
    expect(canonical(`type T = "${a}" | "${b}"`)).toBe(`type T =\n  | "${a}"\n  | "${b}"\n`);
    expect(canonical('type T =\n  /// A\n  | "a" | "b"')).toBe(
      'type T =\n  /// A\n  | "a"\n  | "b"\n',
    );
    expect(canonical(`type T { f: ("${a}" | "${b}")? }`)).toBe(
      `type T {\n  f: (\n    | "${a}"\n    | "${b}"\n  )?\n}\n`,
    );
  });
});

describe("texts", () => {
  test("a text over lines moves as a whole", () => {
    expect(
      canonical('agent a() {\nprompt: """\n        one\n\n          two ${ x }\n  """\n}'),
    ).toBe('agent a() {\n  prompt: """\n    one\n\n      two ${x}\n    """\n}\n');
  });

  test("what a text says never changes", () => {
    const texts = [
      '"""one"""',
      '"""  one"""',
      '"""one\n    two\n  three"""',
      '"""  one\n\n"""',
      '"""\n\n\n"""',
      '"""\n"""',
      '""""""',
      '"""\n  \\n \\u{41}\n\tx\n"""',
      '"""\n  a  \n    b\n\n  """',
      '"""\r\n  a\r\n  b"""',
      '"""\n    ${a +\n  b}\n"""',
      '"""\n    ${a // why\n + b}\n"""',
      '"""a${"b//c" }d"""',
    ];
    for (const text of texts) {
      const before = parse("a.agentflow", `agent a() { prompt: ${text} }`);
      expect(before.formattable, text).toBe(true);
      const after = parse("a.agentflow", canonical(before.text) ?? "");
      expect(treeOf(after), text).toEqual(treeOf(before));
    }
  });
});

describe("empty lines between declarations", () => {
  test("one around declarations over lines, the author's choice between short ones", () => {
    expect(
      canonical(
        'import {a} from "./a"\nlet b = 1\nlet c = 2\n\n\n\nlet d = 3\nflow e() { output: 1 }\n// f\nlet f = 4',
      ),
    ).toBe(`import { a } from "./a"

let b = 1
let c = 2

let d = 3

flow e() {
  output: 1
}

// f
let f = 4
`);
  });

  test("nothing is nothing", () => {
    expect(canonical("")).toBe("");
    expect(canonical("\n\n  \n")).toBe("");
    expect(canonical("// only this")).toBe("// only this\n");
  });
});

describe("comments", () => {
  test("stay before, behind and at the end", () => {
    const text = `// file

/// doc of a
// note of a
let a = 1 // behind a

// before f
flow f(
  // before x
  x: int, // behind x
) {
  // before b

  let b = 2 // behind b
  // at the end of f
}
// at the end
`;
    expect(canonical(text)).toBe(text);
  });

  test("in the middle of an entry go before it", () => {
    expect(canonical("let a = // one\n  1 // two\n  + 2")).toBe("// one\n// two\nlet a = 1 + 2\n");
  });

  test("in a head go into the next list", () => {
    expect(
      canonical("flow f() // one\n{ step a = if b // two\n { c() } // three\n else { d() } }"),
    ).toBe(
      `flow f() {
  // one
  step a = if b {
    // two
    c() // three
  } else {
    d()
  }
}
`.replace("    c() // three\n  } else {\n", "    c()\n  } else {\n    // three\n"),
    );
  });

  test("a doc comment that documents nothing does not begin to", () => {
    expect(canonical("let a = /// no\n 1")).toBe("// no\nlet a = 1\n");
    expect(canonical("let a = 1 /// no\nlet b = 2")).toBe("let a = 1 /// no\nlet b = 2\n");
    expect(canonical("flow f() { /// no\n let a = 1 }")).toBe(
      "flow f() {\n  // no\n  let a = 1\n}\n",
    );
  });
});

test("long files of little are formatted too", () => {
  const comments = "// c\n".repeat(150_000);
  expect(formatted(`${comments}let a = 1\n`)).toBe(`${comments}let a = 1\n`);
  expect(formatted(`let a = 1${";".repeat(20_000)}`)).toBe("let a = 1\n");
});

describe("habits", () => {
  test("are written in the fixed form", () => {
    expect(
      canonical(
        "export async flow f(a: string) -> string {\n  const b = await g('x');\n  let c = a === `y${a}`,\n  return b\n}",
      ),
    ).toBe(
      'flow f(a: string) -> string {\n  step b = g("x")\n  let c = a == "y${a}"\n  output: b\n}\n',
    );
  });

  test("other errors leave the file alone", () => {
    for (const text of ["flow", "let a =", 'let a = "b', "flow f() { step }", "# hi\nlet a = 1"]) {
      expect(format(parse("a", text)), text).toBeNull();
    }
  });
});

/** The canonical form, provided that it is its own canonical form. */
function canonical(text: string): string | null {
  const once = formatted(text);
  if (once !== null && formatted(once) !== once) return `not stable: ${formatted(once)}`;
  return once;
}

function formatted(text: string): string | null {
  return format(parse("a.agentflow", text));
}
