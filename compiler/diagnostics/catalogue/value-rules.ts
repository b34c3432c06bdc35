import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Calls, matches and divisions that are not complete. */
export const valueRules = {
  AF3012: {
    severity: "error",
    title: "something is called that cannot be called",
    explanation:
      "Agents, tools, flows, roles and the built-in functions can be called; values, types and models cannot. A model is chosen in an agent's `model:` setting and answers when the agent is called. Call the agent instead, or remove the brackets.",
    bad: {
      text: `model fast { use: "openai/gpt-5-mini" }

flow hello() {
  step greeting = fast("Say hello")
}
`,
    },
    good: {
      text: `model fast { use: "openai/gpt-5-mini" }

agent greet(name: string) -> string { model: fast, prompt: "Greet \${name}." }

flow hello() {
  step greeting = greet("Ada")
}
`,
    },
  },
  AF3013: {
    severity: "error",
    title: "an argument that is missing, unknown or given twice",
    explanation:
      "A call gives each parameter one value. Parameters with a default or with `?` in their type may be left out, all others must be there. The message shows the signature and where it is declared, and offers the nearest parameter for a misspelt one.",
    bad: {
      text: `tool sendNote(to: string, text: string) { http: "POST https://notes.example/notes" }

flow remind() {
  step sent = sendNote("Ada")
}
`,
    },
    good: {
      text: `tool sendNote(to: string, text: string) { http: "POST https://notes.example/notes" }

flow remind() {
  step sent = sendNote("Ada", text: "Lunch at one")
}
`,
    },
  },
  AF3014: {
    severity: "error",
    title: "a `match` that forgets a case",
    explanation:
      "A `match` must say what happens for every possible value. On a fixed choice either all members have an arm or there is an `else`; on open types such as `string` an `else` is always needed; if the value may be null, null needs an arm too. The message lists what is not covered, and a fix adds the arms.",
    bad: {
      text: `type Size = "small" | "medium" | "large"

flow price(size: Size) -> money {
  step found = match size {
    "small" => $5
    "large" => $9
  }

  output: found
}
`,
    },
    good: {
      text: `type Size = "small" | "medium" | "large"

flow price(size: Size) -> money {
  step found = match size {
    "small" => $5
    "medium" => $7
    "large" => $9
  }

  output: found
}
`,
    },
  },
  AF3015: {
    severity: "error",
    title: "a setting that this block needs",
    explanation:
      "Some blocks say nothing without a certain setting: a model needs `use`, an agent a `model`, a tool exactly one of `http`, `mcp` and `module`, which say how it is reached. Add the setting. For a tool with two of them, keep one. Other settings come in pairs: `backoff` and `retryOn` do nothing without `attempts`, `idle` nothing without `onIdle`.",
    bad: {
      text: `tool lookUp(word: string) -> string { timeout: 5s }

flow define(word: string) -> string {
  step meaning = lookUp(word)
  output: meaning
}
`,
    },
    good: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}", timeout: 5s }

flow define(word: string) -> string {
  step meaning = lookUp(word)
  output: meaning
}
`,
    },
  },
  AF3016: {
    severity: "error",
    title: "a divisor that may be 0",
    explanation:
      "There is no number that a division by 0 could give, so it is excluded before the program runs. Give the divisor a range without 0, such as `int(1..)`, or test it first: behind `count > 0 ?` it is known not to be 0.",
    bad: {
      text: `flow average(total: int, count: int) -> float {
  output: total / count
}
`,
    },
    good: {
      text: `flow average(total: int, count: int) -> float {
  output: count > 0 ? total / count : 0
}
`,
    },
  },
  AF3017: {
    severity: "error",
    title: "an argument that needs its name",
    explanation:
      "Only the first argument of a call may stand without a name, and arguments that are plain names equal to a parameter's name. All others are written `name: value`, so that a call can be read without its declaration and two texts cannot be swapped unnoticed. A fix adds the name.",
    bad: {
      text: `tool sendNote(to: string, text: string) { http: "POST https://notes.example/notes" }

flow remind() {
  step sent = sendNote("Ada", "Lunch at one")
}
`,
    },
    good: {
      text: `tool sendNote(to: string, text: string) { http: "POST https://notes.example/notes" }

flow remind() {
  step sent = sendNote("Ada", text: "Lunch at one")
}
`,
    },
  },
  AF3018: {
    severity: "error",
    title: "an arm that can never be taken",
    explanation:
      "Arms are tried from top to bottom, and an earlier one already takes everything this one asks for: it stands behind `else`, or its pattern was used before. Remove the arm, or move it up.",
    bad: {
      text: `type Answer = "yes" | "no"

flow score(answer: Answer) -> int {
  step points = match answer {
    "yes" => 1
    else => 0
    "no" => -1
  }

  output: points
}
`,
    },
    good: {
      text: `type Answer = "yes" | "no"

flow score(answer: Answer) -> int {
  step points = match answer {
    "yes" => 1
    "no" => -1
  }

  output: points
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
