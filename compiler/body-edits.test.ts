import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { createProgram, planOf } from "./compile.ts";
import type { ProgramSnapshot } from "./compile.ts";

/** Flows of several files that call one another, so that effects, labels and bounds reach from body to body. */
const files = new Map([
  [
    "world.agentflow",
    `model fast { use: "openai/gpt-5-mini", price: { input: $1, output: $1 }, maxInput: 10k, maxOutput: 1k }
model dear { use: "openai/gpt-5", price: { input: $1, output: $900 }, maxOutput: 1k }

tool look(query: string) -> untrusted string { http: "GET https://a.example/look" }
tool read(query: string) -> trusted string { http: "GET https://a.example/read" }
tool put(text: string) -> trusted string { http: "PUT https://a.example/put" }
tool send(text: string) -> trusted string { http: "POST https://a.example/send" }
tool post(channel: trusted string, text: string) -> trusted string { http: "PUT https://a.example/post" }
tool mail(id: string) -> trusted private string { http: "GET https://a.example/mail" }

agent write(text: string) -> string { model: fast, prompt: "Write about \${text}." }
agent obey(text: string, style: string) -> string { model: fast, system: "Write like \${style}.", prompt: "\${text}" }
agent clerk(text: string) -> string { model: fast, prompt: "\${text}", tools: [mail, send] }
`,
  ],
  [
    "low.agentflow",
    `import { dear, look, read, put, send, write } from "./world"

flow find(topic: string) -> string {
  step first = write(topic)
  step found = read(topic)
  output: found
}

flow both(left: string, right: string) -> string {
  step seen = write(left)
  step kept = write(right) { attempts: 2 }
  output: left
}

flow rounds(topic: string, most: int(1..9)) -> string {
  step last = repeat { maxRounds: most  until: again == ""
    step again = write(previous ?? topic)
    output: again
  }
  output: last
}

flow keep(text: string) -> string {
  step done = put(text)
  output: done
}
`,
  ],
  [
    "middle.agentflow",
    `import { find, both, rounds, keep } from "./low"
import { write, look, post, obey, clerk } from "./world"

flow study(topic: string) -> string {
  step hit = find(topic)
  step more = rounds(hit, most: 2)
  step pair = both(hit, right: topic)
  output: pair
}

flow store(text: string) -> string {
  step one = keep(text)
  output: one
}

flow styled(text: string, style: string) -> string {
  step page = obey(text, style)
  output: page
}

flow ask(text: string) -> string {
  step answer = clerk(text)
  output: answer
}
`,
  ],
  [
    "other.agentflow",
    `import { study, store } from "./middle"
import { both, find } from "./low"
import { look, put, post } from "./world"

flow second(topic: string) -> string {
  step a = look(topic)
  step b = study(a)
  step c = both(topic, right: a)
  step d = post(c, text: b)
  step e = store(b) { attempts: 3 }
  output: d
}
`,
  ],
  [
    "main.agentflow",
    `import { study, store, styled, ask } from "./middle"
import { second } from "./other"
import { look, put, read, post, write, obey, clerk, mail, send } from "./world"

flow main(topic: string) -> string {
  budget: { cost: $0.8 }
  step found = study(topic)
  step made = styled(topic, style: "short")
  step posted = post(found, text: made)
  step asked = ask(topic) { after: posted }
  step stored = put(posted) { after: asked, undo: put(posted) }
  step last = store(stored)
  output: last
}

test "it works" {
  stub: { write: "x", read: "y", put: "z", post: "p", obey: "o", clerk: "c", mail: "m", send: "s" }
  step result = main("x")
  expect ran(main.found.hit.first)
}
`,
  ],
]);

interface Swap {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const swaps: readonly Swap[] = (
  [
    // Labels: what a callee returns, which of its arguments, and what comes in.
    ["low", "step found = read(topic)", "step found = look(topic)"],
    ["low", "output: left", "output: right"],
    ["low", "output: found", 'output: "${found}!"'],
    ["middle", "output: pair", "output: more"],
    ["middle", "step hit = find(topic)", "step hit = look(topic)"],
    ["middle", "step page = obey(text, style)", 'step page = obey(text, style: "plain")'],
    ["main", 'styled(topic, style: "short")', "styled(found, style: found)"],
    ["main", "step asked = ask(topic)", "step asked = ask(found)"],
    ["main", "post(found, text: made)", "post(made, text: found)"],
    ["other", "step a = look(topic)", "step a = find(topic)"],
    [
      "main",
      'step made = styled(topic, style: "short")',
      'step source = look("x")\n  step made = styled(source, style: source)',
    ],
    ["other", "step c = both(topic, right: a)", 'step z = look("z")\n  step c = both(z, right: a)'],
    // Who minds them.
    ["world", "put(text: string)", "put(text: trusted string)"],
    ["world", 'prompt: "Write about ${text}."', 'system: "Like ${text}.", prompt: "Write."'],
    // Effects.
    ["low", "step done = put(text)", "step done = send(text)"],
    ["low", "step first = write(topic)", "step first = send(topic)"],
    ["main", "step last = store(stored)", "step last = store(topic)"],
    // Bounds.
    ["low", "attempts: 2", "attempts: 9"],
    ["low", "maxRounds: most", "maxRounds: 7"],
    ["middle", "most: 2", "most: 8"],
    ["main", "cost: $0.8", "cost: $0.2"],
    ["world", "maxInput: 10k", "maxInput: 90k"],
    ["world", "maxInput: 10k, maxOutput: 1k", "maxOutput: 2k"],
    ["low", "step first = write(topic)", "step first = write(topic) { model: dear }"],
    ["low", "step done = put(text)", "step done = write(text) { model: dear }"],
    // Steps and calls.
    ["low", "  step first = write(topic)\n", ""],
    ["low", "step first =", "step early ="],
    ["low", "step seen = write(left)", "step seen = both(left, right)"],
    ["middle", "  output: one", "  step two = keep(one)\n  output: two"],
    ["middle", "  step answer = clerk(text)", "  step answer = styled(text, style: text)"],
    ["main", "ran(main.found.hit.first)", "ran(main.found.more)"],
    // What others can't see, and what moves everything behind it.
    ["low", "write(topic)", "write(\n\n    topic)"],
    ["world", "Write about", "Please write about"],
    ["world", "\ntool look", "\n// More.\n\ntool look"],
    ["main", 'write: "x"', 'write: "a longer x"'],
    // Faults on the way.
    ["low", "output: done", "output: don"],
    ["middle", "step one = keep(text)", "step one = keep(text"],
    ["other", "flow second(topic: string)", "flow second(topic: strin)"],
    ["world", "-> untrusted string", "-> untrusted int"],
  ] as const
).map(([module, from, to]) => ({ file: `${module}.agentflow`, from, to }));

/** Later swaps may find nothing to replace where earlier ones have been. */
function textsWith(active: ReadonlySet<number>): ReadonlyMap<string, string> {
  const texts = new Map(files);
  for (const [index, { file, from, to }] of swaps.entries())
    if (active.has(index))
      texts.set(
        file,
        (texts.get(file) ?? "").replace(from, () => to),
      );
  return texts;
}

function programOf(
  texts: ReadonlyMap<string, string>,
  previous?: ProgramSnapshot,
): ProgramSnapshot {
  return createProgram({ read: (path) => texts.get(path) ?? null }, ["main.agentflow"], previous);
}

/** Does and undoes edits one after the other, and compares each snapshot with a check from scratch. */
function compare(edits: readonly number[], withPlans: boolean): void {
  const active = new Set<number>();
  let last = programOf(files);
  for (const index of edits) {
    if (!active.delete(index)) active.add(index);
    const texts = textsWith(active);
    last = programOf(texts, last);
    const fresh = programOf(texts);
    expect(last.diagnostics).toEqual(fresh.diagnostics);
    if (withPlans) expect(planOf(last, "main.agentflow")).toEqual(planOf(fresh, "main.agentflow"));
  }
}

describe("after edits in the bodies of flows, a snapshot is what a fresh check gives", () => {
  it("begins with a sound program, and each edit applies", () => {
    const { diagnostics } = programOf(files);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    for (const { file, from } of swaps) expect(files.get(file)).toContain(from);
  });

  it("for each edit, done and undone", () => {
    for (const index of swaps.keys()) compare([index, index, index], true);
  });

  const at = (to: string): number => swaps.findIndex((swap) => swap.to.includes(to));

  it.each([
    ["which of two arguments from outside comes back", ["both(z, right: a)", "output: right"]],
    [
      "what is found only with arguments from outside",
      ['"plain"', "styled(source", '"plain"', '"plain"'],
    ],
    ["what a callee costs at most", ["attempts: 9", "attempts: 9", "maxRounds: 7", "most: 8"]],
    ["what a call reserves", ["maxOutput: 2k", "write(topic) { model: dear }"]],
    ["what was changed while something was wrong", ["output: don", "= look(topic)", "output: don"]],
  ])("for %s", (_, edits) => {
    compare(edits.map(at), true);
  });

  it("for edits in any order", () => {
    const edit = fc.nat({ max: swaps.length - 1 });
    fc.assert(fc.property(fc.array(edit, { minLength: 3, maxLength: 14 }), fc.boolean(), compare), {
      numRuns: 30,
      seed: 21,
    });
  });
});

describe("what follows from `config`", () => {
  it("is not kept when another file changes it", () => {
    const texts = new Map([
      ["a.agentflow", `flow a() {\n  on http("POST /a")\n}\n`],
      ["b.agentflow", "config { apiTokens: secret }\n"],
    ]);
    const host = { read: (path: string) => texts.get(path) ?? null };
    const entries = [...texts.keys()];
    const before = createProgram(host, entries);
    texts.set("b.agentflow", "config { apiToken: secret }\n");
    const after = createProgram(host, entries, before);
    expect(after.diagnostics).not.toEqual(before.diagnostics);
    expect(after.diagnostics).toEqual(createProgram(host, entries).diagnostics);
  });
});

describe("a fault that two declarations lead to", () => {
  it("is told with the first of them, whichever is edited", () => {
    const textWith = (host: string): string => `let careful = { attempts: 3, retryOn: ["timout"] }
tool first() { ...careful, http: "GET https://a.example/a" }
tool second() { ...careful, http: "GET https://${host}/b" }
`;
    let text = textWith("a.example");
    const host = { read: () => text };
    const before = createProgram(host, ["main.agentflow"]);
    text = textWith("b.example");
    const after = createProgram(host, ["main.agentflow"], before);
    expect(after.diagnostics).toHaveLength(1);
    expect(after.diagnostics).toEqual(createProgram(host, ["main.agentflow"]).diagnostics);
  });
});

/** What is said about some files after one of them has become another text, and without the snapshot before. */
function afterEdit(
  texts: Readonly<Record<string, string>>,
  edit: Readonly<Record<string, string>>,
): readonly (readonly Diagnostic[])[] {
  const files = new Map(Object.entries(texts));
  const host = { read: (path: string) => files.get(path) ?? null };
  const entries = [...files.keys()];
  const before = createProgram(host, entries);
  for (const [path, text] of Object.entries(edit)) files.set(path, text);
  return [createProgram(host, entries, before), createProgram(host, entries)].map(
    ({ diagnostics }) => diagnostics,
  );
}

describe("what a let takes from elsewhere", () => {
  it("is seen by those who import it", () => {
    const shared = "let limit = config.limit";
    const [after, fresh] = afterEdit(
      {
        "user.agentflow": `import { limit } from "./shared"
tool look() -> string { http: "GET https://a.example/a", timeout: limit }`,
        "shared.agentflow": `config { limit: duration }\n${shared}`,
      },
      { "shared.agentflow": `config { limit: string }\n${shared}` },
    );
    expect(after?.map(({ message }) => message)).toEqual([
      "`timeout` must be `duration(1ms..)`, not text",
    ]);
    expect(after).toEqual(fresh);
  });
});

describe("a fault in what is copied", () => {
  const shared = "let common = { retry: 3, timeout: 4 }";
  const tool = 'tool look() -> string { ...common, http: "GET https://a.example/a" }';
  const role = "role desk(text: string) -> string { ...common, prompt: text }";
  const flow = (name: string): string =>
    `flow ${name}() -> string { step found = look() { ...common } output: found }`;

  it("is one fault, whatever copies it", () => {
    const text = `${shared}\n${tool}\n`;
    const [after, fresh] = afterEdit(
      { "main.agentflow": text + flow("first") },
      { "main.agentflow": text + flow("other") },
    );
    expect(after?.map(({ message }) => message)).toEqual([
      "nothing has a setting `retry`",
      "`timeout` must be `duration(1ms..)`, not `4`",
    ]);
    expect(after).toEqual(fresh);
  });

  it("is told with the first file that copies it, whichever is edited", () => {
    const user = `import { common } from "./shared"\n${tool}`;
    const [after, fresh] = afterEdit(
      { "user.agentflow": user, "shared.agentflow": `${shared}\n${role}` },
      { "user.agentflow": `${user}\nlet name = "a"` },
    );
    expect(after).toHaveLength(2);
    expect(after).toEqual(fresh);
  });
});

describe("a place in a file that another file can't see", () => {
  const user = (name: string, style: string): string => `import { styled } from "./middle"
import { look } from "./world"

flow ${name}(topic: string) -> string {
  step seen = look(topic)
  step made = styled(topic, style: ${style})
  output: made
}
`;

  it("is not kept when it is gone", () => {
    const texts = new Map([
      ...files,
      ["left.agentflow", user("left", "seen")],
      ["right.agentflow", user("right", "seen")],
    ]);
    const entries = ["left.agentflow", "right.agentflow"];
    const host = { read: (path: string) => texts.get(path) ?? null };
    const before = createProgram(host, entries);
    const related = (snapshot: ProgramSnapshot): readonly string[] =>
      snapshot.diagnostics.flatMap((one) => (one.related ?? []).map(({ span }) => span.file));
    expect(related(before)).toContain("left.agentflow");
    texts.set("left.agentflow", user("left", '"short"'));
    const after = createProgram(host, entries, before);
    expect(after.diagnostics).toEqual(createProgram(host, entries).diagnostics);
    expect(related(after)).toContain("right.agentflow");
  });
});
