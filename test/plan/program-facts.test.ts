import { readFileSync } from "node:fs";

import { describe, expect, it, test } from "vitest";

import { compile } from "../../compiler/index.ts";
import type { BlockPlan, FlowPlan } from "../../plan/plan.ts";
import { readPlan } from "../../plan/validate.ts";
import { blocksOf } from "../../plan/walk-plan.ts";
import { programFiles, programHost } from "./program-host.ts";

interface Facts {
  readonly [file: string]: {
    readonly warnings: readonly string[];
    readonly flows: {
      readonly [flow: string]: { readonly waits: Waits } & { readonly [figure: string]: unknown };
    };
  };
}

type Waits = { readonly [path: string]: readonly string[] };

const facts = JSON.parse(
  readFileSync(new URL("../programs/facts.json", import.meta.url), "utf8"),
) as Facts;

/** Waits by path, as paths. An unnamed action shares the path of its block. */
function waitsOf(flow: FlowPlan): Waits {
  const waits = new Map<string, Set<string>>();
  const visit = (block: BlockPlan, visible: ReadonlyMap<string, string>): void => {
    const names = new Map([
      ...visible,
      ...block.steps.map((step) => [step.name, step.path] as const),
    ]);
    for (const step of block.steps) {
      if (step.path.includes("!")) continue;
      const own = waits.get(step.path) ?? new Set<string>();
      waits.set(step.path, own);
      for (const name of step.waits) own.add(names.get(name) ?? `? ${name}`);
      for (const inner of blocksOf(step.action)) visit(inner, names);
    }
  };
  visit(flow.body, new Map());
  return Object.fromEntries([...waits].map(([path, set]) => [path, [...set].sort()]));
}

describe.each(programFiles)("%s", (file) => {
  const { plan, diagnostics } = compile(programHost(), file);

  it("compiles without a diagnostic to a valid plan", () => {
    expect(diagnostics).toEqual([]);
    expect(plan).not.toBeNull();
    const result = readPlan(JSON.parse(JSON.stringify(plan)));
    expect(result.ok ? [] : result.problems).toEqual([]);
  });

  for (const [id, fact] of Object.entries(facts[file]?.flows ?? {})) {
    test(`${id} has the bounds and the order that are known`, () => {
      const flow = plan?.program.flows[id];
      expect(flow).toBeDefined();
      if (flow === undefined) return;
      const { waits, ...figures } = fact;
      expect(flow.bounds).toMatchObject(figures);
      expect(waitsOf(flow)).toEqual(waits);
    });
  }
});
