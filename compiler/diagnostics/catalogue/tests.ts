import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Tests, and what a careful reader would remark. */
export const tests = {
  AF8001: {
    severity: "error",
    title: "a step that the flow does not have",
    explanation:
      "`ran(flow.step)` asks whether a step was started, by its path: the flow's name and the names of the steps down to it. The flow has no step of this name. A test that asks for a step which cannot exist would always give the same answer. The message offers the nearest name.",
    bad: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}" }

flow define(word: string) -> string {
  step meaning = lookUp(word)
  output: meaning
}

test "a word is looked up" {
  stub: { lookUp: "a small house" }

  step result = define("hut")

  expect result == "a small house"
  expect ran(define.meening)
}
`,
    },
    good: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}" }

flow define(word: string) -> string {
  step meaning = lookUp(word)
  output: meaning
}

test "a word is looked up" {
  stub: { lookUp: "a small house" }

  step result = define("hut")

  expect result == "a small house"
  expect ran(define.meaning)
}
`,
    },
  },
  AF8002: {
    severity: "error",
    title: "something in a test that is no agent, tool or flow",
    explanation:
      "`stub:` replaces agents, tools and flows by fixed answers, and `calls(…)` counts how often one was called. This name is something else, such as a model or a type, which is never called. Name the agent that uses it. A step of a test runs a flow: to test something else, write a flow that does it.",
    bad: {
      text: `model fast { use: "openai/gpt-5-mini" }

agent greet(name: string) -> string { model: fast, prompt: "Greet \${name}." }

flow hello(name: string) -> string {
  step greeting = greet(name)
  output: greeting
}

test "one call is enough" {
  stub: { greet: "Hello Ada" }

  step result = hello("Ada")

  expect result == "Hello Ada"
  expect calls(fast) == 1
}
`,
    },
    good: {
      text: `model fast { use: "openai/gpt-5-mini" }

agent greet(name: string) -> string { model: fast, prompt: "Greet \${name}." }

flow hello(name: string) -> string {
  step greeting = greet(name)
  output: greeting
}

test "one call is enough" {
  stub: { greet: "Hello Ada" }

  step result = hello("Ada")

  expect result == "Hello Ada"
  expect calls(greet) == 1
}
`,
    },
  },
  AF8003: {
    severity: "error",
    title: "a stub whose answer does not fit",
    explanation:
      'A stub stands in for an agent, a tool or a flow, so its answer must have the type that the real one returns. Otherwise the test would prove something that cannot happen. Use `sequence([…])` for one answer after another, `fail("code")` for a failure, `costs(…)` for an answer with a price.',
    bad: {
      text: `tool countWords(text: string) -> int { http: "GET https://words.example/count" }

flow measure(text: string) -> int {
  step length = countWords(text)
  output: length
}

test "words are counted" {
  stub: { countWords: "two" }

  step result = measure("hello world")

  expect result == 2
}
`,
    },
    good: {
      text: `tool countWords(text: string) -> int { http: "GET https://words.example/count" }

flow measure(text: string) -> int {
  step length = countWords(text)
  output: length
}

test "words are counted" {
  stub: { countWords: 2 }

  step result = measure("hello world")

  expect result == 2
}
`,
    },
  },
  AF8004: {
    severity: "error",
    title: "an agent or tool without a stub",
    explanation:
      "Tests run offline: every agent and tool that the tested flows can reach needs an answer in `stub:`, or `replay:` gives the answers of a recorded run. Otherwise a test could call a paid model or send a real message. The message lists the ones that are missing, and a fix adds them.",
    bad: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}" }

flow define(word: string) -> string {
  step meaning = lookUp(word)
  output: meaning
}

test "a word is looked up" {
  step result = define("hut")

  expect result == "a small house"
}
`,
    },
    good: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}" }

flow define(word: string) -> string {
  step meaning = lookUp(word)
  output: meaning
}

test "a word is looked up" {
  stub: { lookUp: "a small house" }

  step result = define("hut")

  expect result == "a small house"
}
`,
    },
  },
  AF9001: {
    severity: "warning",
    title: "an import, `let` or parameter that nothing uses",
    explanation:
      "Nothing mentions this name, so it has no effect. Usually a name was misspelt somewhere else, or something was taken out and this was forgotten. Use it, or remove it; a fix removes unused imports and `let`s.",
    bad: {
      text: `flow hello(name: string) -> string {
  let shout = name.upper()
  output: "Hello \${name}"
}
`,
    },
    good: {
      text: `flow hello(name: string) -> string {
  let shout = name.upper()
  output: "Hello \${shout}"
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
