import { join } from "node:path";
import { expect, it } from "vitest";
import { diskHost } from "../../test/support/disk-host.ts";
import { compile } from "../compile.ts";
import type { Box } from "./box.ts";
import { flowGraph } from "./flow-graph.ts";
import { layoutFlow } from "./layout.ts";

const folder = join(import.meta.dirname, "../../test/programs");

it.each([
  ["02-triage.agentflow", "triage"],
  ["03-team.agentflow", "team"],
  ["04-research.agentflow", "research"],
  ["11-documents.agentflow", "ingest"],
])("places the boxes of %s inside their parents and apart from one another", (file, id) => {
  const { plan } = compile(diskHost(folder), file);
  const flow = plan?.program.flows[id];
  if (plan === null || flow === undefined) throw new Error(`${file} does not compile`);
  expectTidy(layoutFlow(flowGraph(plan, flow)));
});

function expectTidy(box: Box): void {
  for (const [index, child] of box.children.entries()) {
    expect(child.x).toBeGreaterThanOrEqual(0);
    expect(child.y).toBeGreaterThanOrEqual(0);
    expect(child.x + child.width).toBeLessThanOrEqual(box.width + 0.01);
    expect(child.y + child.height).toBeLessThanOrEqual(box.height + 0.01);
    for (const other of box.children.slice(index + 1)) expect(overlap(child, other)).toBe(false);
    expectTidy(child);
  }
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
