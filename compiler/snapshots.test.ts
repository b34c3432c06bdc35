import { readFileSync, readdirSync } from "node:fs";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compile, createProgram, planOf } from "./compile.ts";
import type { ProgramSnapshot } from "./compile.ts";
import type { CompileResult } from "./compile-result.ts";
import { looksOf } from "./flow/faces.ts";
import { parse } from "./syntax/parse.ts";

const folder = new URL("../test/programs/", import.meta.url);
const programs = new Map(
  [
    ...readdirSync(folder).filter((name) => name.endsWith(".agentflow")),
    "std/slack.agentflow",
    "std/web.agentflow",
  ].map((name) => [name, readFileSync(new URL(name, folder), "utf8")]),
);

/** Files that see one another through imports, a role and its fillers, and the shared `config`. */
const project = new Map([
  [
    "main.agentflow",
    `import { study } from "./study"
import { publish } from "./tools"

flow main(topic: string) -> string {
  step found = study(topic, times: 2)
  step sent = publish(found) { attempts: 2 }
  output: "\${found} \${sent.id}"
}
`,
  ],
  [
    "study.agentflow",
    `import { analyst } from "./people"
import { listener } from "./more"
import { search } from "./tools"

let most = 5

flow study(topic: string, times: int(1..3)) -> string {
  budget: { cost: $2 }
  step hits = search(topic)
  let best = hits.filter(hit => hit.score > 0.5).map(hit => hit.text)
  step notes = for hit in best { maxItems: most
    step note = listener(hit, hint: topic)
    output: note
  }
  step last = repeat { maxRounds: times  until: done
    step again = analyst(topic, hint: previous?.again)
    let done = again != ""
    output: { again, done }
  }
  output: notes.length > 0 ? last.again : "nothing"
}
`,
  ],
  [
    "people.agentflow",
    `model quick { use: "openai/gpt-5-mini", maxOutput: 2k }

/// Looks at a topic.
role analyst(topic: string, hint: string?) -> string {
  model: quick
  prompt: "The topic is \${topic}. \${hint ?? "Nothing else."}"
}

/// Knows numbers.
agent counter: analyst { system: "You count." }
`,
  ],
  [
    "tools.agentflow",
    `config { host: url, token: secret }

tool search(query: string) -> untrusted { text: string, score: float }[..20] {
  http: "GET \${config.host}/search"
  attempts: 3
}

tool publish(text: string) -> trusted { id: string } {
  http: "PUT \${config.host}/pages"
  auth: { bearer: config.token }
  effect: "write"
}
`,
  ],
  [
    "more.agentflow",
    `import { analyst } from "./people"

/// Knows people.
agent listener: analyst { system: "You listen." }
`,
  ],
]);

/** Text that turns up in the middle of a file while somebody types. */
const typed = fc.constantFrom(
  " ",
  "\n",
  "x",
  "1",
  "!",
  "untrusted ",
  "// note\n",
  "${",
  "topic",
  "{ }",
);

interface Edit {
  /** As a share of the files, and of the tokens of the file. */
  readonly file: number;
  readonly token: number;
  readonly kind: "insert" | "delete" | "replace" | "exchange" | "double" | "undo";
  readonly text: string;
  /** Which other token of its type replaces a token. */
  readonly other: number;
}

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const edit: fc.Arbitrary<Edit> = fc.record({
  file: share,
  token: share,
  kind: fc.constantFrom("insert", "delete", "replace", "exchange", "exchange", "double", "undo"),
  text: typed,
  other: share,
});

/** Applies an edit to one of the files; the middle of a token counts as a place, too, so that texts are edited. */
function apply(
  texts: ReadonlyMap<string, string>,
  { file, token, kind, text, other }: Edit,
): [string, string] {
  const names = [...texts.keys()];
  const name = names[Math.floor(file * names.length)] ?? "";
  const before = texts.get(name) ?? "";
  const { tokens } = parse(name, before);
  const at = tokens[Math.floor(token * tokens.length)] ?? { start: 0, end: 0 };
  const middle = Math.floor((at.start + at.end) / 2);
  if (kind === "double") {
    // A step or setting more, mostly.
    const [start, end] = [before.lastIndexOf("\n", at.start), before.indexOf("\n", at.start)];
    return [name, `${before.slice(0, end)}${before.slice(start, end)}${before.slice(end)}`];
  }
  if (kind === "exchange") {
    // Another number, callee, effect or label, mostly: sound programs that mean something else.
    const type = "type" in at ? at.type : "";
    const same = tokens.filter((one) => one.type === type);
    const by = same[Math.floor(other * same.length)] ?? at;
    return [
      name,
      before.slice(0, at.start) + before.slice(by.start, by.end) + before.slice(at.end),
    ];
  }
  if (kind === "insert") return [name, before.slice(0, middle) + text + before.slice(middle)];
  return [name, before.slice(0, at.start) + (kind === "delete" ? "" : text) + before.slice(at.end)];
}

/** Edits one snapshot after the other, and compares each with a check from scratch. */
function compare(files: ReadonlyMap<string, string>, entry: string, edits: readonly Edit[]): void {
  let texts = new Map(files);
  let last: ProgramSnapshot | undefined;
  for (const one of edits) {
    // Most of what is typed is taken back before it means anything; the next edit starts from a sound program.
    if (one.kind === "undo") texts = new Map(files);
    else texts.set(...apply(texts, one));
    const host = { read: (path: string) => texts.get(path) ?? null };
    last = createProgram(host, [entry], last);
    const fresh = createProgram(host, [entry]);
    expect(last.diagnostics).toEqual(fresh.diagnostics);
    expect(planOf(last, entry)).toEqual(planOf(fresh, entry));
  }
}

describe("a snapshot after an edit is what a fresh check gives", () => {
  const edits = fc.array(edit, { minLength: 2, maxLength: 6 });

  it("in a project of files that import one another", () => {
    fc.assert(
      fc.property(edits, (list) => compare(project, "main.agentflow", list)),
      { numRuns: 12, seed: 11 },
    );
  });

  it.each([...programs.keys()].filter((name) => !name.startsWith("std/")))("in %s", (name) => {
    fc.assert(
      fc.property(edits, (list) => compare(programs, name, list)),
      { numRuns: 3, seed: 12 },
    );
  });
});

describe("a program that was checked together with others", () => {
  it.each([
    ["that import one another", project],
    ["of their own", programs],
  ])("is compiled as it is by itself: files %s", (_, files) => {
    const host = { read: (path: string) => files.get(path) ?? null };
    const entries = [...files.keys()].filter((name) => !name.startsWith("std/"));
    const all = createProgram(host, entries);
    for (const entry of entries) {
      const { plan, tests, diagnostics } = compile(host, entry, all);
      expect({ plan, tests, diagnostics }).toEqual(pickResult(compile(host, entry)));
    }
  });

  it("does not see what others fill its roles with", () => {
    const files = new Map(project).set(
      "other.agentflow",
      `import { analyst } from "./people"

agent writer: analyst { system: "You write." }

flow other(topic: string) -> string {
  step written = writer(topic)
  output: written
}
`,
    );
    const host = { read: (path: string) => files.get(path) ?? null };
    const all = createProgram(host, [...files.keys()]);
    for (const entry of files.keys())
      expect(compile(host, entry, all).plan).toEqual(compile(host, entry).plan);
  });
});

function pickResult({ plan, tests, diagnostics }: CompileResult): Partial<CompileResult> {
  return { plan, tests, diagnostics };
}

describe("the words of a prompt", () => {
  const read = (path: string) => project.get(path) ?? null;
  const before = createProgram({ read }, ["main.agentflow"]);
  const look = (snapshot: ProgramSnapshot, path: string) => {
    const module = snapshot.program.modules.get(path);
    return module === undefined ? undefined : looksOf(module);
  };
  const isSameFor = (path: string, from: string, to: string): boolean => {
    const text = project.get(path) ?? "";
    expect(text).toContain(from);
    const now = new Map(project).set(path, text.replace(from, to));
    const after = createProgram(
      { read: (file) => now.get(file) ?? null },
      ["main.agentflow"],
      before,
    );
    return look(before, path) === look(after, path);
  };

  it("are nobody else's business, like comments and layout", () => {
    expect(before.diagnostics).toEqual([]);
    const people = "people.agentflow";
    expect(isSameFor(people, "You count.", "You count well.")).toBe(true);
    expect(isSameFor(people, "The topic is ", "Our topic is: ")).toBe(true);
    expect(isSameFor(people, "/// Knows numbers.", "// Knows\n\n/// all numbers.")).toBe(true);
    expect(isSameFor(people, "model: quick", "model:   quick")).toBe(true);
  });

  it("but what stands between them is, and all other words", () => {
    expect(isSameFor("people.agentflow", "topic is ${topic}", "topic is")).toBe(false);
    expect(isSameFor("tools.agentflow", "attempts: 3", "attempts: 4")).toBe(false);
    expect(isSameFor("tools.agentflow", "GET", "POST")).toBe(false);
  });
});
