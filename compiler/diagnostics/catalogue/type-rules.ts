import type { CatalogueEntry } from "../catalogue-entry.ts";
import type { Code } from "../codes.ts";

/** Types that do not fit each other. */
export const typeRules = {
  AF3001: {
    severity: "error",
    title: "a value that does not fit where it is put",
    explanation:
      "The value has one type and its place asks for another, or the value can never satisfy the place's range, length or pattern. What flows between steps is checked before anything runs, because a run may fail after hours and much money. The message shows the part that differs. Change the value, or the type of its place.",
    bad: {
      text: `flow count(names: string[..9]) -> int {
  output: "\${names.length}"
}
`,
    },
    good: {
      text: `flow count(names: string[..9]) -> int {
  output: names.length
}
`,
    },
  },
  AF3002: {
    severity: "error",
    title: "a field that is not there, or one that is missing",
    explanation:
      "Either the record has no field of this name, or a record was written without a field its type requires. Only fields with `?` in their type may be left out. The message lists the fields there are and offers the nearest.",
    bad: {
      text: `type Ticket { id: string, title: string }

flow show(ticket: Ticket) -> string {
  output: ticket.titel
}
`,
    },
    good: {
      text: `type Ticket { id: string, title: string }

flow show(ticket: Ticket) -> string {
  output: ticket.title
}
`,
    },
  },
  AF3003: {
    severity: "error",
    title: "a text that is none of the possible ones",
    explanation:
      "The type allows a fixed choice of texts, and this one is not among them; or an error code is named that nothing here can raise. A comparison with it could never be true. The message lists what is possible and offers the nearest.",
    bad: {
      text: `type Mood = "good" | "bad"

flow isUnhappy(mood: Mood) -> bool {
  output: mood == "sad"
}
`,
    },
    good: {
      text: `type Mood = "good" | "bad"

flow isUnhappy(mood: Mood) -> bool {
  output: mood == "bad"
}
`,
    },
  },
  AF3004: {
    severity: "error",
    title: "members that a union cannot have together",
    explanation:
      'The members of a union must be told apart by looking at a value: either all are texts in quotes, or all are records that share a field whose quoted texts differ, such as `kind: "edit"`. Mixtures such as text or number are refused, because neither a model nor a `match` can reliably tell them apart. For "or nothing" write `?` behind the type.',
    bad: {
      text: `type Id = string | int
`,
    },
    good: {
      text: `type Id = { kind: "name", name: string } | { kind: "number", number: int }
`,
    },
  },
  AF3005: {
    severity: "error",
    title: "an operation that this type does not have",
    explanation:
      "The operator, method or setting asks for another type. Numbers, money, durations and dates are computed each with their own kind; text is joined with `${…}`, never with `+`, so that nothing is turned into text by accident. Conditions are `bool`: compare instead of relying on what counts as true. What a plan fixes before any run (a `rate`, an `effect`, the `temperature` of a model) is made of literals, with `let`, arithmetic, conditions and `${…}`: `config` and parameters have their values only later.",
    bad: {
      text: `flow hello(name: string) -> string {
  output: "Hello " + name
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
  AF3006: {
    severity: "error",
    title: "a value that may be null",
    explanation:
      "A type with `?` also allows null, and null has no fields, cannot be computed with and cannot be printed. Say what happens then: `?.` passes the null on, `?? value` replaces it, `if x != null` excludes it for the block. Such values come from an `if` without `else`, from looking something up in a list, and from fields with `?`.",
    bad: {
      text: `flow hello(names: string[..9]) -> string {
  output: "Hello \${names.first()}"
}
`,
    },
    good: {
      text: `flow hello(names: string[..9]) -> string {
  output: "Hello \${names.first() ?? "everybody"}"
}
`,
    },
  },
  AF3007: {
    severity: "error",
    title: "branches whose values have different types",
    explanation:
      "Whichever branch runs, what follows gets one value, so the branches must agree on a type. Equal types join, a type and null join to `?`, quoted texts join to a choice, records join if a quoted text in a common field tells them apart. Make the branches give the same type.",
    bad: {
      text: `flow answer(long: bool) -> string {
  let text = long ? "forty-two" : 42
  output: "The answer is \${text}"
}
`,
    },
    good: {
      text: `flow answer(long: bool) -> string {
  let text = long ? "forty-two" : "42"
  output: "The answer is \${text}"
}
`,
    },
  },
  AF3008: {
    severity: "error",
    title: "`??` behind a value that is never null",
    explanation:
      "`a ?? b` is `b` when `a` is null. Here `a` cannot be null, so `b` would never be used, and a reader would believe that something can be missing. Remove `??` and what follows, or make the type optional with `?` if it really can be missing.",
    bad: {
      text: `flow hello(name: string) -> string {
  output: name ?? "friend"
}
`,
    },
    good: {
      text: `flow hello(name: string?) -> string {
  output: name ?? "friend"
}
`,
    },
  },
  AF3009: {
    severity: "error",
    title: "a comparison of values that can never be equal",
    explanation:
      "The two sides have types without a common value, so the comparison would always have the same result. Usually one side is text and the other a number, or a field was forgotten. Compare values of one type.",
    bad: {
      text: `flow isThree(count: int) -> bool {
  output: count == "3"
}
`,
    },
    good: {
      text: `flow isThree(count: int) -> bool {
  output: count == 3
}
`,
    },
  },
  AF3010: {
    severity: "error",
    title: "a value or type that depends on itself, or is nested too deep",
    explanation:
      "In a `repeat`, `previous` holds the output of the last round. A `let` that is computed from `previous` and also appears in the output would need its own type to find its type. Write the type behind its name; everything else is then inferred again. A `let` at the top of a file may not be computed from itself at all, and a type may contain itself only in a field of a record. The same code stands for what has an end, but too far away: types or values more than 200 levels deep inside one another, more than 200 `let`s of which each is built from the one before, and records that `...` makes larger than 1,000 fields.",
    bad: {
      text: `flow count() -> int {
  step counted = repeat {
    maxRounds: 5
    until: total >= 3

    let total = (previous?.total ?? 0) + 1
    output: { total }
  }

  output: counted.total
}
`,
    },
    good: {
      text: `flow count() -> int {
  step counted = repeat {
    maxRounds: 5
    until: total >= 3

    let total: int = (previous?.total ?? 0) + 1
    output: { total }
  }

  output: counted.total
}
`,
    },
  },
  AF3011: {
    severity: "error",
    title: "a method that needs a function",
    explanation:
      "Methods such as `map`, `filter`, `any` and `sortBy` are told what to do with each item by a small function: `item => expression`. The name in front of `=>` stands for the item. Such functions exist only as arguments of methods; they cannot be stored or passed on.",
    bad: {
      text: `flow hasBigOne(numbers: int[..9]) -> bool {
  output: numbers.any(5)
}
`,
    },
    good: {
      text: `flow hasBigOne(numbers: int[..9]) -> bool {
  output: numbers.any(number => number > 5)
}
`,
    },
  },
} as const satisfies Partial<Record<Code, CatalogueEntry>>;
