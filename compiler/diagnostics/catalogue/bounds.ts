import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Worst cases: every program has one that is known before it runs. */
export const bounds = {
  AF5001: {
    severity: "error",
    title: "a `for` over a list that may be endless",
    explanation:
      "A `for` starts work for every item, and work costs time and money; so the longest possible list has to be known. Say it in the list's type, `string[..20]`, or with `maxItems:` in the `for`. A longer list is then refused before any item starts.",
    bad: {
      text: `tool greet(name: string) -> string { http: "GET https://greet.example/\${name}" }

flow greetAll(names: string[]) {
  step greeted = for name in names {
    greet(name)
  }
}
`,
    },
    good: {
      text: `tool greet(name: string) -> string { http: "GET https://greet.example/\${name}" }

flow greetAll(names: string[..20]) {
  step greeted = for name in names {
    greet(name)
  }
}
`,
    },
  },
  AF5002: {
    severity: "error",
    title: "rounds, runs or attempts without a limit",
    explanation:
      "A `repeat` needs `maxRounds:`, a `continue(…)` needs `maxRuns:`, and `attempts:` must be a number or a parameter with an upper limit. Otherwise a condition that never becomes true would spend money for ever. Choose the highest number you would accept.",
    bad: {
      text: `tool improve(text: string) -> string { http: "GET https://writer.example/better" }

flow polish(text: string) -> string {
  step polished = repeat {
    until: better == previous

    step better = improve(previous ?? text)
    output: better
  }

  output: polished
}
`,
    },
    good: {
      text: `tool improve(text: string) -> string { http: "GET https://writer.example/better" }

flow polish(text: string) -> string {
  step polished = repeat {
    maxRounds: 3
    until: better == previous

    step better = improve(previous ?? text)
    output: better
  }

  output: polished
}
`,
    },
  },
  AF5003: {
    severity: "error",
    title: "a budget that cannot suffice",
    explanation:
      "Before a request is made, what it may cost at most is reserved, and a request that does not fit into the budget is not made. Here one call that always happens reserves more than the whole budget, so every run would stop; the call may also stand in a flow that is always called. Raise the budget, or lower the `maxOutput` of the agent or its model.",
    bad: {
      text: `model strong {
  use: "openai/gpt-5"
  price: { input: $3, output: $15 }
  maxInput: 10k
  maxOutput: 10k
}

agent write(topic: string) -> string { model: strong, prompt: "Write about \${topic}." }

flow article(topic: string) -> string {
  budget: { cost: $0.10 }

  step text = write(topic)
  output: text
}
`,
    },
    good: {
      text: `model strong {
  use: "openai/gpt-5"
  price: { input: $3, output: $15 }
  maxInput: 10k
  maxOutput: 10k
}

agent write(topic: string) -> string { model: strong, prompt: "Write about \${topic}." }

flow article(topic: string) -> string {
  budget: { cost: $2 }

  step text = write(topic)
  output: text
}
`,
    },
  },
  AF5004: {
    severity: "warning",
    title: "a budget that may stop the run",
    explanation:
      "In the worst case, with all rounds, items and attempts used up, this costs more than its budget allows; the run would then stop with `budget_exceeded`. That may be just what the budget is for, hence only a warning. To be sure of a result, raise the budget, lower the limits, or give the block a `fallback`.",
    bad: {
      text: `model fast {
  use: "openai/gpt-5-mini"
  price: { input: $1, output: $1 }
  maxInput: 10k
  maxOutput: 1k
}

agent write(topic: string) -> string { model: fast, prompt: "Write about \${topic}." }

flow article(topic: string) -> string {
  budget: { cost: $0.05 }

  step text = write(topic)
  output: text
}
`,
    },
    good: {
      text: `model fast {
  use: "openai/gpt-5-mini"
  price: { input: $1, output: $1 }
  maxInput: 10k
  maxOutput: 1k
}

agent write(topic: string) -> string { model: fast, prompt: "Write about \${topic}." }

flow article(topic: string) -> string {
  budget: { cost: $0.10 }

  step text = write(topic)
  output: text
}
`,
    },
  },
  AF5005: {
    severity: "error",
    title: "a step that may act twice",
    explanation:
      'This step is tried again when it fails, but a failure does not prove that nothing happened: a request may have been carried out and only its answer lost. Repeating it could then send or charge twice. Give the tool an `idempotency` header that its service honours, limit `retryOn` to `rate_limited` and `circuit_open`, which prove that nothing happened, say `effect: "read"` if it only reads, or use one attempt.',
    bad: {
      text: `tool sendNote(text: string) { http: "POST https://notes.example/notes", attempts: 3 }

flow remind(text: string) {
  step sent = sendNote(text)
}
`,
    },
    good: {
      text: `tool sendNote(text: string) {
  http: "POST https://notes.example/notes"
  idempotency: "Idempotency-Key"
  attempts: 3
}

flow remind(text: string) {
  step sent = sendNote(text)
}
`,
    },
  },
  AF5006: {
    severity: "error",
    title: "waiting for a person or an event without a limit",
    explanation:
      "People go on holiday and events get lost. A run that waits for one must know how long, so that it can ask somebody else or give up. Add `timeout:`, and a `fallback:` if there is something better to do than to fail.",
    bad: {
      text: `model team { use: "human/slack", channel: "#questions" }

agent colleague(question: string) -> string { model: team, prompt: "\${question}" }

flow ask(question: string) -> string {
  step answer = colleague(question)
  output: answer
}
`,
    },
    good: {
      text: `model team { use: "human/slack", channel: "#questions" }

agent colleague(question: string) -> string { model: team, prompt: "\${question}", timeout: 8h }

flow ask(question: string) -> string {
  step answer = colleague(question)
  output: answer
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
