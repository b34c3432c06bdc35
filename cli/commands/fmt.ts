import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { format, parse, renderText } from "../../compiler/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { findPrograms } from "../project/find-programs.ts";
import { readSource } from "../run/collect-input.ts";

export async function fmt(invocation: Invocation): Promise<number> {
  const { args, environment } = invocation;
  if (args.includes("-")) return await formatInput(invocation);
  return formatFiles(findPrograms(args, environment.folder), invocation);
}

type Formatted =
  | { readonly kind: "same" }
  | { readonly kind: "changed"; readonly text: string }
  /** Syntax errors, ready to print. */
  | { readonly kind: "broken"; readonly errors: string };

function formatFiles(
  files: readonly string[],
  { options, terminal, environment }: Invocation,
): number {
  const changed: string[] = [];
  const broken: string[] = [];
  const { green, yellow, red } = terminal.outColors;
  const text = !options.on("json");
  for (const file of files) {
    const path = resolve(environment.folder, file);
    const result = formatOne(file, readFileSync(path, "utf8"), terminal);
    if (result.kind === "same") continue;
    if (result.kind === "broken") {
      broken.push(file);
      terminal.err(text ? result.errors : "");
      continue;
    }
    changed.push(file);
    if (!options.on("check")) writeFileSync(path, result.text);
    if (text)
      terminal.out(
        `${options.on("check") ? yellow("not formatted") : green("formatted")} ${file}\n`,
      );
  }
  if (!text)
    terminal.out(
      `${JSON.stringify({ changed, broken, unchanged: files.length - changed.length - broken.length }, null, 2)}\n`,
    );
  else if (broken.length > 0)
    terminal.out(`${red("left alone")} ${broken.join(", ")}: mend the errors first\n`);
  return broken.length > 0 || (options.on("check") && changed.length > 0)
    ? exitCodes.failed
    : exitCodes.ok;
}

async function formatInput({ options, terminal, environment }: Invocation): Promise<number> {
  const before = await readSource("-", environment.folder);
  const result = formatOne("standard input", before, terminal);
  if (result.kind === "broken") {
    terminal.err(result.errors);
    return exitCodes.failed;
  }
  if (options.on("check")) return result.kind === "same" ? exitCodes.ok : exitCodes.failed;
  terminal.out(result.kind === "same" ? before : result.text);
  return exitCodes.ok;
}

function formatOne(file: string, before: string, terminal: Invocation["terminal"]): Formatted {
  const parsed = parse(file, before);
  const after = format(parsed);
  if (after === before) return { kind: "same" };
  if (after !== null) return { kind: "changed", text: after };
  const errors = parsed.diagnostics.filter(({ severity }) => severity === "error");
  const color = terminal.errColors.isColorSupported;
  const sources = new Map([[file, before]]);
  return {
    kind: "broken",
    errors: `${renderText(errors, sources, { color, width: terminal.size().columns })}\n`,
  };
}
