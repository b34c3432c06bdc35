import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Names that mean nothing, or more than one thing. */
export const names = {
  AF2001: {
    severity: "error",
    title: "a name that nothing here has",
    explanation:
      "No declaration of this file, no import, parameter, step or `let` in sight has this name. A block sees the names around it, but nothing outside sees the names inside: only `output` leaves a block. If a similar name exists, the message offers it. A text from a fixed choice needs quotes.",
    bad: {
      text: `flow hello(name: string, title: string) -> string {
  output: "Hello \${title} \${name}, or just \${nmae}"
}
`,
    },
    good: {
      text: `flow hello(name: string, title: string) -> string {
  output: "Hello \${title} \${name}, or just \${name}"
}
`,
    },
  },
  AF2002: {
    severity: "error",
    title: "a name that is already taken",
    explanation:
      "A name means one thing wherever it can be seen: it may not be declared twice, hide a name from further out, or repeat a built-in one. A step, `let` or state name is used once in a whole flow, because it identifies the step in the history, in tests and when a run is resumed. Only branches of one `if` or `match` may repeat a name, because only one of them runs.",
    bad: {
      text: `type Ticket { id: string }

type Ticket { number: int }

flow show(ticket: Ticket) -> string {
  output: ticket.id
}
`,
    },
    good: {
      text: `type Ticket { id: string }

type Order { number: int }

flow show(ticket: Ticket, order: Order) -> string {
  output: "\${ticket.id} \${order.number}"
}
`,
    },
  },
  AF2003: {
    severity: "error",
    title: "a setting that this block does not have",
    explanation:
      "Every kind of block has its own settings, and this key is none of them. A misspelt setting would otherwise do nothing without anybody noticing, and so would one of a block of another kind: `headers` of a tool that is a `module`, `channel` of a model that is no person. The message offers the nearest key; the language reference lists all of them.",
    bad: {
      text: `tool getPage(name: string) -> string { http: "GET https://pages.example/\${name}", timout: 5s }
`,
    },
    good: {
      text: `tool getPage(name: string) -> string { http: "GET https://pages.example/\${name}", timeout: 5s }
`,
    },
  },
  AF2005: {
    severity: "error",
    title: "a module that does not exist",
    explanation:
      "An import names either a file, relative to this one and without its ending, such as `./greetings`, or a module that comes with agentflow, such as `std/slack`. Nothing was found under this name. Everything that would have been imported is then left unchecked, so that one wrong path gives one error.",
    bad: {
      text: `import { greeting } from "./greeting"

flow hello() -> string {
  output: greeting
}
`,
      files: { "greetings.agentflow": 'let greeting = "Hello"\n' },
    },
    good: {
      text: `import { greeting } from "./greetings"

flow hello() -> string {
  output: greeting
}
`,
      files: { "greetings.agentflow": 'let greeting = "Hello"\n' },
    },
  },
  AF2006: {
    severity: "error",
    title: "a role that nobody fills, or not with these skills",
    explanation:
      "A role is a signature; somebody has to fill it before it can be called: an agent, a tool or a flow with `: role` behind its name. Only the file that is checked and the files it imports count, so that an unrelated file never changes what a program does. Import a file that fills the role, declare an agent, or ask for fewer skills.",
    bad: {
      text: `role translator(text: string) -> string

flow translate(text: string) -> string {
  step result = translator(text)
  output: result
}
`,
    },
    good: {
      text: `model fast { use: "openai/gpt-5-mini" }

role translator(text: string) -> string

agent french: translator { model: fast, prompt: "Translate into French: \${text}" }

flow translate(text: string) -> string {
  step result = translator(text)
  output: result
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
