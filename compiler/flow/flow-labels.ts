import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type {
  Action,
  Block,
  For,
  LetDeclaration,
  Name,
  Node,
  On,
  Repeat,
  Step,
} from "../syntax/tree.ts";
import type { BoundArgument, CheckedProgram, Instance } from "../types/checked.ts";
import type { AgentLabels, Legs } from "./agent-labels.ts";
import { declaredTaint, joinLegs, toolTaint } from "./agent-labels.ts";
import { targetsOf } from "./calls.ts";
import { effectsOf } from "./effects.ts";
import { expressionTaint } from "./expression-labels.ts";
import type { LabelScope } from "./expression-labels.ts";
import { flowGraph } from "./flow-graph.ts";
import type { Body, FlowCall, FlowGraph } from "./flow-graph.ts";
import type { LabelFindings } from "./label-findings.ts";
import { longChains } from "./long-chains.ts";
import type { FlowInstance } from "./reach.ts";
import { asType, clean, joinTaint, joinTaints, passing } from "./taint.ts";
import type { ArgumentTaints, Taint } from "./taint.ts";
import { callable, handoffsOf, settingSymbol } from "./uses.ts";
import { writtenRecord, writtenSetting } from "./written.ts";

export interface FlowLabelOptions {
  readonly program: CheckedProgram;
  readonly findings: LabelFindings;
  readonly agents: AgentLabels;
  callFlow(instance: Instance, args: ArgumentTaints): Taint;
  readonly found: FlowInstance;
  /** Null for a flow that is started from outside: its triggers say what comes in. */
  readonly args: ArgumentTaints | null;
}

/** Loops feed their output back; labels only grow, so few passes reach the end. */
const mostPasses = 8;

/** Follows labels through one flow that is called with such arguments. */
export class FlowLabels {
  readonly #options: FlowLabelOptions;
  readonly #graph: FlowGraph;
  readonly #scope: LabelScope;
  readonly #known = new Map<Action | LetDeclaration, Taint>();
  readonly #outputs = new Map<Repeat | For, Taint>();
  readonly #params: ReadonlyMap<string, Taint>;
  #ordered: readonly (Step | LetDeclaration)[] | null = null;
  /** True once something has asked for what a loop feeds back. */
  #isFedBack = false;

  constructor(options: FlowLabelOptions) {
    const { program, found } = options;
    this.#options = options;
    this.#graph = flowGraph(found.module, found.flow);
    this.#scope = { program, module: found.module, ofName: (name) => this.#name(name) };
    this.#params = this.#parameters();
  }

  run(): Taint {
    const { flow } = this.#options.found;
    for (let pass = 1; ; pass += 1) {
      const before = this.#fingerprint();
      this.#known.clear();
      for (const node of this.#inOrder()) this.#value(node);
      for (const step of this.#graph.steps) this.#action(step.action);
      if (!this.#isFedBack || this.#fingerprint() === before || pass === mostPasses) break;
    }
    const fallback = flow.settings.get("fallback");
    const output = flow.settings.get("output");
    const value =
      output?.value.kind === "invoke"
        ? expressionTaint(output.value.expression, this.#scope)
        : clean;
    return joinTaint(value, fallback === undefined ? clean : this.#body(fallback.value));
  }

  /** Long chains of steps and lets, those that others mention first: following them by recursion would be too deep. */
  #inOrder(): readonly (Step | LetDeclaration)[] {
    this.#ordered ??= longChains(this.#graph, this.#scope.module);
    return this.#ordered;
  }

  #value(node: Step | LetDeclaration): Taint {
    return node.kind === "let" ? this.#let(node) : this.#action(node.action);
  }

  /** How many labels the loops feed back; they are never taken away again. */
  #fingerprint(): number {
    let count = 0;
    for (const taint of this.#outputs.values()) {
      count += (taint.untrusted === null ? 0 : 1) + (taint.private === null ? 0 : 1);
    }
    return count;
  }

  #parameters(): ReadonlyMap<string, Taint> {
    const { found, args } = this.#options;
    const { flow, module } = found;
    const incoming = args ?? this.#triggered(flow.node.block);
    const fields = flow.node.head.kind === "signature" ? flow.node.head.params : [];
    return new Map(
      flow.signature.params.map((param) => {
        const field = fields.find((candidate) => candidate.name.text === param.name);
        const declared = declaredTaint(param, module.file, field?.name ?? flow.node.name);
        return [
          param.name,
          asType(joinTaint(incoming.get(param.name) ?? clean, declared), param.type),
        ];
      }),
    );
  }

  /** What arrives with a request or an event comes from outside. */
  #triggered(block: Block): ArgumentTaints {
    const taints = new Map<string, Taint>();
    for (const entry of block.entries) {
      if (entry.kind !== "on" || entry.trigger.text === "cron") continue;
      for (const param of this.#options.found.flow.signature.params)
        this.#triggeredParam(entry, param, taints);
    }
    return taints;
  }

  #triggeredParam(on: On, param: BoundArgument["parameter"], taints: Map<string, Taint>): void {
    const { program, found, findings } = this.#options;
    const { module } = found;
    const input =
      on.block === null ? null : writtenSetting(program, module.settingsOf(on.block).get("input"));
    const entry = input === null ? null : writtenRecord(program, input)?.get(param.name);
    if (input !== null && (entry === undefined || entry === null)) return;
    const at = entry?.expression ?? on.trigger;
    const source: Taint = {
      untrusted: [
        { span: spanOf(module.file, on.trigger), message: `what arrives here comes from outside` },
      ],
      private: null,
    };
    const ofName = (name: Name): Taint =>
      module.symbolOf(name)?.kind === "event" ? source : clean;
    const taint = asType(
      entry === undefined || entry === null
        ? source
        : expressionTaint(entry.expression, { program, module, ofName }),
      param.type,
    );
    if (taint.untrusted === null) return;
    taints.set(param.name, joinTaint(taints.get(param.name) ?? clean, taint));
    if (!param.labels.trusted) return;
    findings.report(module.file, {
      code: "AF6002",
      at,
      message: `\`${param.name}\` must be trusted, but this trigger fills it with text from outside`,
      help: `take \`trusted\` from \`${param.name}\`, or fill it with a fixed text in the trigger's \`input\``,
    });
  }

  #name(name: Name): Taint {
    const symbol = this.#scope.module.symbolOf(name);
    switch (symbol?.kind) {
      case "parameter":
        return this.#params.get(symbol.name) ?? clean;
      case "step": {
        const { action } = symbol.node;
        return this.#graph.stepOf(action) === undefined ? clean : this.#action(action);
      }
      case "let":
        return symbol.scope === "local" ? this.#let(symbol.node) : clean;
      case "item":
        return asType(
          expressionTaint(symbol.node.list, this.#scope),
          this.#scope.module.typeOfSymbol(symbol),
        );
      case "previous":
      case "upstream":
        this.#isFedBack = true;
        return this.#outputs.get(symbol.node) ?? clean;
      case "state":
        // Whatever a run stored may have come from outside in that run.
        return asType(
          {
            untrusted: [
              {
                span: spanOf(this.#scope.module.file, symbol.node.name),
                message: `\`${symbol.name}\` was kept from earlier runs`,
              },
            ],
            private: null,
          },
          this.#scope.module.typeOfSymbol(symbol),
        );
      case "event":
        return {
          untrusted: [
            { span: spanOf(this.#scope.module.file, name), message: "an event comes from outside" },
          ],
          private: null,
        };
      default:
        return clean;
    }
  }

  #let(node: LetDeclaration): Taint {
    return this.#once(node, () => expressionTaint(node.value, this.#scope));
  }

  #once(node: Action | LetDeclaration, calculate: () => Taint): Taint {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    // Steps that wait for each other are reported elsewhere.
    this.#known.set(node, clean);
    const taint = calculate();
    this.#known.set(node, taint);
    return taint;
  }

  #action(action: Action): Taint {
    return this.#once(action, () => this.#calculate(action));
  }

  #calculate(action: Action): Taint {
    switch (action.kind) {
      case "invoke":
        return this.#invoke(action);
      case "if":
        return joinTaint(
          this.#body(action.then),
          action.else === null ? clean : this.#body(action.else),
        );
      case "match":
        return joinTaints(action.arms.map((arm) => this.#body(arm.body)));
      case "for":
      case "repeat": {
        const taint = joinTaint(this.#outputs.get(action) ?? clean, this.#body(action.block));
        this.#outputs.set(action, taint);
        return joinTaint(taint, this.#fallback(action.block));
      }
      case "race":
        return joinTaint(
          joinTaints(
            (this.#graph.blockOf(action.block)?.steps ?? []).map((step) =>
              this.#action(step.action),
            ),
          ),
          this.#fallback(action.block),
        );
    }
  }

  #body(body: Body): Taint {
    if (body.kind === "block") {
      const output = body.entries.find(
        (entry) => entry.kind === "setting" && entry.key.text === "output",
      );
      if (output?.kind === "setting" && output.value.kind === "invoke")
        return expressionTaint(output.value.expression, this.#scope);
    }
    const steps = this.#graph.blockOf(body)?.steps ?? [];
    const [only] = steps;
    if (steps.length === 1 && only?.node === null) return this.#action(only.action);
    return body.kind === "invoke" && steps.length === 0
      ? expressionTaint(body.expression, this.#scope)
      : clean;
  }

  #fallback(block: Block | null): Taint {
    const fallback = block?.entries.find(
      (entry) => entry.kind === "setting" && entry.key.text === "fallback",
    );
    return fallback?.kind === "setting" ? this.#body(fallback.value) : clean;
  }

  #invoke(action: Extract<Action, { kind: "invoke" }>): Taint {
    const step = this.#graph.stepOf(action);
    const call = step?.call;
    if (call === null || call === undefined) return expressionTaint(action.expression, this.#scope);
    return joinTaint(this.#call(call), this.#fallback(action.block));
  }

  #call(call: FlowCall): Taint {
    const { program, found } = this.#options;
    const { callee } = call.call;
    const place = spanOf(this.#scope.module.file, call.call.node);
    if (callee.kind === "action") {
      if (callee.name !== "receive") return clean;
      const taint = {
        untrusted: [{ span: place, message: "an event comes from outside" }],
        private: null,
      };
      return asType(taint, this.#scope.module.typeOfAction(call.invoke));
    }
    const targets = targetsOf(program, call, found.instance);
    const results = targets.map((target) => this.#target(target, call, place));
    this.#checkLegs(targets, call);
    return asType(joinTaints(results), this.#scope.module.typeOfAction(call.invoke));
  }

  #target(target: Instance, call: FlowCall, place: ReturnType<typeof spanOf>): Taint {
    const { program, agents, callFlow } = this.#options;
    const declaration = callable(program, target.symbol);
    const args = this.#arguments(call, target.symbol);
    switch (declaration?.kind) {
      case "tool":
        return toolTaint(declaration, place);
      case "agent":
        return agents.call(declaration, args, settingSymbol(program, call.settings.get("model")));
      case "flow":
        return callFlow(target, args);
      default:
        return clean;
    }
  }

  /** Labels of the arguments, checked against what the parameters allow. `memory` is an argument too. */
  #arguments(call: FlowCall, callee: GlobalSymbol): ArgumentTaints {
    const { program, findings } = this.#options;
    const { file } = this.#scope.module;
    const declared = callable(program, callee)?.signature.params ?? [];
    const taints = new Map<string, Taint>();
    for (const { parameter, node } of call.call.args) {
      const param = declared.find((candidate) => candidate.name === parameter.name) ?? parameter;
      const own = declaredTaint(param, file, node ?? call.call.node);
      const taint =
        node === null ? clean : asType(expressionTaint(node.value, this.#scope), param.type);
      if (taint === clean) {
        taints.set(parameter.name, own);
        continue;
      }
      if (node !== null && param.labels.trusted && taint.untrusted !== null) {
        findings.report(file, {
          code: "AF6002",
          at: node.value,
          message: `\`${parameter.name}\` of \`${callee.name}\` must be trusted, but this value comes from outside`,
          related: taint.untrusted,
          help: 'choose the value yourself or from a fixed set of texts; if you know that it is harmless, write `trust(value, reason: "…")`',
        });
      }
      const at: Node = node ?? call.call.node;
      taints.set(
        parameter.name,
        joinTaint(
          passing(taint, {
            span: spanOf(file, at),
            message: `passed to \`${callee.name}\` as \`${parameter.name}\``,
          }),
          own,
        ),
      );
    }
    const memory = writtenSetting(program, call.settings.get("memory"));
    if (memory !== null) taints.set("memory", expressionTaint(memory.expression, this.#scope));
    return taints;
  }

  /** AF6004: the legs of everybody who may have the conversation add up. */
  #checkLegs(targets: readonly Instance[], call: FlowCall): void {
    const { program, agents, findings } = this.#options;
    // Most agents can send nothing, and then nothing can be sent away.
    if (!targets.some((target) => effectsOf(program, target).sends)) return;
    const together =
      call.settings.has("handoffs") &&
      handoffsOf(program, call.settings.get("handoffs")).length > 0;
    const legs = targets.flatMap(
      (target): readonly { readonly symbol: GlobalSymbol; readonly legs: Legs }[] => {
        const agent = callable(program, target.symbol);
        return agent?.kind === "agent"
          ? [
              {
                symbol: target.symbol,
                legs: agents.legs(agent, this.#arguments(call, target.symbol)),
              },
            ]
          : [];
      },
    );
    const [first] = legs;
    if (first === undefined) return;
    const candidates = together
      ? [{ symbol: first.symbol, legs: joinLegs(...legs.map((one) => one.legs)) }]
      : legs;
    for (const { symbol, legs: all } of candidates) {
      if (all.untrusted === null || all.private === null || all.sends === null) continue;
      const sender = program.declarationOf(all.sends);
      findings.report(this.#scope.module.file, {
        code: "AF6004",
        at: call.call.node,
        message: together
          ? `the agents that \`${symbol.name}\` hands over to read text from outside, see private data, and can send with \`${all.sends.name}\``
          : `\`${symbol.name}\` reads text from outside, sees private data, and can send with \`${all.sends.name}\``,
        label: "a stranger could talk it into sending the data away",
        related: [
          ...all.untrusted,
          ...all.private,
          ...(sender === undefined || !("name" in sender.node)
            ? []
            : [
                {
                  span: spanOf(all.sends.file, sender.node.name),
                  message: "this sends without asking anybody",
                },
              ]),
        ],
        help: `let a person see each call: add \`confirm:\` with an agent to \`${all.sends.name}\`; or take away one of the three`,
      });
    }
  }
}
