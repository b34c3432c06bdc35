/**
 * Every folder here is a small program with one golden file per phase. `npx vitest run test/corpus -u`
 * writes the goldens anew: read the difference before committing it.
 */

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  compile,
  createProgram,
  format,
  parse,
  renderText,
  symbolTable,
} from "../../compiler/index.ts";
import { diskHost } from "../support/disk-host.ts";
import { treeText } from "./tree-text.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe.each(names)("%s", (name) => {
  const file = join(folder, name, "main.agentflow");
  const text = readFileSync(file, "utf8");
  const golden = (phase: string): string => join(folder, name, "goldens", phase);

  it("has the tokens of its golden", async () => {
    const { tokens } = parse("main.agentflow", text);
    const lines = tokens.map(
      (token) => `${token.type} ${JSON.stringify(text.slice(token.start, token.end))}`,
    );
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(golden("tokens.txt"));
  });

  it("has the tree of its golden", async () => {
    await expect(treeText(parse("main.agentflow", text).tree)).toMatchFileSnapshot(
      golden("tree.txt"),
    );
  });

  it("has the symbols of its golden", async () => {
    const { program } = createProgram(diskHost(join(folder, name)), ["main.agentflow"]);
    await expect(symbolTable(program, "main.agentflow")).toMatchFileSnapshot(golden("symbols.txt"));
  });

  it("has the diagnostics of its golden", async () => {
    const { diagnostics, sources } = compile(diskHost(join(folder, name)), "main.agentflow");
    const rendered = renderText(diagnostics, sources, { color: false, width: 100 });
    await expect(rendered).toMatchFileSnapshot(golden("diagnostics.txt"));
  });

  it("is formatted as its golden, and formatting again changes nothing", async () => {
    const formatted = format(parse("main.agentflow", text));
    if (formatted === null) return;
    await expect(formatted).toMatchFileSnapshot(golden("formatted.agentflow"));
    expect(format(parse("main.agentflow", formatted))).toBe(formatted);
  });

  it("compiles to the plan of its golden, with the same hash when formatted", async () => {
    const host = diskHost(join(folder, name));
    const { plan } = compile(host, "main.agentflow");
    if (plan === null) return;
    await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot(golden("plan.json"));
    const formatted = format(parse("main.agentflow", text)) ?? text;
    const again = compile(
      { read: (path) => (path === "main.agentflow" ? formatted : host.read(path)) },
      "main.agentflow",
    );
    expect(again.plan?.hash).toBe(plan.hash);
  });
});
