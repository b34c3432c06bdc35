import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Interpolation } from "../syntax/tree.ts";
import type { CheckedProgram, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import { AgentLabels } from "./agent-labels.ts";
import { FlowLabels } from "./flow-labels.ts";
import { LabelFindings } from "./label-findings.ts";
import { flowInstance, instanceId } from "./reach.ts";
import { clean } from "./taint.ts";
import type { ArgumentTaints, Taint } from "./taint.ts";

/** What is known of a program's labels. */
export interface LabelResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Values in prompts that untrusted text can reach. */
  readonly untrusted: ReadonlySet<Interpolation>;
}

const cache = new WeakMap<CheckedProgram, LabelResult>();

/** Follows untrusted and private data through all flows of a program that has no other errors. */
export function labelsOf(program: CheckedProgram): LabelResult {
  let result = cache.get(program);
  if (result === undefined) cache.set(program, (result = analyse(program)));
  return result;
}

function analyse(program: CheckedProgram): LabelResult {
  const findings = new LabelFindings();
  const flows = new Map<string, Taint>();
  const agents = new AgentLabels(program, findings, (instance, args) => callFlow(instance, args));
  const callFlow = (instance: Instance, args: ArgumentTaints): Taint => {
    const id = `${instanceId(instance)} ${[...args].map(([name, taint]) => `${name}${taint.untrusted === null ? "" : "u"}${taint.private === null ? "" : "p"}`).join(",")}`;
    const known = flows.get(id);
    if (known !== undefined) return known;
    // A recursive program is reported elsewhere.
    flows.set(id, clean);
    const found = flowInstance(program, instance);
    const taint =
      found === null
        ? clean
        : new FlowLabels({ program, findings, agents, callFlow, found, args }).run();
    flows.set(id, taint);
    return taint;
  };
  for (const module of program.modules.values()) {
    for (const symbol of module.symbols) {
      const found = symbol.kind === "flow" ? flowInstance(program, plainInstance(symbol)) : null;
      if (found !== null)
        new FlowLabels({ program, findings, agents, callFlow, found, args: null }).run();
    }
  }
  return { diagnostics: findings.diagnostics(), untrusted: findings.untrusted };
}
