/** `npm run demo`: two programs from the text to the result, without a key or a network. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const command = join(root, "dist/cli/main.js");

const runs = [
  ["run", "examples/hello/hello.agentflow", "--name", "Ada", "--mock"],
  [
    "run",
    "examples/city-guide/city-guide.agentflow",
    "--city",
    "Lisbon",
    "--mock-script",
    "examples/city-guide/answers.json",
  ],
];

function demo(): number {
  if (!existsSync(command)) {
    console.error("Run `npm run build` first.");
    return 1;
  }
  for (const run of runs) {
    console.log(`\n$ agentflow ${run.join(" ")}\n`);
    const { status } = spawnSync(process.execPath, [command, ...run], {
      cwd: root,
      stdio: "inherit",
    });
    if (status !== 0) return status ?? 1;
  }
  console.log(
    "\nChange examples/hello/hello.agentflow and run it again, or start your own: npx agentflow init",
  );
  return 0;
}

process.exitCode = demo();
