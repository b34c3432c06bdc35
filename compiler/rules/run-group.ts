import type { BodySummaries, BodySummary } from "../flow/body-summary.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { faultDiagnostic } from "../names/reporter.ts";
import type { Fault } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Block, Declaration } from "../syntax/tree.ts";
import type { CheckedFlow, CheckedModule, CheckedProgram } from "../types/checked.ts";
import type { RuleGroup, SubjectKind } from "./rule-groups.ts";
import type { DeclarationWithSettings, Rule, RuleContext } from "./rule.ts";

type Subject = Pick<RuleContext, "declarations" | "tests" | "configs" | "flows">;

interface RunOptions {
  readonly program: CheckedProgram;
  readonly module: CheckedModule;
  /** What was reported in the file so far. */
  readonly faults: readonly Diagnostic[];
  readonly summaries: BodySummaries;
}

/** What rules find in one file. */
export class RuleRun {
  readonly #program: CheckedProgram;
  readonly #module: CheckedModule;
  readonly #faults: readonly Diagnostic[];
  readonly #context: Context;
  /** Everything the file declares. */
  #all: Subject | null = null;

  constructor(options: RunOptions) {
    this.#program = options.program;
    this.#module = options.module;
    this.#faults = options.faults;
    this.#context = new Context(options, (node) => this.#isFaulty(node));
  }

  /** In everything the file declares. */
  inAll(rules: readonly Rule[]): readonly Diagnostic[] {
    if (rules.length === 0) return nothing;
    const { symbols, tests, configs } = this.#module;
    this.#all ??= { ...this.#declared(symbols), tests, configs };
    return this.#run(rules, this.#all);
  }

  /** By rules that ask for nothing but the program and the file. */
  inProgram(rules: readonly Rule[]): readonly Diagnostic[] {
    return rules.length === 0 ? nothing : this.#run(rules, noSubject);
  }

  /** In one declaration. */
  inOne({ declared }: RuleGroup, node: Declaration): readonly Diagnostic[] {
    const kind = kindOf(node);
    const rules = kind === null ? [] : declared[kind];
    const subject = rules.length === 0 ? null : this.#subjectOf(node);
    return subject === null ? nothing : this.#run(rules, subject);
  }

  #subjectOf(node: Declaration): Subject | null {
    const { configs, names } = this.#module;
    switch (node.kind) {
      case "type":
      case "let":
        return null;
      case "test":
        return { ...noSubject, tests: [node] };
      case "config":
        // One space for all of them: looked at once.
        return node === configs[0] ? { ...noSubject, configs } : null;
      default: {
        const symbol = names.get(node.name.text);
        if (symbol === undefined || this.#isSecond(symbol, node)) return null;
        return { ...noSubject, ...this.#declared([symbol]) };
      }
    }
  }

  /** A second declaration of a name was reported. */
  #isSecond(symbol: GlobalSymbol, node: Declaration): boolean {
    return this.#faults.length > 0 && this.#program.declarationOf(symbol)?.node !== node;
  }

  #declared(symbols: readonly GlobalSymbol[]): Pick<Subject, "declarations" | "flows"> {
    const declarations: DeclarationWithSettings[] = [];
    const flows: CheckedFlow[] = [];
    for (const symbol of symbols) {
      if (symbol.kind === "type" || symbol.kind === "let") continue;
      const declaration = this.#program.declarationOf(symbol);
      if (declaration === undefined || !("settings" in declaration)) continue;
      if (this.#isFaulty(declaration.node)) continue;
      declarations.push(declaration);
      if (declaration.kind === "flow") flows.push(declaration);
    }
    return { declarations, flows };
  }

  #isFaulty(node: Parameters<RuleContext["isFaulty"]>[0]): boolean {
    return this.#faults.some(({ span }) => span.start < node.end && span.end >= node.start);
  }

  #run(rules: readonly Rule[], subject: Subject): readonly Diagnostic[] {
    const context = this.#context;
    context.declarations = subject.declarations;
    context.tests = subject.tests;
    context.configs = subject.configs;
    context.flows = subject.flows;
    for (const rule of rules) rule(context);
    const { found } = context;
    if (found.length === 0) return nothing;
    context.found = [];
    return found;
  }
}

/** One for all declarations of a file, which rules look at one after the other. */
class Context implements RuleContext {
  readonly program: CheckedProgram;
  readonly module: CheckedModule;
  declarations: RuleContext["declarations"] = [];
  tests: RuleContext["tests"] = [];
  configs: RuleContext["configs"] = [];
  flows: RuleContext["flows"] = [];
  found: Diagnostic[] = [];
  readonly isFaulty: RuleContext["isFaulty"];
  readonly #summaries: BodySummaries;

  constructor({ program, module, summaries }: RunOptions, isFaulty: RuleContext["isFaulty"]) {
    this.program = program;
    this.module = module;
    this.isFaulty = isFaulty;
    this.#summaries = summaries;
  }

  readonly summaryOf = (block: Block): BodySummary => this.#summaries.of(block);

  readonly add = (diagnostic: Diagnostic): void => {
    this.found.push(diagnostic);
  };

  readonly report = (fault: Fault): void => {
    this.found.push(faultDiagnostic(this.module.file, fault));
  };

  readonly warn = (fault: Fault): void => {
    this.found.push({ ...faultDiagnostic(this.module.file, fault), severity: "warning" });
  };
}

function kindOf({ kind }: Declaration): SubjectKind | null {
  switch (kind) {
    case "type":
    case "let":
      return null;
    case "flow":
    case "test":
    case "config":
      return kind;
    default:
      return "settings";
  }
}

const nothing: readonly Diagnostic[] = [];
const noSubject: Subject = { declarations: [], tests: [], configs: [], flows: [] };
