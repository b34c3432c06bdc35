// What newcomers meet first: examples and library check, are formatted, pass their tests, and print what their pages show.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { agentflow } from "./command.ts";

const root = join(import.meta.dirname, "../..");
const examples = readdirSync(join(root, "examples"));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "agentflow-examples-"));
  for (const name of ["examples", "stdlib"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([...examples.map((name) => `examples/${name}`), "stdlib"])(
  "%s is in order",
  async (place) => {
    const checked = await agentflow(folder, ["check", place]);
    expect(checked, checked.out).toMatchObject({ exitCode: 0 });
    const formatted = await agentflow(folder, ["fmt", "--check", place]);
    expect(formatted, formatted.out).toMatchObject({ exitCode: 0 });
    const tested = await agentflow(folder, ["test", place]);
    expect(tested, tested.out).toMatchObject({ exitCode: 0 });
  },
);

test.each(examples)("%s prints what its page promises", async (name) => {
  const page = readFileSync(join(root, "examples", name, "README.md"), "utf8");
  const [command = ""] = /^agentflow run .*$/m.exec(page) ?? [];
  const { exitCode, out, err } = await agentflow(folder, command.split(" ").slice(1));
  expect(exitCode, err).toBe(0);
  expect(out).toBe(readFileSync(join(root, "examples", name, "expected-output.txt"), "utf8"));
});

test("the guide to a city is written in two rounds, after a refusal of the register and one of the model", async () => {
  const words = [
    "run",
    "examples/city-guide/city-guide.agentflow",
    "--city",
    "Lisbon",
    "--mock-script",
    "examples/city-guide/answers.json",
  ];
  const { out } = await agentflow(folder, [...words, "--json"]);
  const { run } = JSON.parse(out) as { run: string };
  const lines = (await agentflow(folder, ["runs", "events", run, "--json"])).out.trim().split("\n");
  const events = lines.map(
    (line) => JSON.parse(line) as { kind: string; path?: string; code?: string },
  );
  expect(
    events.flatMap(({ kind, path, code }) =>
      kind === "activity.failed" ? [`${path?.replace(/\[.*\]/, "[]")} ${code}`] : [],
    ),
  ).toEqual(["cityGuide.places unavailable", "cityGuide.stops[]@1 rate_limited"]);
  const rounds = events.filter(
    ({ kind, path }) => kind === "activity.succeeded" && path?.includes(".review@") === true,
  );
  expect(rounds.length).toBe(2);
});
