import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** What starts a flow, what it keeps, where it runs. */
export const world = {
  AF7001: {
    severity: "error",
    title: "a trigger that does not exist",
    explanation:
      "A flow is started by `on http(…)`, `on cron(…)`, `on event(…)` or `on slack(…)`, or by hand. This word is none of them. A service that calls you when something happens is reached with `on http`. The code also stands for what a trigger, `receive` or `emit` cannot listen to or send: topics have segments between dots, `*` stands for a whole segment and `**` for the rest, and events are sent under a topic without either.",
    bad: {
      text: `flow remind() {
  on schedule("0 8 * * *")
}
`,
    },
    good: {
      text: `flow remind() {
  on cron("0 8 * * *")
}
`,
    },
  },
  AF7002: {
    severity: "error",
    title: "an http trigger that does not say who may call it",
    explanation:
      'Anybody who finds the address could start runs and spend your budget. Say how callers prove who they are: `auth: { bearer: config.token }`, `{ basic: … }` or `{ header: …, value: … }`. If everybody really may call it, write `auth: "none"`.',
    bad: {
      text: `flow hello(name: string) -> string {
  on http("POST /hello")

  output: "Hello \${name}"
}
`,
    },
    good: {
      text: `config { token: secret }

flow hello(name: string) -> string {
  on http("POST /hello") { auth: { bearer: config.token } }

  output: "Hello \${name}"
}
`,
    },
  },
  AF7003: {
    severity: "error",
    title: "a time table or time zone that does not exist",
    explanation:
      "A cron text has five fields: minute, hour, day of the month, month, day of the week. One of them is out of its range or cannot be read, or the zone is no IANA name such as `Europe/Berlin`. A typo here would otherwise show only by nothing ever happening.",
    bad: {
      text: `flow remind() {
  on cron("0 25 * * *")
}
`,
    },
    good: {
      text: `flow remind() {
  on cron("0 23 * * *") { zone: "Europe/Berlin" }
}
`,
    },
  },
  AF7004: {
    severity: "error",
    title: "a state that does not say whose it is",
    explanation:
      "State outlives the run, so it has to be found again: `per:` is the text it is kept under, such as a user's id. Runs with the same `per` never overlap, so none of them overwrites what another one stored. For one state shared by all runs write a fixed text.",
    bad: {
      text: `flow count(user: string) -> int {
  state visits: int = 0 { next: visits + 1 }

  output: visits
}
`,
    },
    good: {
      text: `flow count(user: string) -> int {
  state visits: int = 0 { per: user, next: visits + 1 }

  output: visits
}
`,
    },
  },
  AF7005: {
    severity: "error",
    title: "a state whose stored values cannot fit its new type",
    explanation:
      "The state's type was changed so that no value an earlier version stored can be read any more. Every user would lose what was kept, so the program is not put into service. Keep a type that old values fit, for example by making new fields optional; or give the state a new name and let it start afresh.",
    bad: {
      text: `flow note(user: string, text: string) -> string {
  state last: { text: string, length: int } = { text: "", length: 0 } {
    per: user
    next: { text, length: text.length }
  }

  output: last.text
}
`,
      found: "deploy",
      note: "The version in service declares `state last: string`.",
    },
    good: {
      text: `flow note(user: string, text: string) -> string {
  state lastNote: { text: string, length: int } = { text: "", length: 0 } {
    per: user
    next: { text, length: text.length }
  }

  output: lastNote.text
}
`,
      found: "deploy",
      note: "The version in service declares `state last: string`.",
    },
  },
  AF7006: {
    severity: "error",
    title: "a configuration value that is missing when the program starts",
    explanation:
      "`config` declares values that come from where the program runs. At least one has no default, is not set for this environment, and has no variable; or its text does not fit its type. All of them are checked before the first run, and all missing ones are listed at once with the variable that sets them.",
    bad: {
      text: `config { notesUrl: url }

tool sendNote(text: string) { http: "POST \${config.notesUrl}/notes" }

flow remind(text: string) {
  step sent = sendNote(text)
}
`,
      found: "start",
      note: "The variable `NOTES_URL` is not set.",
    },
    good: {
      text: `config { notesUrl: url = "https://notes.example" }

tool sendNote(text: string) { http: "POST \${config.notesUrl}/notes" }

flow remind(text: string) {
  step sent = sendNote(text)
}
`,
      found: "start",
      note: "The variable `NOTES_URL` is not set, and need not be.",
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
