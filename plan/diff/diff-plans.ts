import { canonicalJson } from "../../base/canonical-json.ts";
import type { Bounds, FlowPlan, JsonSchema, Plan, Program, StepPlan } from "../plan.ts";
import { schemaText } from "../schema-text.ts";
import { stepsOfFlow } from "../walk-plan.ts";
import { changesOfText } from "./text-changes.ts";
import { factsOf } from "./facts.ts";
import type { Facts } from "./facts.ts";

/** What tells two plans apart, in words. `groups` is empty exactly if the plans are the same. */
export interface PlanDiff {
  readonly oldHash: string;
  readonly newHash: string;
  readonly groups: readonly DiffGroup[];
}

export interface DiffGroup {
  readonly title: string;
  readonly changes: readonly DiffChange[];
}

export interface DiffChange {
  readonly kind: "added" | "removed" | "changed";
  /** What it is about: `agent classify`, `triage.handled.notice`. */
  readonly subject: string;
  /** One line each; empty for what was added or removed as a whole and needs no explanation. */
  readonly details: readonly string[];
}

/** Compares two plans. The order of groups and changes depends on the plans only. */
export function diffPlans(before: Plan, after: Plan): PlanDiff {
  const [old, now] = [before.program, after.program];
  const groups = [
    { title: "Flows", changes: compare(old.flows, now.flows, flowFacts, (id) => `flow ${id}`) },
    { title: "Steps", changes: stepChanges(old, now) },
    {
      title: "Types",
      changes: compare(namedTypes(old), namedTypes(now), typeFacts, (name) => `type ${name}`),
    },
    ...callableGroups(old, now),
    { title: "Roles", changes: compare(old.roles, now.roles, roleFacts, (name) => `role ${name}`) },
    {
      title: "Models",
      changes: compare(old.models, now.models, factsOf, (name) => `model ${name}`),
    },
    {
      title: "Config",
      changes: compare(old.config, now.config, factsOf, (name) => `config.${name}`),
    },
    {
      title: "Environments",
      changes: compare(
        old.environments,
        now.environments,
        factsOf,
        (name) => `environment ${name}`,
      ),
    },
    { title: "Triggers", changes: compare(triggers(old), triggers(now), factsOf, (name) => name) },
    {
      title: "State",
      changes: compare(states(old), states(now), factsOf, (name) => `state ${name}`),
    },
    {
      title: "Effects",
      changes: onlyChanged(compare(effects(old), effects(now), factsOf, (id) => `flow ${id}`)),
    },
    {
      title: "Labels",
      changes: onlyChanged(compare(labels(old), labels(now), factsOf, (name) => name)),
    },
    {
      title: "Bounds",
      changes: onlyChanged(compare(bounds(old), bounds(now), boundFacts, (id) => `flow ${id}`)),
    },
  ].filter((group) => group.changes.length > 0);
  return {
    oldHash: before.hash,
    newHash: after.hash,
    groups: groups.length > 0 ? groups : leftOver(before, after),
  };
}

/** Types written in place come and go with the steps that use them; if nothing else differs, they are named. */
function leftOver(before: Plan, after: Plan): readonly DiffGroup[] {
  if (before.hash === after.hash) return [];
  const changes = compare(
    before.program.schemas,
    after.program.schemas,
    typeFacts,
    (name) => `type ${name}`,
  );
  return [{ title: "Types", changes }];
}

type Named<T> = { readonly [name: string]: T };

function compare<T extends object>(
  before: Named<T>,
  after: Named<T>,
  facts: (part: T) => Facts,
  subject: (name: string) => string,
): readonly DiffChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): DiffChange[] => {
    const [old, now] = [before[name], after[name]];
    if (old === undefined) return [{ kind: "added", subject: subject(name), details: [] }];
    if (now === undefined) return [{ kind: "removed", subject: subject(name), details: [] }];
    if (canonicalJson(old) === canonicalJson(now)) return [];
    const details = compareFacts(facts(old), facts(now));
    return details.length === 0 ? [] : [{ kind: "changed", subject: subject(name), details }];
  });
}

function compareFacts(before: Facts, after: Facts): readonly string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    if (old === undefined) return changesOfText(name, null, now ?? "");
    return changesOfText(name, old, now ?? null);
  });
}

function onlyChanged(changes: readonly DiffChange[]): readonly DiffChange[] {
  return changes.filter((change) => change.kind === "changed");
}

function flowFacts(flow: FlowPlan): Facts {
  return factsOf(flow, ["bounds", "effects", "states", "triggers"]);
}

/** Renaming is left to the reader: a renamed step is a new step for every run. */
function stepChanges(before: Program, after: Program): readonly DiffChange[] {
  const ids = Object.keys(before.flows).filter((id) => Object.hasOwn(after.flows, id));
  return ids.sort().flatMap((id) => {
    const [old, now] = [stepsByPath(before.flows[id]), stepsByPath(after.flows[id])];
    return compare(old, now, stepFacts, (path) => path);
  });
}

function stepsByPath(flow: FlowPlan | undefined): Named<StepPlan> {
  const steps: Record<string, StepPlan> = {};
  if (flow === undefined) return steps;
  for (const step of stepsOfFlow(flow)) {
    // Branches that exclude each other may share a name, and so a path.
    let key = step.path;
    for (let other = 2; Object.hasOwn(steps, key); other += 1)
      key = `${step.path} (branch ${other})`;
    steps[key] = step;
  }
  return steps;
}

function stepFacts(step: StepPlan): Facts {
  return factsOf(step, ["name", "path", "phase"]);
}

function callableGroups(before: Program, after: Program): readonly DiffGroup[] {
  const skip = <T extends object>(part: T) => factsOf(part, ["labels"]);
  return [
    {
      title: "Agents",
      changes: compare(before.agents, after.agents, skip, (name) => `agent ${name}`),
    },
    { title: "Tools", changes: compare(before.tools, after.tools, skip, (name) => `tool ${name}`) },
  ];
}

function roleFacts(role: Program["roles"][string]): Facts {
  const facts = new Map(factsOf(role, ["fillers"]));
  facts.set("filled by", role.fillers.map((filler) => filler.name).join(", ") || "nobody");
  for (const filler of role.fillers) {
    for (const [name, value] of factsOf(filler, ["name"]))
      facts.set(`${filler.name}.${name}`, value);
  }
  return facts;
}

const builtIn =
  /^(string|int|float|bool|url|email|date|time|duration|money|file|secret|json|null)$/;

function namedTypes(program: Program): Named<JsonSchema> {
  const isNamed = (name: string) => /^[A-Za-z_][\w./:-]*(<.*>)?$/.test(name) && !builtIn.test(name);
  return Object.fromEntries(Object.entries(program.schemas).filter(([name]) => isNamed(name)));
}

function typeFacts(schema: JsonSchema): Facts {
  const facts = new Map<string, string>();
  const description = schema["description"];
  if (typeof description === "string") facts.set("description", description);
  const { properties } = schema;
  if (typeof properties !== "object" || properties === null) {
    facts.set("definition", schemaText(schema));
    return facts;
  }
  for (const [field, of] of Object.entries(properties as Readonly<Record<string, JsonSchema>>)) {
    facts.set(field, schemaText(of));
    if (typeof of["description"] === "string") facts.set(`${field}.description`, of["description"]);
  }
  facts.set("order of fields", ((schema["required"] ?? []) as readonly string[]).join(", "));
  return facts;
}

function triggers(program: Program): Named<object> {
  return byFlow(program, (flow) =>
    flow.triggers.map((trigger): [string, object] => [triggerName(trigger), trigger]),
  );
}

function triggerName(trigger: FlowPlan["triggers"][number]): string {
  if (trigger.kind === "http") return `http ${trigger.method} ${trigger.path}`;
  return trigger.kind === "cron"
    ? `cron ${trigger.expression}`
    : `${trigger.kind} ${trigger.topic}`;
}

function states(program: Program): Named<object> {
  return byFlow(program, (flow) =>
    flow.states.map((state): [string, object] => [state.name, state]),
  );
}

function byFlow(
  program: Program,
  partsOf: (flow: FlowPlan) => readonly [string, object][],
): Named<object> {
  const parts = Object.entries(program.flows).flatMap(([id, flow]) =>
    partsOf(flow).map(([name, part]) => [`${id}: ${name}`, part] as const),
  );
  return Object.fromEntries(parts);
}

function effects(program: Program): Named<FlowPlan["effects"]> {
  return Object.fromEntries(Object.entries(program.flows).map(([id, flow]) => [id, flow.effects]));
}

function labels(program: Program): Named<object> {
  const callables = [...Object.entries(program.agents), ...Object.entries(program.tools)];
  return Object.fromEntries(callables.map(([name, callable]) => [name, callable.labels]));
}

function bounds(program: Program): Named<Bounds> {
  return Object.fromEntries(Object.entries(program.flows).map(([id, flow]) => [id, flow.bounds]));
}

const boundWords: readonly (readonly [keyof Bounds, string])[] = [
  ["agentCalls", "agent calls"],
  ["modelRequests", "model requests"],
  ["toolCalls", "tool calls"],
  ["humanTasks", "human tasks"],
  ["tokens", "tokens"],
  ["cost", "cost"],
];

function boundFacts(of: Bounds): Facts {
  const facts = new Map<string, string>();
  for (const [key, word] of boundWords)
    facts.set(`at most, ${word}`, of[key] === null ? "unknown" : String(of[key]));
  for (const [word, text] of factsOf({ timeMs: of.timeMs ?? "unknown" }))
    facts.set(`at most, ${word}`, text);
  return facts;
}
