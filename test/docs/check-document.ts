import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { docBlocks, wordValue } from "./doc-blocks.ts";
import type { DocBlock } from "./doc-blocks.ts";
import { looksLike, normaliseOutput } from "./loose-output.ts";

/** Where the commands of a document run. */
export interface DocumentScene {
  /** An empty folder, or one with the files that the document speaks of. */
  readonly folder: string;
  /** Holds the commands it uses; searched before `PATH`. */
  readonly commands: string;
}

const commandTimeoutMs = 120_000;

/**
 * Runs a document as its reader would, block after block in one folder, and says what is not as written:
 *
 * - `sh` is run by bash and has to succeed, or to end with N after `exit=N`. The `text` block that follows is what
 *   it prints. A line may begin with `$ `. Not run: `no-run`, for what needs a person, a key or the network.
 * - `agentflow` is a program without a diagnostic; with `error=AF4001`, one with that error. `file=NAME` keeps it for
 *   the blocks that follow. `fragment` is not whole and is only shown.
 * - `ts` is a module without a type error, which may import `agentflow/compiler`; `fragment` as above.
 * - `json` is JSON.
 */
export function checkDocument(markdown: string, scene: DocumentScene): string[] {
  const blocks = docBlocks(markdown);
  return blocks.flatMap((block, index) => {
    const fault = faultOf(block, blocks[index + 1], scene);
    return fault === undefined ? [] : [`line ${block.line}: ${fault}`];
  });
}

function faultOf(
  block: DocBlock,
  next: DocBlock | undefined,
  scene: DocumentScene,
): string | undefined {
  switch (block.language) {
    case "sh":
      return shellFault(block, next?.language === "text" ? next.text : undefined, scene);
    case "agentflow":
      return programFault(block, scene);
    case "ts":
      return moduleFault(block, scene);
    case "json":
      return jsonFault(block.text);
    default:
      return undefined;
  }
}

function shellFault(
  block: DocBlock,
  expected: string | undefined,
  scene: DocumentScene,
): string | undefined {
  if (block.words.includes("no-run")) return undefined;
  const script = block.text.replaceAll(/^\$ /gm, "");
  const { status, output } = runShell(script, scene);
  const wanted = Number(wordValue(block, "exit") ?? 0);
  if (status !== wanted) return `ended with ${status} instead of ${wanted}:\n${output}`;
  if (expected === undefined || looksLike(output, expected)) return undefined;
  return `printed\n${normaliseOutput(output)}\ninstead of\n${normaliseOutput(expected)}`;
}

function programFault(block: DocBlock, scene: DocumentScene): string | undefined {
  if (block.words.includes("fragment")) return undefined;
  const file = wordValue(block, "file") ?? `.blocks/line-${block.line}.agentflow`;
  mkdirSync(dirname(join(scene.folder, file)), { recursive: true });
  writeFileSync(join(scene.folder, file), block.text);
  const { status, output } = runShell(`agentflow check ${file}`, scene);
  const code = wordValue(block, "error");
  if (code === undefined) return status === 0 ? undefined : `does not check:\n${output}`;
  return output.includes(code) ? undefined : `has no ${code}:\n${output}`;
}

function moduleFault(block: DocBlock, scene: DocumentScene): string | undefined {
  if (block.words.includes("fragment")) return undefined;
  const file = `.blocks/line-${block.line}.mts`;
  mkdirSync(join(scene.folder, ".blocks"), { recursive: true });
  writeFileSync(join(scene.folder, file), block.text);
  const options = "--noEmit --strict --skipLibCheck --target es2023 --module nodenext --types node";
  const { status, output } = runShell(`tsc ${options} ${file}`, scene);
  return status === 0 ? undefined : `has wrong types:\n${output}`;
}

function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `is no JSON: ${String(error)}`;
  }
}

/** Both outputs in one, in the order they were written, as a terminal shows them. */
function runShell(
  script: string,
  { folder, commands }: DocumentScene,
): { status: number; output: string } {
  const { status, stdout, error } = spawnSync(
    "bash",
    ["-euo", "pipefail", "-c", `exec 2>&1\n${script}`],
    {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      timeout: commandTimeoutMs,
      // A reader's keys and settings must not decide whether the documents are right.
      env: {
        PATH: `${commands}${delimiter}${process.env["PATH"]}`,
        HOME: folder,
        NO_COLOR: "1",
        CI: "true",
      },
    },
  );
  return {
    status: status ?? -1,
    output: error === undefined ? stdout : `${stdout}${String(error)}`,
  };
}
