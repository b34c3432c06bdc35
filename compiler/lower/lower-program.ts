import { planHash } from "../../plan/hash.ts";
import { planFormat, planVersion } from "../../plan/plan.ts";
import type { ConfigPlan, Plan, Program, RolePlan } from "../../plan/plan.ts";
import { effectsOf } from "../flow/effects.ts";
import { boundsOfProgram } from "../flow/flow-bounds.ts";
import { isRunnable } from "../flow/is-runnable.ts";
import { reachOf } from "../flow/reach.ts";
import type { FlowInstance, Reach } from "../flow/reach.ts";
import { callable, skillsOf } from "../flow/uses.ts";
import { constantOf } from "../flow/written.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Interpolation } from "../syntax/tree.ts";
import type { CheckedProgram, Instance } from "../types/checked.ts";
import type { Type } from "../types/type.ts";
import { lowerAgent } from "./lower-agent.ts";

import type { LowerContext } from "./lower-context.ts";
import { lowerFlow } from "./lower-flow.ts";
import { lowerModel } from "./lower-model.ts";
import { lowerTool } from "./lower-tool.ts";
import { when } from "./lower-settings.ts";
import { PlanNames } from "./plan-names.ts";
import { PlanPaths } from "./plan-paths.ts";
import { sourceOf } from "./plan-source.ts";
import { SchemaTable } from "./schema-table.ts";

export interface LowerOptions {
  readonly program: CheckedProgram;
  /** Path of the entry file. */
  readonly entry: string;
  /** The flows that can be started; all they reach comes along. */
  readonly roots: readonly Instance[];
  /** Values that untrusted text can reach. */
  readonly untrusted: ReadonlySet<Interpolation>;
}

/**
 * Turns a program without errors into a plan. Everything is visited in an order that does not depend on the order of the
 * text, because names of schemas are given in order of use.
 */
export function lowerProgram({ program, entry, roots, untrusted }: LowerOptions): {
  readonly plan: Plan;
  readonly context: LowerContext;
} {
  const paths = new PlanPaths(entry);
  const names = new PlanNames(program, paths);
  const context: LowerContext = {
    program,
    names,
    paths,
    schemas: new SchemaTable(program, names),
    untrusted,
  };
  const reach = reachOf(program, roots);
  const lowered = {
    config: lowerConfig(context),
    environments: lowerEnvironments(context),
    models: lowerAll(reach.models, context, (symbol) =>
      declared(program, symbol, "model", (model) => lowerModel(model, context)),
    ),
    roles: lowerAll(reach.roles, context, (symbol) => lowerRole(symbol, context)),
    agents: lowerAll(reach.agents, context, (symbol) =>
      declared(program, symbol, "agent", (agent) => lowerAgent(agent, context)),
    ),
    tools: lowerAll(reach.tools, context, (symbol) =>
      declared(program, symbol, "tool", (tool) => lowerTool(tool, context)),
    ),
    flows: lowerFlows(reach, context),
  };
  const planned: Program = { ...lowered, schemas: context.schemas.all() };
  const plan: Plan = {
    format: planFormat,
    version: planVersion,
    hash: planHash(planned),
    program: planned,
    source: sourceOf(context, reach),
  };
  return { plan, context };
}

type Kinds = "model" | "agent" | "tool";
type DeclarationOf<Kind extends Kinds> = Extract<
  NonNullable<ReturnType<CheckedProgram["declarationOf"]>>,
  { kind: Kind }
>;

function declared<Kind extends Kinds, Lowered>(
  program: CheckedProgram,
  symbol: GlobalSymbol,
  kind: Kind,
  lower: (declaration: DeclarationOf<Kind>) => Lowered | null,
): Lowered | null {
  const declaration = program.declarationOf(symbol);
  return declaration?.kind === kind ? lower(declaration as DeclarationOf<Kind>) : null;
}

function lowerAll<Lowered>(
  symbols: ReadonlyMap<string, GlobalSymbol>,
  context: LowerContext,
  lower: (symbol: GlobalSymbol) => Lowered | null,
): { readonly [name: string]: Lowered } {
  const named = [...symbols.values()]
    .map((symbol) => ({ symbol, name: context.names.of(symbol) }))
    .sort(byName);
  return Object.fromEntries(
    named.flatMap(({ symbol, name }) => {
      const lowered = lower(symbol);
      return lowered === null ? [] : [[name, lowered] as const];
    }),
  );
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

function lowerFlows(reach: Reach, context: LowerContext): Program["flows"] {
  const bounds = boundsOfProgram(context.program);
  const named = [...reach.flows.values()]
    .map((found) => ({ found, name: context.names.ofFlow(found.instance) }))
    .sort(byName);
  return Object.fromEntries(
    named.map(({ found, name }) => [
      name,
      lowerFlow(found, figuresOf(found, bounds, context), context),
    ]),
  );
}

function figuresOf(
  found: FlowInstance,
  bounds: ReturnType<typeof boundsOfProgram>,
  { program }: LowerContext,
) {
  return {
    bounds: bounds.ofFlow(found.instance),
    effects: effectsOf(program, found.instance),
    runnable: isRunnable(program, found),
  };
}

function lowerRole(symbol: GlobalSymbol, context: LowerContext): RolePlan {
  const { program, names } = context;
  const fillers = (program.fillers.get(symbol.id) ?? []).flatMap((filler) => {
    const declaration = callable(program, filler);
    if (declaration === null) return [];
    const skills = [...skillsOf(program, filler)].sort();
    return [
      { kind: declaration.kind, name: names.of(filler), skills, ...when("doc", declaration.doc) },
    ];
  });
  return { fillers: fillers.sort(byName), ...when("doc", program.declarationOf(symbol)?.doc) };
}

function lowerConfig(context: LowerContext): { readonly [name: string]: ConfigPlan } {
  const entries = [...context.program.config.values()].sort(byName);
  return Object.fromEntries(
    entries.map((entry): [string, ConfigPlan] => {
      const module = context.program.modules.get(entry.file);
      const value =
        entry.default === null || module === undefined
          ? undefined
          : constantOf(context.program, { expression: entry.default.expression, module });
      const plan: ConfigPlan = {
        schema: context.schemas.refer(entry.type),
        secret: isSecret(entry.type),
        variable: variableOf(entry.name),
        ...(value === undefined ? {} : { default: value }),
        ...when("doc", entry.doc),
      };
      return [entry.name, plan];
    }),
  );
}

function isSecret(type: Type): boolean {
  return type.kind === "secret" || (type.kind === "optional" && type.inner.kind === "secret");
}

/** `CRM_URL` for `crmUrl`. */
export function variableOf(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])/g, "$1$3_$2$4").toUpperCase();
}

function lowerEnvironments({ program }: LowerContext): Program["environments"] {
  const environments = [...program.environments].sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(
    environments.map(([environment, values]) => [
      environment,
      Object.fromEntries(
        [...values]
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .flatMap(([name, { expression, file }]) => {
            const module = program.modules.get(file);
            const value =
              module === undefined ? undefined : constantOf(program, { expression, module });
            return value === undefined ? [] : [[name, value] as const];
          }),
      ),
    ]),
  );
}
