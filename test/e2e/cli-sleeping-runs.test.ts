// A run that sleeps when its process is killed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentflow, makeProject, startAgentflow } from "./command.ts";

const program = `tool log(line: string) -> trusted string {
  module: "./log.mjs#log"
  effect: "write"
  idempotency: true
}

flow steady() -> string {
  step first = log("first")
  step pause = sleep(3s) { after: first }
  step second = log("second") { after: pause }
  output: second
}
`;

const module = `import { appendFileSync } from "node:fs";
export function log({ line }) {
  appendFileSync("lines.txt", line + "\\n");
  return line;
}
`;

test("resume goes on with a run that was killed while it slept", async () => {
  const folder = makeProject({ "steady.agentflow": program, "log.mjs": module });
  const running = startAgentflow(folder, ["run", "steady.agentflow"]);
  await running.says("waiting   steady.pause");
  running.process.kill("SIGKILL");
  await running.ended;

  const resumed = await agentflow(folder, ["resume"]);
  expect(resumed).toMatchObject({ exitCode: 0 });
  expect(resumed.out).toContain("steady succeeded");
  expect(readFileSync(join(folder, "lines.txt"), "utf8")).toBe("first\nsecond\n");
}, 60_000);
