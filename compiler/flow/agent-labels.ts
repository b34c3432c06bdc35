import type { Span } from "../diagnostics/diagnostic.ts";
import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Expression, Node, StringLiteral } from "../syntax/tree.ts";
import type { CheckedAgent, CheckedProgram, CheckedTool, Instance } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Parameter } from "../types/type.ts";
import { isPerson } from "./agent-bounds.ts";
import { expressionTaint } from "./expression-labels.ts";
import type { LabelScope } from "./expression-labels.ts";
import type { LabelFindings } from "./label-findings.ts";
import { asType, canCarryText, clean, joinTaints } from "./taint.ts";
import type { ArgumentTaints, Taint, Trail } from "./taint.ts";
import { toolEffect } from "./tool-effect.ts";
import { callable, toolsOf } from "./uses.ts";
import type { WrittenTool } from "./uses.ts";
import { follow, writtenSetting } from "./written.ts";

/** The three things that together let a stranger talk an agent into giving data away. */
export interface Legs {
  readonly untrusted: Trail | null;
  readonly private: Trail | null;
  /** A tool that sends without asking anybody. */
  readonly sends: GlobalSymbol | null;
}

const noLegs: Legs = { untrusted: null, private: null, sends: null };

export function joinLegs(...parts: readonly Legs[]): Legs {
  return {
    untrusted: parts.find((part) => part.untrusted !== null)?.untrusted ?? null,
    private: parts.find((part) => part.private !== null)?.private ?? null,
    sends: parts.find((part) => part.sends !== null)?.sends ?? null,
  };
}

/** What comes out of a tool, and what it does. */
export function toolTaint(tool: CheckedTool, place: Span): Taint {
  const { settings, signature } = tool;
  const { returnLabels, returns } = signature;
  const outside = settings.has("module") ? returnLabels.untrusted : !returnLabels.trusted;
  if (!outside && !returnLabels.private) return clean;
  const label = { span: place, message: `what \`${tool.symbol.name}\` returns comes from outside` };
  const secretive = { span: place, message: `what \`${tool.symbol.name}\` returns is private` };
  const taint = {
    untrusted: outside ? [label] : null,
    private: returnLabels.private ? [secretive] : null,
  };
  return asType(taint, returns);
}

type CallFlow = (instance: Instance, args: ArgumentTaints) => Taint;

export class AgentLabels {
  readonly #program: CheckedProgram;
  readonly #findings: LabelFindings;
  readonly #callFlow: CallFlow;
  readonly #busy = new Set<string>();

  constructor(program: CheckedProgram, findings: LabelFindings, callFlow: CallFlow) {
    this.#program = program;
    this.#findings = findings;
    this.#callFlow = callFlow;
  }

  /** What an agent answers when it is called with such arguments. Reports what must not reach its instructions. */
  call(agent: CheckedAgent, args: ArgumentTaints, model: GlobalSymbol | null): Taint {
    // Without labels in the arguments, there are none in its texts.
    for (const taint of args.values()) {
      if (taint === clean) continue;
      this.#checkTexts(agent, args);
      break;
    }
    // What a person answers is trusted: they have seen what they approve.
    if (isPerson(this.#program, agent, model)) return clean;
    const { untrusted, private: secretive } = this.legs(agent, args);
    if (untrusted === null && secretive === null) return clean;
    return asType({ untrusted, private: secretive }, agent.signature.returns);
  }

  legs(agent: CheckedAgent, args: ArgumentTaints): Legs {
    const { id } = agent.symbol;
    if (this.#busy.has(id)) return noLegs;
    this.#busy.add(id);
    const reads = joinTaints(args.values());
    const tools = toolsOf(this.#program, agent).map((tool) => this.#toolLegs(tool, agent));
    this.#busy.delete(id);
    const legs = joinLegs(
      { ...noLegs, untrusted: reads.untrusted, private: reads.private },
      ...tools,
    );
    if (legs.untrusted !== null) this.#checkChosen(agent, legs.untrusted);
    return legs;
  }

  #toolLegs(tool: WrittenTool, agent: CheckedAgent): Legs {
    const { module, expression } = tool.at;
    const place = spanOf(module.file, expression);
    const declaration = callable(this.#program, tool.symbol);
    switch (declaration?.kind) {
      case "tool": {
        const taint = toolTaint(declaration, place);
        const sends =
          toolEffect(this.#program, declaration).effect === "send" &&
          !declaration.settings.has("confirm");
        return {
          untrusted: taint.untrusted,
          private: taint.private,
          sends: sends ? tool.symbol : null,
        };
      }
      case "agent":
        return declaration.symbol.id === agent.symbol.id
          ? noLegs
          : this.legs(declaration, new Map());
      case "flow": {
        const taint = this.#callFlow(plainInstance(tool.symbol), new Map());
        return { untrusted: taint.untrusted, private: taint.private, sends: null };
      }
      default:
        return noLegs;
    }
  }

  /** Marks what a prompt must fence, and reports what stands in `system`. */
  #checkTexts(agent: CheckedAgent, args: ArgumentTaints): void {
    for (const key of ["prompt", "system"] as const) {
      const written = writtenSetting(this.#program, agent.settings.get(key));
      if (written === null) continue;
      const { expression: setting, module } = follow(this.#program, written);
      // An included file is a template like one that stands here.
      const expression = setting.kind === "call" ? (module.includeOf(setting) ?? setting) : setting;
      const scope: LabelScope = {
        program: this.#program,
        module,
        ofName: (name) => args.get(name.text) ?? clean,
      };
      if (expression.kind === "string") this.#checkText(expression, key, agent, scope);
      else if (key === "system") this.#checkSystem(expression, agent, scope);
    }
  }

  #checkText(
    text: StringLiteral,
    key: "prompt" | "system",
    agent: CheckedAgent,
    scope: LabelScope,
  ): void {
    for (const part of text.parts) {
      if (
        part.kind !== "interpolation" ||
        expressionTaint(part.expression, scope).untrusted === null
      )
        continue;
      if (key === "prompt") this.#findings.reach(part);
      else this.#checkSystem(part.expression, agent, scope);
    }
  }

  #checkSystem(expression: Expression, agent: CheckedAgent, scope: LabelScope): void {
    const { untrusted } = expressionTaint(expression, scope);
    if (untrusted === null) return;
    this.#findings.report(scope.module.file, {
      code: "AF6001",
      at: expression,
      message: `text from outside would become part of the instructions of \`${agent.symbol.name}\``,
      label: "obeyed as if you had written it",
      related: untrusted,
      help: 'move it to `prompt`, where it is marked as material; if you know that it is harmless, write `trust(value, reason: "…")` where it comes in',
    });
  }

  /** A model that has read untrusted text chooses arguments under its influence. */
  #checkChosen(agent: CheckedAgent, trail: Trail): void {
    for (const tool of toolsOf(this.#program, agent)) {
      const params = callable(this.#program, tool.symbol)?.signature.params ?? [];
      const fixed = new Set(
        tool.call?.args
          .filter((argument) => argument.node !== null)
          .map((argument) => argument.parameter.name),
      );
      const open = params.find(
        (param) => param.labels.trusted && canCarryText(param.type) && !fixed.has(param.name),
      );
      if (open === undefined) continue;
      const { module, expression } = tool.at;
      this.#findings.report(module.file, {
        code: "AF6002",
        at: expression,
        message: `\`${agent.symbol.name}\` reads text from outside and would choose \`${open.name}\` of \`${tool.symbol.name}\`, which must be trusted`,
        related: trail,
        help: `fix the argument, so that the model neither sees nor changes it: \`${tool.symbol.name}(${open.name}: …)\``,
      });
    }
  }
}

/** Labels that are written at a parameter, on top of those of the argument. */
export function declaredTaint({ name, labels }: Parameter, file: string, at: Node): Taint {
  if (!labels.untrusted && !labels.private) return clean;
  const place = spanOf(file, at);
  return {
    untrusted: labels.untrusted
      ? [{ span: place, message: `\`${name}\` is declared untrusted` }]
      : null,
    private: labels.private ? [{ span: place, message: `\`${name}\` is declared private` }] : null,
  };
}
