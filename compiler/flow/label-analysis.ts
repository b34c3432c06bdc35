import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Interpolation } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import { AgentLabels } from "./agent-labels.ts";
import { askedOf } from "./asked.ts";
import { FlowLabels } from "./flow-labels.ts";
import { LabelFindings } from "./label-findings.ts";
import { LastingResults } from "./lasting-results.ts";
import { filledTaint, marked } from "./marked-arguments.ts";
import { flowInstance, instanceId } from "./reach.ts";
import type { FlowInstance } from "./reach.ts";
import { clean } from "./taint.ts";
import type { ArgumentTaints, Taint } from "./taint.ts";

/** What is known of a program's labels. */
export interface LabelResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Values in prompts that untrusted text can reach. */
  readonly untrusted: ReadonlySet<Interpolation>;
}

/** What one flow gives when it is called with arguments that have such labels, and what was found on the way. */
interface FlowResult {
  readonly taint: Taint;
  readonly findings: LabelFindings;
}

/** Results of one snapshot: of called flows by instance and arguments, of whole files. */
interface Known {
  readonly flows: Map<string, FlowResult>;
  readonly modules: Map<CheckedModule, LabelFindings>;
}

const cache = new WeakMap<CheckedProgram, Known>();

/** Follows untrusted and private data through all flows of a program that has no other errors. */
export function labelsOf(program: CheckedProgram): LabelResult {
  const results = [...program.modules.values()].map((module) => labelsOfModule(program, module));
  return {
    diagnostics: results.flatMap((result) => result.diagnostics()),
    untrusted: LabelFindings.reached(results),
  };
}

/** The same for what can be reached from the flows of one file; findings may lie in other files. */
export function labelsOfModule(program: CheckedProgram, module: CheckedModule): LabelFindings {
  const known = knownOf(program);
  const result = known.modules.get(module);
  if (result !== undefined) return result;
  const findings = new LabelFindings();
  for (const symbol of module.symbols) {
    const found = symbol.kind === "flow" ? flowInstance(program, plainInstance(symbol)) : null;
    if (found === null) continue;
    // Without triggers, nothing comes in with labels.
    const result = isTriggered(found)
      ? runFlow(program, known, found, null)
      : called(program, known, found.instance, noArguments);
    findings.include(result.findings);
  }
  known.modules.set(module, findings);
  return findings;
}

function knownOf(program: CheckedProgram): Known {
  let known = cache.get(program);
  if (known === undefined) {
    known = {
      flows: new Map<string, FlowResult>(),
      modules: new Map<CheckedModule, LabelFindings>(),
    };
    cache.set(program, known);
  }
  return known;
}

function runFlow(
  program: CheckedProgram,
  known: Known,
  found: FlowInstance,
  args: ArgumentTaints | null,
): FlowResult {
  const findings = new LabelFindings();
  const callFlow = (instance: Instance, passed: ArgumentTaints): Taint => {
    const result = called(program, known, instance, passed);
    findings.include(result.findings);
    return result.taint;
  };
  const agents = new AgentLabels(program, findings, callFlow);
  const taint = new FlowLabels({ program, findings, agents, callFlow, found, args }).run();
  return { taint, findings };
}

/** One call of a flow, with the ways in which its arguments came by their labels. */
function called(
  program: CheckedProgram,
  known: Known,
  instance: Instance,
  args: ArgumentTaints,
): FlowResult {
  const labels = labelledArguments(args);
  const result = answered(program, known, instance, { args, labels });
  if (labels === "") return result;
  return { taint: filledTaint(result.taint, args), findings: result.findings.filled(args) };
}

/** The same for whoever calls the flow with such arguments. */
function answered(
  program: CheckedProgram,
  known: Known,
  instance: Instance,
  { args, labels }: { readonly args: ArgumentTaints; readonly labels: string },
): FlowResult {
  const id = `${instanceId(instance)}${labels}`;
  const earlier = lasting.of(program, instance);
  const result = known.flows.get(id) ?? earlier?.get(id);
  if (result !== undefined) return result;
  // A recursive program is reported elsewhere.
  const nothing = { taint: clean, findings: new LabelFindings() };
  known.flows.set(id, nothing);
  const found = flowInstance(program, instance);
  const marks = labels === "" ? args : marked(args);
  const own = found === null ? nothing : runFlow(program, known, found, marks);
  known.flows.set(id, own);
  earlier?.set(id, own);
  if (found !== null) askedOf(found.module).labels.set(id, { instance, args: marks });
  return own;
}

/** What one call of a flow gives, with marks for the ways of its arguments, and whether anything is found in it. */
export function labelsOfCall(
  program: CheckedProgram,
  instance: Instance,
  args: ArgumentTaints,
): { readonly taint: Taint; readonly isReported: boolean } {
  const labels = labelledArguments(args);
  const { taint, findings } = answered(program, knownOf(program), instance, { args, labels });
  return { taint, isReported: findings.isFaulty };
}

function isTriggered({ flow }: FlowInstance): boolean {
  return flow.node.block.entries.some((entry) => entry.kind === "on");
}

const noArguments: ArgumentTaints = new Map<string, Taint>();

/** ` topic:u notes:up`, empty if no argument has labels. */
function labelledArguments(args: ArgumentTaints): string {
  let text = "";
  for (const [name, { untrusted, private: secretive }] of args) {
    if (untrusted === null && secretive === null) continue;
    text += ` ${name}:${untrusted === null ? "" : "u"}${secretive === null ? "" : "p"}`;
  }
  return text;
}

const lasting = new LastingResults<FlowResult>();
