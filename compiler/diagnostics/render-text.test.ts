import { expect, test } from "vitest";

import type { Diagnostic, Span } from "./diagnostic.ts";
import { displayWidth } from "./display-width.ts";
import { renderText } from "./render-text.ts";

const main = `config { a: url }
flow team(task: string) -> string {
\tstep 漢字 = greet("😀 text", name: unknwon) { retry: 3 }
  step b = if x {
    output: 1
    a
    b
    c
  }
}
`;
const other = `let items = [${Array.from({ length: 300 }, (_, index) => `item${index}`).join(", ")}]\n`;
const sources = new Map([
  ["main.agentflow", main],
  ["other.agentflow", other],
]);

test("the place is marked under its line, other places are named, help and fix follow", () => {
  const diagnostic: Diagnostic = {
    code: "AF2001",
    severity: "error",
    message: "there is no `unknwon` here",
    span: at("unknwon"),
    label: "not a name",
    related: [
      { span: at("greet"), message: "in this call" },
      { span: at("step 漢字"), message: "of this step" },
    ],
    help: "there is a parameter with a similar name, `task`",
    fixes: [{ title: "write `task`", safe: true, edits: [] }],
  };
  expect(text([diagnostic])).toBe(`error[AF2001]: there is no \`unknwon\` here
  --> main.agentflow:3:35
   |
 3 |     step 漢字 = greet("😀 text", name: unknwon) { retry: 3 }
   |     ---------   -----                  ^^^^^^^ not a name
   |     |           |
   |     |           in this call
   |     of this step
   |
   = help: there is a parameter with a similar name, \`task\`
   = fix available: write \`task\` (\`agentflow check --fix\`)
`);
});

test("a place in another file gets its own section, a long line is cut around it", () => {
  const start = other.indexOf("item250");
  const rendered = text([
    {
      ...plain(at("config")),
      related: [{ span: { file: "other.agentflow", start, end: start + 7 }, message: "there" }],
    },
  ]);
  expect(rendered).toContain(`  ::: other.agentflow:1:${start + 1}\n`);
  const [code = "", marks = ""] = rendered.split("\n").slice(-3);
  expect(code).toMatch(/^ 1 \| ….*item250.*…$/);
  expect(marks.indexOf("-------")).toBe(code.indexOf("item250"));
  expect(Math.max(...rendered.split("\n").map(displayWidth))).toBeLessThanOrEqual(80);
});

test("a stretch over lines has a bar at its side and leaves out its middle", () => {
  const start = main.indexOf("if x");
  const end = main.indexOf("  }\n") + 3;
  const related = [{ span: at("task"), message: "for this" }];
  const span = { file: "main.agentflow", start, end };
  expect(text([{ ...plain(span), label: "this block", related }])).toBe(`warning[AF4001]: message
  --> main.agentflow:4:12
   |
 2 |   flow team(task: string) -> string {
   |             ---- for this
 3 |       step 漢字 = greet("😀 text", name: unknwon) { retry: 3 }
 4 |     step b = if x {
   |  ____________^
 5 | |     output: 1
 6 | |     a
...  |
 9 | |   }
   | |___^ this block
`);
});

test("a label that does not fit beside its mark hangs below it", () => {
  const start = other.indexOf("item250");
  const label = "a label that is far too long to stand beside its own underline";
  const span = { file: "other.agentflow", start, end: start + 7 };
  const rows = text([{ ...plain(span), label }]).split("\n");
  expect(rows.slice(-4, -1).map((row) => row.slice(4).trim())).toEqual(["^^^^^^^", "|", label]);
});

test("the end of the file and an unknown file have a place too", () => {
  const end = { file: "main.agentflow", start: main.length, end: main.length };
  expect(text([plain(end)])).toContain(" 11 |\n    | ^\n");
  const unknown = { file: "gone.agentflow", start: 5, end: 9 };
  expect(text([plain(unknown)])).toBe("warning[AF4001]: message\n  --> gone.agentflow\n");
});

test("source text cannot forge what is printed", () => {
  const evil = 'let a = "\u001b[2J\u202e\u0007" + b\r\n';
  const span = { file: "evil", start: evil.indexOf("b\r"), end: evil.indexOf("b\r") + 1 };
  const rendered = renderText([plain(span)], new Map([["evil", evil]]), { color: false });
  for (const sign of ["\u001b", "\u202e", "\u0007", "\r"]) expect(rendered).not.toContain(sign);
  const [code = "", marks = ""] = rendered.split("\n").slice(-3);
  expect(code.charAt(marks.indexOf("^"))).toBe("b");
});

test("the same remark on the same place is made once, lines left out are three dots", () => {
  const related = [1, 2].map(() => ({ span: at("c\n"), message: "passed on" }));
  const rendered = text([{ ...plain(at("greet")), related }]);
  expect(rendered.match(/passed on/g)).toHaveLength(1);
  expect(rendered).toContain("\n...\n 8 |");
});

test("code in a help is not broken between lines", () => {
  const help = `${"word ".repeat(13)}\`a b c d e f g h i j\` and more`;
  expect(text([{ ...plain(at("greet")), help }])).toContain(
    "\n           `a b c d e f g h i j` and more\n",
  );
});

test("colour adds nothing but colour", () => {
  const diagnostic = { ...plain(at("greet")), message: "types differ\n- int\n+ float", help: "do" };
  const painted = renderText([diagnostic], sources, { color: true, width: 80 });
  expect(painted).toContain("\u001b[1;33mwarning[AF4001]\u001b[0m");
  expect(painted.replaceAll(/\u001b\[[\d;]*m/g, "")).toBe(text([diagnostic]));
});

test("any span of any text is rendered", () => {
  for (let start = 0; start <= main.length; start += 1) {
    for (const end of [start, start + 1, start + 30, main.length + 5]) {
      expect(text([plain({ file: "main.agentflow", start, end })])).toContain("^");
    }
  }
});

function text(diagnostics: readonly Diagnostic[]): string {
  return renderText(diagnostics, sources, { color: false, width: 80 });
}

function plain(span: Span): Diagnostic {
  return { code: "AF4001", severity: "warning", message: "message", span };
}

function at(part: string): Span {
  const start = main.indexOf(part);
  return { file: "main.agentflow", start, end: start + part.length };
}
