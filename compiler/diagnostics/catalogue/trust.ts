import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Where text came from, and where it may go. */
export const trust = {
  AF6001: {
    severity: "error",
    title: "text from outside in an agent's instructions",
    explanation:
      'What stands in `system:` is obeyed. Text from a web page, a mail or a request may hold instructions of somebody else, and here it would be obeyed as yours. The message shows its way from its source. Put it into `prompt:`, where it is marked as material; or, if you know that it is harmless, write `trust(value, reason: "…")`, which is kept in the history.',
    bad: {
      text: `model fast { use: "openai/gpt-5-mini" }

tool getStyle() -> string { http: "GET https://style.example/today" }

agent write(topic: string, style: string) -> string {
  model: fast
  system: "You write like this: \${style}"
  prompt: "Write about \${topic}."
}

flow article(topic: string) -> string {
  step style = getStyle()
  step text = write(topic, style)
  output: text
}
`,
    },
    good: {
      text: `model fast { use: "openai/gpt-5-mini" }

tool getStyle() -> string { http: "GET https://style.example/today" }

agent write(topic: string, style: string) -> string {
  model: fast
  system: "You write in the style of the sample."
  prompt: "Write about \${topic}. Sample: \${style}"
}

flow article(topic: string) -> string {
  step style = getStyle()
  step text = write(topic, style)
  output: text
}
`,
    },
  },
  AF6002: {
    severity: "error",
    title: "text from outside where trusted text is required",
    explanation:
      'This parameter is marked `trusted`: what is put there decides where something goes or what is done, so it must not come from outside. The message shows where the value came from. Choose it yourself, let a model pick from a fixed choice of texts, or vouch for it with `trust(value, reason: "…")`.',
    bad: {
      text: `tool getChannel() -> string { http: "GET https://teams.example/channel" }

tool post(channel: trusted string, text: string) { http: "POST https://chat.example/messages" }

flow announce(text: string) {
  step channel = getChannel()
  step posted = post(channel, text)
}
`,
    },
    good: {
      text: `tool post(channel: trusted string, text: string) { http: "POST https://chat.example/messages" }

flow announce(text: string) {
  step posted = post("#news", text)
}
`,
    },
  },
  AF6003: {
    severity: "error",
    title: "a secret that would leave",
    explanation:
      "Secrets come from `config` and may be used only in `auth`, `headers`, `secrets` and `apiKey`. Anywhere else they would end up in a prompt, a history or somebody's inbox. They also never stand in a file: declare them as `secret` and set them in the environment.",
    bad: {
      text: `config { key: secret }

model fast { use: "openai/gpt-5-mini" }

agent greet(name: string) -> string { model: fast, prompt: "Greet \${name} with \${config.key}." }

flow hello(name: string) -> string {
  step greeting = greet(name)
  output: greeting
}
`,
    },
    good: {
      text: `config { key: secret }

model fast { use: "openai/gpt-5-mini", apiKey: config.key }

agent greet(name: string) -> string { model: fast, prompt: "Greet \${name}." }

flow hello(name: string) -> string {
  step greeting = greet(name)
  output: greeting
}
`,
    },
  },
  AF6004: {
    severity: "error",
    title: "an agent that could be talked into giving private data away",
    explanation:
      "This agent reads text from outside, sees private data, and has a tool that sends. Anybody who can place a text before it could ask it to send the data to them, and no prompt reliably prevents that. Take one of the three away, or give the sending tool a `confirm:` agent, usually a person, who sees every call first.",
    bad: {
      text: `model fast { use: "openai/gpt-5-mini" }

tool readMail(id: string) -> untrusted private string { http: "GET https://mail.example/\${id}" }

tool sendMail(to: email, text: string) { http: "POST https://mail.example/messages" }

agent assistant(mail: string) -> string {
  model: fast
  prompt: "Answer this mail: \${mail}"
  tools: [sendMail]
}

flow answer(id: string) -> string {
  step mail = readMail(id)
  step reply = assistant(mail)
  output: reply
}
`,
    },
    good: {
      text: `model fast { use: "openai/gpt-5-mini" }
model team { use: "human/inbox" }

tool readMail(id: string) -> untrusted private string { http: "GET https://mail.example/\${id}" }

tool sendMail(to: email, text: string) {
  http: "POST https://mail.example/messages"
  confirm: allow
}

agent allow(to: email, text: string) -> { approved: bool } {
  model: team
  prompt: "Send this to \${to}? \${text}"
  timeout: 8h
}

agent assistant(mail: string) -> string {
  model: fast
  prompt: "Answer this mail: \${mail}"
  tools: [sendMail]
}

flow answer(id: string) -> string {
  step mail = readMail(id)
  step reply = assistant(mail)
  output: reply
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
