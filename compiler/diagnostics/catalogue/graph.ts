import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Steps, and the order that follows from what they mention. */
export const graph = {
  AF4001: {
    severity: "error",
    title: "steps that wait for each other",
    explanation:
      "A step waits for every step it mentions, anywhere inside it. These steps form a circle, so none of them could ever start. The message prints the whole circle with the line of every arrow. Break it where a step does not really need the other; to improve something in rounds, use `repeat` and read the last round through `previous`.",
    bad: {
      text: `tool write(notes: string) -> string { http: "GET https://writer.example/drafts" }

tool review(draft: string) -> string { http: "GET https://writer.example/reviews" }

flow article() -> string {
  step draft = write(notes)
  step notes = review(draft)
  output: draft
}
`,
    },
    good: {
      text: `tool write(notes: string) -> string { http: "GET https://writer.example/drafts" }

tool review(draft: string) -> string { http: "GET https://writer.example/reviews" }

flow article() -> string {
  step draft = write("none yet")
  step notes = review(draft)
  step final = write(notes)
  output: final
}
`,
    },
  },
  AF4002: {
    severity: "error",
    title: "an action that needs a name",
    explanation:
      "A block with a single action has that action's value, so the action needs no name. With two or more, each is a step and must be called something: the history, the trace and the tests refer to it by that name. Write `step name =` in front of it.",
    bad: {
      text: `tool log(text: string) { http: "PUT https://log.example/lines" }

flow record(text: string) {
  step first = log(text)
  log("done")
}
`,
    },
    good: {
      text: `tool log(text: string) { http: "PUT https://log.example/lines" }

flow record(text: string) {
  step first = log(text)
  step second = log("done")
}
`,
    },
  },
  AF4003: {
    severity: "error",
    title: "`needs` without `key`",
    explanation:
      "In a `for`, `needs` lists the items that must be done before this one, by their keys. Without `key:` the items have no names that could be listed. Add a `key:` that is a different text for every item.",
    bad: {
      text: `type Job { id: string, needs: string[..4] }

tool work(job: Job) -> string { http: "PUT https://jobs.example/jobs" }

flow all(jobs: Job[..20]) {
  step done = for job in jobs {
    needs: job.needs
    work(job)
  }
}
`,
    },
    good: {
      text: `type Job { id: string, needs: string[..4] }

tool work(job: Job) -> string { http: "PUT https://jobs.example/jobs" }

flow all(jobs: Job[..20]) {
  step done = for job in jobs {
    key: job.id
    needs: job.needs
    work(job)
  }
}
`,
    },
  },
  AF4004: {
    severity: "error",
    title: "a `repeat` that does not say when it is done",
    explanation:
      "`until:` is tested after each round and ends the loop as soon as it is true. Without it every loop would use up all its rounds. If that is what you want, use a `for` over a list of that length.",
    bad: {
      text: `tool improve(text: string) -> string { http: "GET https://writer.example/better" }

flow polish(text: string) -> string {
  step polished = repeat {
    maxRounds: 3

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
  AF4005: {
    severity: "error",
    title: "a call where only values may stand",
    explanation:
      "Calling an agent, a tool, a flow, or an action such as `sleep` takes time and may fail, so it is a step: named, kept in the history, never done twice. Expressions, `let` and `output` only compute. Make the call a step and use the step's name here.",
    bad: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}" }

flow define(word: string) -> string {
  let meaning = lookUp(word)
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
  AF4006: {
    severity: "error",
    title: "a handoff to somebody who cannot take it",
    explanation:
      "`handoffs` draws arrows between agents that may pass a conversation on. All of them must be agents that take the arguments of the call and return the same type, because any of them may give the answer, and each must be reachable from the agent that is called. Nobody hands over to itself, and each arrow is written once. Give them one role, or remove the arrow.",
    bad: {
      text: `model fast { use: "openai/gpt-5-mini" }

agent frontDesk(message: string) -> string { model: fast, prompt: "\${message}" }

agent rate(message: string) -> int { model: fast, prompt: "\${message}" }

flow support(message: string) -> string {
  step reply = frontDesk(message) { handoffs: { frontDesk: [rate] }, maxHandoffs: 1 }
  output: reply
}
`,
    },
    good: {
      text: `model fast { use: "openai/gpt-5-mini" }

agent frontDesk(message: string) -> string { model: fast, prompt: "\${message}" }

agent technician(message: string) -> string { model: fast, prompt: "\${message}" }

flow support(message: string) -> string {
  step reply = frontDesk(message) { handoffs: { frontDesk: [technician] }, maxHandoffs: 1 }
  output: reply
}
`,
    },
  },
  AF4007: {
    severity: "error",
    title: "an `output` that is missing",
    explanation:
      "Something uses the value of this flow or block, but nothing says what that value is. Names inside a block stay inside; only `output:` leaves it. Add `output:`, or remove the `-> type` of a flow that gives nothing.",
    bad: {
      text: `tool lookUp(word: string) -> string { http: "GET https://words.example/\${word}" }

flow define(word: string) -> string {
  step meaning = lookUp(word)
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
  AF4008: {
    severity: "error",
    title: "a flow that calls itself, or calls nested too deep",
    explanation:
      "A flow may not call itself, directly or through others, because nobody could say how often. Every program has a worst case that is known before it runs: in calls, in tokens, in money. For rounds use `repeat`, for items `for`, and to start over in a new run `continue(…)`. Flows, agents and tools that call one another without a circle may stand at most 200 levels deep: beyond that let one flow call the others one after the other.",
    bad: {
      text: `flow ping(text: string) -> string {
  step answer = pong(text)
  output: answer
}

flow pong(text: string) -> string {
  step answer = ping(text)
  output: answer
}
`,
    },
    good: {
      text: `flow ping(text: string) -> string {
  step answer = pong(text)
  output: answer
}

flow pong(text: string) -> string {
  output: "pong: \${text}"
}
`,
    },
  },
  AF4010: {
    severity: "error",
    title: "two steps that act and have no order between them",
    explanation:
      "In a flow with `undo`, what was done is undone in the opposite order when something fails. These two steps both change something outside, and nothing says which comes first, so nobody could say what to undo first either. Add `after: other` to one of them, or `after: []` to say that their order does not matter. The code also stands for an `undo` that mentions a step which may not have ended when it is needed: what is undone waits for nothing that only its `undo` mentions.",
    bad: {
      text: `tool reserve(item: string) -> trusted string { http: "PUT https://stock.example/reservations" }

tool release(item: string) { http: "DELETE https://stock.example/reservations/\${item}" }

tool announce(item: string) { http: "PUT https://news.example/entries" }

flow order(item: string) {
  step reserved = reserve(item) { undo: release(item) }
  step announced = announce(item)
}
`,
    },
    good: {
      text: `tool reserve(item: string) -> trusted string { http: "PUT https://stock.example/reservations" }

tool release(item: string) { http: "DELETE https://stock.example/reservations/\${item}" }

tool announce(item: string) { http: "PUT https://news.example/entries" }

flow order(item: string) {
  step reserved = reserve(item) { undo: release(item) }
  step announced = announce(item) { after: reserved }
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
