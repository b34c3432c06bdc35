import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Characters and tokens that cannot be read. */
export const syntax = {
  AF1001: {
    severity: "error",
    title: "a character that has no meaning here, or a string without its closing quotes",
    explanation:
      'The text holds a character that is no part of the language, or a string that is opened and never closed. A `"…"` string ends at the end of its line, so that one forgotten quote cannot swallow the rest of the file. Close the string on its line, or use `"""` for text over several lines.',
    bad: {
      text: `flow hello(name: string) -> string {
  output: "Hello \${name}
}
`,
    },
    good: {
      text: `flow hello(name: string) -> string {
  output: "Hello \${name}"
}
`,
    },
  },
  AF1002: {
    severity: "error",
    title: "something else was expected here",
    explanation:
      "At this place the language allows only certain words or signs, and found another one. The message names what was expected and the construct it belongs to. Often something before this place is missing: a `:` behind a setting's key, a `=` behind a step's name, a closing bracket. The rest of the file is still read and checked.",
    bad: {
      text: `flow hello(name string) -> string {
  output: "Hello \${name}"
}
`,
    },
    good: {
      text: `flow hello(name: string) -> string {
  output: "Hello \${name}"
}
`,
    },
  },
  AF1003: {
    severity: "error",
    title: "an escape that strings do not have",
    explanation:
      'Behind a backslash a string may hold `\\"`, `\\\\`, `\\n`, `\\t`, `\\$` or `\\u{…}` with a hexadecimal code point, and nothing else. Other letters are refused instead of guessed, because a path such as `C:\\new` would otherwise silently hold a line break. To write a backslash, double it.',
    bad: {
      text: `flow folder() -> string {
  output: "C:\\docs"
}
`,
    },
    good: {
      text: `flow folder() -> string {
  output: "C:\\\\docs"
}
`,
    },
  },
  AF1004: {
    severity: "error",
    title: "an interpolation that cannot be read",
    explanation:
      "Between `${` and `}` stands exactly one expression: a name, a field, an operator, a method. It may not be empty, and it may not hold a `}` or, in a one-line string, a line break. Compute anything longer in a `let` and write its name. For a dollar sign before a brace write `\\$`.",
    bad: {
      text: `flow hello() -> string {
  output: "This is run \${}"
}
`,
    },
    good: {
      text: `flow hello() -> string {
  output: "This is run \${run.id}"
}
`,
    },
  },
  AF1005: {
    severity: "warning",
    title: "a doc comment that documents nothing",
    explanation:
      "A `///` comment describes what follows it: a declaration, a field, a member of a union, a parameter, a step. Models and people read it there. This one is followed by nothing it could describe, so nobody would ever see it. Move it in front of what it describes, or make it an ordinary `//` comment.",
    bad: {
      text: `flow hello() -> string {
  output: "Hello"
  /// Says hello.
}
`,
    },
    good: {
      text: `/// Says hello.
flow hello() -> string {
  output: "Hello"
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
