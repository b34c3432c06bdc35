// The commands about programs, driven as processes: help, init, check, fmt, compile, diff, graph, explain, test.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { looksLike, normaliseOutput } from "../docs/loose-output.ts";
import { agentflow, makeProject } from "./command.ts";

const hello = `model fast { use: "openai/gpt-5-mini" }

agent greet(name: string) -> string { model: fast, prompt: "Greet \${name}." }

flow hello(name: string) -> string {
  step greeting = greet(name)
  output: greeting
}
`;

function shows(actual: string, expected: string): void {
  if (!looksLike(actual, expected)) expect(normaliseOutput(actual)).toBe(normaliseOutput(expected));
}

test("without words it says what there is, and a misspelt command is understood", async () => {
  const folder = makeProject({});
  const help = await agentflow(folder, []);
  expect(help.exitCode).toBe(0);
  for (const word of ["init", "check", "dead-letters retry", "doctor", "--no-color"])
    expect(help.out).toContain(word);
  const wrong = await agentflow(folder, ["chekc"]);
  expect(wrong).toMatchObject({ exitCode: 2, out: "" });
  expect(wrong.err).toBe(
    "error: there is no command `chekc`\n  did you mean `agentflow check`?\n  agentflow --help lists all commands\n",
  );
  const json = await agentflow(folder, ["chekc", "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({
    error: { code: "usage", message: "there is no command `chekc`" },
  });
});

test("every command explains itself by example", async () => {
  const folder = makeProject({});
  const help = await agentflow(folder, ["run", "--help"]);
  expect(help.exitCode).toBe(0);
  expect(help.out).toContain('agentflow run hello.agentflow --name "Ada" --mock');
  const group = await agentflow(folder, ["runs", "--help"]);
  expect(group.out).toContain("show one run");
  expect((await agentflow(folder, ["runs"])).exitCode).toBe(2);
});

test("a new project checks, is formatted, passes its tests and runs", async () => {
  const folder = makeProject({});
  const made = await agentflow(folder, ["init", "demo"]);
  expect(made.exitCode).toBe(0);
  expect(made.out).toContain("+ demo/main.agentflow");
  expect((await agentflow(folder, ["check", "demo"])).exitCode).toBe(0);
  expect((await agentflow(folder, ["fmt", "demo", "--check"])).out).toBe("");
  expect((await agentflow(folder, ["test", "demo"])).exitCode).toBe(0);
  const run = await agentflow(join(folder, "demo"), [
    "run",
    "main.agentflow",
    "--topic",
    "bees",
    "--mock",
    "--json",
  ]);
  expect(run.exitCode).toBe(0);
  expect(JSON.parse(run.out)).toMatchObject({
    flow: "explain",
    status: "succeeded",
    input: { topic: "bees" },
  });
  const again = await agentflow(folder, ["init", "demo"]);
  expect(again.exitCode).toBe(2);
  expect(again.err).toContain("demo/main.agentflow exists already; nothing was written");
});

test("check prints worst cases, or what is wrong and where", async () => {
  const folder = makeProject({
    "hello.agentflow": hello,
    "wrong.agentflow": hello.replace("greet(name)", "gret(name)"),
  });
  const right = await agentflow(folder, ["check", "hello.agentflow"]);
  expect(right.exitCode).toBe(0);
  shows(
    right.out,
    `worst case  agent calls  model requests  tokens  cost  …
hello                 1               6       ?     ?  …
✓ hello.agentflow: no mistakes`,
  );
  const wrong = await agentflow(folder, ["check"]);
  expect(wrong.exitCode).toBe(1);
  expect(wrong.out).toContain("AF2001");
  expect(wrong.out).toContain("wrong.agentflow:6:");
  const json = await agentflow(folder, ["check", "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({
    version: 1,
    summary: { errors: 1 },
    diagnostics: [{ code: "AF2001" }],
  });
  expect((await agentflow(folder, ["check", "--format", "github"])).out).toMatch(
    /^::error file=wrong\.agentflow,line=6,/,
  );
  expect(JSON.parse((await agentflow(folder, ["check", "--format", "sarif"])).out)).toMatchObject({
    version: "2.1.0",
  });
});

test("check prints the worst cases of the flows that the files declare, each once", async () => {
  const folder = makeProject({
    "hello.agentflow": hello,
    "main.agentflow": `import { hello } from "./hello"

/// How one item is made.
role maker(topic: string) -> string { prompt: "\${topic}" }
agent poet: maker { model: pen }
agent painter: maker { model: pen }
model pen { use: "openai/gpt-5-mini", maxOutput: 1k }

flow twice(make: maker, topic: string) -> string[] {
  step first = make(topic)
  step second = make(first)
  output: [first, second]
}

flow all(topic: string) -> string[] {
  step greeting = hello(topic)
  step poems = twice(make: poet, topic: greeting)
  step pictures = twice(make: painter, topic)
  output: poems.concat(pictures)
}
`,
  });
  const { out } = await agentflow(folder, ["check", "--json"]);
  const { flows } = JSON.parse(out) as {
    flows: { file: string; flow: string; bounds: { agentCalls: number } }[];
  };
  expect(flows.map(({ file, flow, bounds }) => [file, flow, bounds.agentCalls])).toEqual([
    ["hello.agentflow", "hello", 1],
    ["main.agentflow", "all", 5],
    ["main.agentflow", "twice", 2],
  ]);
});

test("check --fix mends what is safe, fmt the layout", async () => {
  const folder = makeProject({
    "a.agentflow": hello.replace('"Greet ${name}."', "'Greet ${name}.';"),
  });
  const checked = await agentflow(folder, ["check", "--fix"]);
  expect(checked.exitCode).toBe(0);
  expect(checked.out).toContain("fixed 2 faults");
  writeFileSync(join(folder, "a.agentflow"), hello.replaceAll("  ", " "));
  expect((await agentflow(folder, ["fmt", "--check"])).exitCode).toBe(1);
  expect((await agentflow(folder, ["fmt"])).out).toBe("formatted a.agentflow\n");
  expect(readFileSync(join(folder, "a.agentflow"), "utf8")).toBe(hello);
  const piped = await agentflow(folder, ["fmt", "-"], { input: hello.replaceAll("  ", "") });
  expect(piped).toMatchObject({ exitCode: 0, out: hello });
});

test("a file that is not there offers the nearest", async () => {
  const folder = makeProject({ "hello.agentflow": hello });
  const { exitCode, err } = await agentflow(folder, ["check", "helo.agentflow"]);
  expect({ exitCode, err }).toEqual({
    exitCode: 2,
    err: "error: there is no file helo.agentflow\n  did you mean hello.agentflow?\n",
  });
  expect((await agentflow(folder, ["run", "hello"])).err).toContain(
    "did you mean hello.agentflow?",
  );
});

test("a program becomes a plan, whose hash is its identity", async () => {
  const folder = makeProject({ "a.agentflow": hello, "bad.agentflow": "flow x(" });
  const compile = (...words: readonly string[]) => agentflow(folder, ["compile", ...words]);
  const [written, hash, told, broken] = await Promise.all([
    compile("a.agentflow", "-o", "plan.json"),
    compile("a.agentflow", "--hash"),
    compile("a.agentflow", "--json"),
    compile("bad.agentflow", "--json"),
  ]);
  expect(written).toMatchObject({ exitCode: 0, out: "" });
  const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as { hash: string };
  expect(hash.out).toBe(`${plan.hash}\n`);
  expect(JSON.parse(told.out)).toEqual({
    file: "a.agentflow",
    planHash: plan.hash,
    output: null,
    plan,
  });
  expect(broken.exitCode).toBe(1);
  expect(JSON.parse(broken.out).error.diagnostics).not.toEqual([]);
});

test("plans and programs are compared", async () => {
  const folder = makeProject({
    "old.agentflow": hello,
    "new.agentflow": hello.replace("Greet ${name}.", "Welcome ${name}."),
  });
  await agentflow(folder, ["compile", "old.agentflow", "-o", "plan.json"]);
  const [same, changed] = await Promise.all([
    agentflow(folder, ["diff", "plan.json", "old.agentflow"]),
    agentflow(folder, ["diff", "plan.json", "new.agentflow"]),
  ]);
  expect(same.exitCode).toBe(0);
  expect(changed.exitCode).toBe(1);
  expect(changed.out).toContain("greet");
});

test.each([
  ["mermaid", "flowchart"],
  ["dot", "digraph"],
  ["svg", "<svg"],
  ["json", "{"],
  ["ascii", "greet"],
])("a flow is drawn as %s", async (format, sign) => {
  const folder = makeProject({ "a.agentflow": hello });
  const drawn = await agentflow(folder, ["graph", "a.agentflow#hello", "--format", format]);
  expect(drawn).toMatchObject({ exitCode: 0, err: "" });
  expect(drawn.out).toContain(sign);
});

test("explain", async () => {
  const folder = makeProject({});
  expect((await agentflow(folder, ["explain", "af4001"])).out).toContain("AF4001");
  expect((await agentflow(folder, ["explain", "--ids"])).out).toContain("AF9001\n");
  expect((await agentflow(folder, ["explain", "AF4099"])).exitCode).toBe(2);
});

test("a named file with errors is no file without tests", async () => {
  const folder = makeProject({ "bad.agentflow": "flow x(", "plain.agentflow": hello });
  const named = await agentflow(folder, ["test", "bad.agentflow"]);
  expect(named.exitCode).toBe(1);
  expect(named.out).toContain("bad.agentflow:1");
  const plain = await agentflow(folder, ["test", "plain.agentflow"]);
  expect(plain).toMatchObject({ exitCode: 0 });
  expect(plain.out).toContain("no tests");
});

test("a failing test shows what was expected, what came, and what ran", async () => {
  const folder = makeProject({
    "hello.agentflow": hello,
    "hello.test.agentflow": `import { greet, hello } from "./hello"

test "greets" {
  stub: { greet: "Hello Ada!" }
  step result = hello("Ada")
  expect result == "Hello Bob!"
  expect calls(greet) == 1
}

test "passes" {
  stub: { greet: "Hi" }
  step result = hello("Ada")
  expect result == "Hi"
}
`,
  });
  const text = await agentflow(folder, ["test"]);
  expect(text.exitCode).toBe(1);
  shows(
    text.out,
    `hello.test.agentflow
  ✗ greets

    expect result == "Hello Bob!"  hello.test.agentflow:6
      the values differ
      expected  "Hello Bob!"
      got       "Hello Ada!"

    result = hello succeeded → "Hello Ada!"
      ✓ hello.greeting greet → "Hello Ada!"
  ✓ passes

1 failed, 1 passed in …`,
  );
  const filtered = await agentflow(folder, ["test", "--filter", "PASS"]);
  expect(filtered.exitCode).toBe(0);
  expect((await agentflow(folder, ["test", "--filter", "nothing"])).exitCode).toBe(2);
  const junit = await agentflow(folder, ["test", "--reporter", "junit"]);
  expect(junit.out).toContain('<testsuites name="agentflow" tests="2" failures="1" errors="0"');
  expect(junit.out).toContain("expected &quot;Hello Bob!&quot;");
  expect(JSON.parse((await agentflow(folder, ["test", "--json"])).out)).toMatchObject({
    passed: 1,
    failed: 1,
    files: [
      {
        file: "hello.test.agentflow",
        tests: [
          { title: "greets", passed: false },
          { title: "passes", passed: true },
        ],
      },
    ],
  });
});
