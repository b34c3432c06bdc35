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
    "no run waits for nobody.waits\n",
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
