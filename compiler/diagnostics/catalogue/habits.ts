import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Habits of other languages: understood as meant, reported with a fix, rewritten by the formatter. */
export const habits = {
  AF1010: {
    severity: "error",
    title: "no `;` at the end of a line",
    explanation:
      "Nothing in this language ends with a semicolon; every entry starts with its own word, so the end needs no mark. The line is understood without it. `agentflow check --fix` and `agentflow fmt` remove it.",
    bad: {
      text: `flow hello() -> string {
  let greeting = "Hello";
  output: greeting
}
`,
    },
    good: {
      text: `flow hello() -> string {
  let greeting = "Hello"
  output: greeting
}
`,
    },
  },
  AF1011: {
    severity: "error",
    title: "`==` and `!=` compare, there is no `===`",
    explanation:
      "Values are always compared by what they hold, and comparing two types that can never be equal is an error of its own. There is therefore only one kind of equality, written `==`, and its opposite `!=`. The longer form is understood as the shorter one.",
    bad: {
      text: `flow isAdult(age: int) -> bool {
  output: age >= 18 && age !== 99
}
`,
    },
    good: {
      text: `flow isAdult(age: int) -> bool {
  output: age >= 18 && age != 99
}
`,
    },
  },
  AF1012: {
    severity: "error",
    title: "no `await`: a step that mentions another one waits for it",
    explanation:
      "Every step starts when the steps it mentions are done; waiting needs no word. Steps that do not mention each other run at the same time. Remove `await`; the step's name already stands for its result.",
    bad: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}" }

flow define(word: string) -> string {
  step meaning = await lookUp(word)
  output: meaning
}
`,
    },
    good: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}" }

flow define(word: string) -> string {
  step meaning = lookUp(word)
  output: meaning
}
`,
    },
  },
  AF1013: {
    severity: "error",
    title: "`step` or `let` instead of `const` and `var`",
    explanation:
      "Something that is done is a `step`: it is kept in the run's history, may be tried again, and has a result. Something that is only computed is a `let`. Neither can be changed later. The word is understood as `step` if a call or a block follows, else as `let`.",
    bad: {
      text: `flow hello() -> string {
  const greeting = "Hello"
  output: greeting
}
`,
    },
    good: {
      text: `flow hello() -> string {
  let greeting = "Hello"
  output: greeting
}
`,
    },
  },
  AF1014: {
    severity: "error",
    title: "strings have double quotes",
    explanation:
      "There is one kind of quotes for text on one line, so that nobody has to wonder whether two kinds differ. Single quotes are understood as double ones. Inside a string an apostrophe needs no backslash.",
    bad: {
      text: `flow hello() -> string {
  output: 'Hello'
}
`,
    },
    good: {
      text: `flow hello() -> string {
  output: "Hello"
}
`,
    },
  },
  AF1015: {
    severity: "error",
    title: "strings have double quotes, also with `${…}` in them",
    explanation:
      'Every string may hold `${…}`, so there is no special kind for it. Backticks are understood as `"…"`, or as `"""…"""` when the text has several lines. `agentflow check --fix` and `agentflow fmt` write the right quotes.',
    bad: {
      text: `flow hello(name: string) -> string {
  output: \`Hello \${name}\`
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
  AF1016: {
    severity: "error",
    title: "`output:` instead of `return`",
    explanation:
      "A flow describes what depends on what; it has no place where it stops early. Its result is a setting like any other, `output:`, and is ready when all of its steps are done. To do something only sometimes, put it in an `if` or a `match`.",
    bad: {
      text: `flow hello() -> string {
  return "Hello"
}
`,
    },
    good: {
      text: `flow hello() -> string {
  output: "Hello"
}
`,
    },
  },
  AF1017: {
    severity: "error",
    title: "`:` describes, `=` names",
    explanation:
      "A setting says something about its block and is written `key: value`. A step, a `let` or a state gives a name to something and is written `step name = …`. The two signs make the two easy to tell apart when you skim a file. A sign that was taken for the other is understood as meant.",
    bad: {
      text: `flow hello() -> string {
  output = "Hello"
}
`,
    },
    good: {
      text: `flow hello() -> string {
  output: "Hello"
}
`,
    },
  },
  AF1018: {
    severity: "error",
    title: "no `async`: every flow may wait",
    explanation:
      "Flows, agents and tools all take time, and a run survives waiting for days. There is nothing to mark. Remove the word.",
    bad: {
      text: `async flow hello() -> string {
  output: "Hello"
}
`,
    },
    good: {
      text: `flow hello() -> string {
  output: "Hello"
}
`,
    },
  },
  AF1019: {
    severity: "error",
    title: "no `,` behind a statement or a declaration",
    explanation:
      "Commas separate arguments, list items and the entries of a record or of settings on one line. Statements such as `step`, `let`, `state`, `on` and `expect`, and declarations, stand on lines of their own and need none. The comma is ignored, and the formatter removes it.",
    bad: {
      text: `flow hello() -> string {
  let greeting = "Hello",
  output: greeting
}
`,
    },
    good: {
      text: `flow hello() -> string {
  let greeting = "Hello"
  output: greeting
}
`,
    },
  },
  AF1020: {
    severity: "error",
    title: "`enum`, `interface`, `export` and `undefined` have other names here",
    explanation:
      'A choice between fixed words is a union of their texts: `type Mood = "good" | "bad"`. A record type is `type`. Everything at the top of a file can be imported, so nothing is exported by a word. What is absent is `null`. Each is understood as meant.',
    bad: {
      text: `export flow hello() -> string {
  output: "Hello"
}
`,
    },
    good: {
      text: `flow hello() -> string {
  output: "Hello"
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
