import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Interpolation } from "../syntax/tree.ts";
import type { CheckedProgram, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import { AgentLabels } from "./agent-labels.ts";
import { askedOf } from "./asked.ts";
import { effectsOf } from "./effects.ts";
import { FlowLabels } from "./flow-labels.ts";
import { LabelFindings } from "./label-findings.ts";
import { LastingResults } from "./lasting-results.ts";
import { filledTaint, marked } from "./marked-arguments.ts";
import { flowInstance, instanceId } from "./reach.ts";
import type { FlowInstance } from "./reach.ts";
import { clean } from "./taint.ts";
import type { ArgumentTaints, Taint } from "./taint.ts";

/** What one flow gives when it is called with arguments that have such labels, and what was found on the way. */
interface FlowResult {
  readonly taint: Taint;
  readonly findings: LabelFindings;
}

/** Results of one snapshot: of called flows by instance and arguments, of those that are started by id. */
interface Known {
  readonly flows: Map<string, FlowResult>;
  readonly started: Map<string, LabelFindings>;
}

const cache = new WeakMap<CheckedProgram, Known>();

/** Values in prompts of a whole program that has no errors which untrusted text can reach: they are fenced when it runs. */
export function untrustedIn(program: CheckedProgram): ReadonlySet<Interpolation> {
  const all = [...program.modules.values()].flatMap(({ symbols }) =>
    symbols.flatMap((symbol) => findingsOf(program, symbol) ?? []),
  );
  return LabelFindings.reached(all);
}

/** What is wrong when a flow is started, in it and in what it calls. */
export function labelsOfFlow(program: CheckedProgram, symbol: GlobalSymbol): readonly Diagnostic[] {
  // Where nothing minds what flows into it, nothing can be wrong.
  if (symbol.kind !== "flow" || !effectsOf(program, plainInstance(symbol)).guards) return [];
  return findingsOf(program, symbol)?.diagnostics() ?? [];
}

function findingsOf(program: CheckedProgram, symbol: GlobalSymbol): LabelFindings | null {
  if (symbol.kind !== "flow") return null;
  const known = knownOf(program);
  const earlier = known.started.get(symbol.id);
  if (earlier !== undefined) return earlier;
  const found = flowInstance(program, plainInstance(symbol));
  if (found === null) return null;
  // Without triggers, nothing comes in with labels.
  const { findings } = isTriggered(found)
    ? runFlow(program, known, found, null)
    : called(program, known, found.instance, noArguments);
  known.started.set(symbol.id, findings);
  return findings;
}

function knownOf(program: CheckedProgram): Known {
  let known = cache.get(program);
  if (known === undefined) {
    known = {
      flows: new Map<string, FlowResult>(),
      started: new Map<string, LabelFindings>(),
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
