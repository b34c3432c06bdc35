import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { makeFolder } from "../project/make-folder.ts";
import { starterProject } from "../project/starter-project.ts";
import { UserMistake } from "../user-mistake.ts";

export async function init({ args, options, terminal, environment }: Invocation): Promise<number> {
  const [named = "."] = args;
  const folder = resolve(environment.folder, named);
  // A .gitignore is left as it is: only the programs would be a loss.
  const present = [...starterProject.keys()].filter((name) => existsSync(join(folder, name)));
  const taken = present.filter((name) => name !== ".gitignore");
  if (taken.length > 0) {
    throw new UserMistake(`${join(named, taken[0] ?? "")} exists already; nothing was written`, {
      hints: ["choose another folder: agentflow init my-project"],
    });
  }
  makeFolder(folder);
  const written = [...starterProject].filter(([name]) => !present.includes(name));
  // `wx` refuses to overwrite a file that appears between the look and the write.
  for (const [name, text] of written) writeFileSync(join(folder, name), text, { flag: "wx" });
  const files = written.map(([name]) => join(named, name));
  terminal.out(
    options.on("json")
      ? `${JSON.stringify({ folder, files }, null, 2)}\n`
      : welcome(files, named, terminal),
  );
  return exitCodes.ok;
}

function welcome(
  files: readonly string[],
  folder: string,
  { outColors }: Invocation["terminal"],
): string {
  const { bold, cyan, green } = outColors;
  const enter = folder === "." ? [] : [`  ${cyan(`cd ${folder}`)}`];
  return [
    ...files.map((file) => `${green("+")} ${file}`),
    "",
    bold("Next"),
    ...enter,
    `  ${cyan("agentflow run main.agentflow --topic bees --mock")}`,
    `  ${cyan("agentflow test")}`,
    "",
  ].join("\n");
}
