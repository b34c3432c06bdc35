// Waiting for events, dead letters and watching, driven as processes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { agentflow, makeProject, startAgentflow } from "./command.ts";

test("a run that waits for an event goes on when it is published", async () => {
  const folder = makeProject({
    "order.agentflow": `type Paid { order: string, amount: money }

flow order(id: string) -> money {
  step paid: Paid = receive("orders.paid") { where: event.data.order == id, timeout: 3d }
  output: paid.amount
}
`,
  });
  const waiting = await agentflow(folder, ["run", "order.agentflow", "--id", "o-1"]);
  expect(waiting.exitCode).toBe(3);
  expect(waiting.err).toContain("agentflow emit orders.paid");
  const other = await agentflow(folder, ["emit", "orders.paid", '{ "order": "o-2", "amount": 5 }']);
  expect(other.exitCode).toBe(0);
  expect((await agentflow(folder, ["runs", "list", "--status", "waiting", "--ids"])).out).not.toBe(
    "",
  );
  const mine = await agentflow(folder, [
    "emit",
    "orders.paid",
    '{ "order": "o-1", "amount": 12.5 }',
    "--json",
  ]);
  expect(JSON.parse(mine.out)).toMatchObject({ delivered: 1 });
  expect((await agentflow(folder, ["runs", "output", "last"])).out).toBe("12.5\n");
  expect((await agentflow(folder, ["emit", "nobody.waits"])).err).toBe(
    "no run waits for nobody.waits, and no trigger wants it\n",
  );
  expect((await agentflow(folder, ["emit", "orders.paid", "{"])).exitCode).toBe(2);
});

test("what could not succeed is kept, shown, tried again with another input, or discarded", async () => {
  const folder = makeProject({
    "half.agentflow": `tool half(n: int) -> float {
  module: "./half.ts#half"
  effect: "read"
  errors: ["odd"]
}

flow halves(numbers: int[..9]) -> int {
  step all = for n in numbers {
    tolerate: 100%
    deadLetter: "odd-numbers"
    half(n)
  }
  output: all.ok.length
}
`,
    "half.ts": `export function half({ n }: { n: number }): number {
  if (n % 2 === 1) throw Object.assign(new Error(n + " is odd"), { code: "odd" });
  return n / 2;
}
`,
  });
  const run = await agentflow(folder, ["run", "half.agentflow", "--numbers", "2", "3", "4", "5"]);
  expect(run).toMatchObject({ exitCode: 0, out: "2\n" });
  const listed = JSON.parse(
    (await agentflow(folder, ["dead-letters", "list", "--queue", "odd-numbers", "--json"])).out,
  ) as {
    deadLetters: { id: string; path: string; errors: { code: string; message: string }[] }[];
  };
  expect(listed.deadLetters.map(({ errors }) => errors.at(-1)?.code)).toEqual(["odd", "odd"]);
  const table = await agentflow(folder, ["dead-letters", "list"]);
  expect(table.out).toContain("odd: 3 is odd");
  const [first, second] = listed.deadLetters;
  const shown = await agentflow(folder, ["dead-letters", "show", first?.id ?? ""]);
  expect(shown.out).toContain("is odd");
  const discarded = await agentflow(folder, [
    "dead-letters",
    "discard",
    second?.id ?? "",
    "--reason",
    "nobody needs it",
  ]);
  expect(discarded.exitCode).toBe(0);
  expect((await agentflow(folder, ["dead-letters", "discard", second?.id ?? ""])).exitCode).toBe(4);
  expect((await agentflow(folder, ["dead-letters", "list", "--ids"])).out).toBe(
    `${first?.id ?? ""}\n`,
  );
  expect((await agentflow(folder, ["dead-letters", "show", "zz"])).exitCode).toBe(4);
});

test("--watch runs again when the program changes, and tells its mistakes on the way", async () => {
  const program = `flow hello(name: string) -> string {
  output: "Hello \${name}"
}
`;
  const folder = makeProject({ "hello.agentflow": program });
  const watching = startAgentflow(folder, [
    "run",
    "hello.agentflow",
    "--name",
    "Ada",
    "--watch",
    "--quiet",
  ]);
  await watching.says("Hello Ada\n");
  await watching.says("waiting for a change");
  writeFileSync(join(folder, "hello.agentflow"), program.replace("Hello ${name}", "Hello ${nme}"));
  await watching.says("AF2001");
  writeFileSync(join(folder, "hello.agentflow"), program.replace("Hello", "Welcome"));
  await watching.says("Welcome Ada\n");
  watching.process.kill("SIGINT");
  expect((await watching.ended).exitCode).toBe(130);
  expect(readFileSync(join(folder, ".agentflow/.gitignore"), "utf8")).toBe("*\n");
}, 60_000);

test("a whole run is kept as a dead letter, and is started again with another input", async () => {
  const folder = makeProject({
    "half.agentflow": `tool half(n: int) -> float {
  module: "./half.ts#half"
  effect: "read"
  errors: ["odd"]
}

flow halve(n: int) -> float {
  deadLetter: "failed-halves"
  step result = half(n)
  output: result
}
`,
    "half.ts": `export function half({ n }: { n: number }): number {
  if (n % 2 === 1) throw Object.assign(new Error(n + " is odd"), { code: "odd" });
  return n / 2;
}
`,
    "four.json": '{ "n": 4 }',
  });
  expect((await agentflow(folder, ["run", "half.agentflow", "--n", "3"])).exitCode).toBe(1);
  const words = ["dead-letters", "list", "--queue", "failed-halves", "--ids"];
  const id = (await agentflow(folder, words)).out.trim();
  const again = await agentflow(folder, ["dead-letters", "retry", id, "--input", "four.json"]);
  expect(again).toMatchObject({ exitCode: 0, out: "2\n" });
  expect((await agentflow(folder, words)).out).toBe("");
});

test("a failed run moves to the mended program, and keeps what had succeeded", async () => {
  const program = `tool look(id: string) -> string {
  module: "./work.ts#look"
  effect: "read"
}

flow find(id: string) -> string {
  step found = look(id)
  step checked = if found == "nothing" {
    fail("not_found", message: "it is not there")
  } else {
    found
  }
  output: checked
}
`;
  const folder = makeProject({
    "find.agentflow": program,
    "work.ts": `import { appendFileSync } from "node:fs";
export function look(): string {
  appendFileSync("log", "looked\\n");
  return "nothing";
}
`,
  });
  const failed = await agentflow(folder, ["run", "find.agentflow", "--id", "x"]);
  expect(failed.exitCode, failed.err).toBe(1);
  writeFileSync(
    join(folder, "find.agentflow"),
    program.replace('fail("not_found", message: "it is not there")', '"nowhere"'),
  );
  const moved = await agentflow(folder, ["retry", "last", "--upgrade", "find.agentflow"]);
  expect(moved, moved.err).toMatchObject({ exitCode: 0, out: "nowhere\n" });
  expect(readFileSync(join(folder, "log"), "utf8")).toBe("looked\n");
});
