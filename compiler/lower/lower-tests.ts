import type { Expression as PlanExpression } from "../../plan/expression.ts";
import type { ExpectPlan, StubPlan, TestPlan, TestStep } from "../../plan/test-plan.ts";
import { resolvedCall } from "../flow/flow-graph.ts";
import { innermost } from "../flow/innermost.ts";
import {
  constantNumber,
  constantText,
  writtenList,
  writtenRecord,
  writtenSetting,
} from "../flow/written.ts";
import type { Written } from "../flow/written.ts";
import type { Interpolation, Step, TestDeclaration } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram, Instance, ResolvedCall } from "../types/checked.ts";
import { instanceOf, plainInstance } from "../types/instance.ts";
import { lineStarts, positionAt } from "./line-starts.ts";
import { lowerArguments } from "./lower-arguments.ts";
import { fileScope } from "./lower-context.ts";
import type { Scope } from "./lower-context.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerProgram } from "./lower-program.ts";
import { constant, lowerWritten, settingEntries, settingText, when } from "./lower-settings.ts";

export interface LowerTestsOptions {
  readonly program: CheckedProgram;
  /** Path of the file whose tests these are. */
  readonly entry: string;
  readonly untrusted: ReadonlySet<Interpolation>;
}

/** The tests of the entry file, each with a plan of the flows it runs. */
export function lowerTests({ program, entry, untrusted }: LowerTestsOptions): readonly TestPlan[] {
  const module = program.modules.get(entry);
  if (module === undefined) return [];
  const starts = lineStarts(module.parse.text);
  return module.tests.map((test) => {
    const runs = flowRuns(program, module, test);
    const { plan, context } = lowerProgram({
      program,
      entry,
      roots: runs.map((run) => run.instance),
      untrusted,
    });
    const file = fileScope(context, entry);
    const settings = module.settingsOf(test.block);
    const lineOf = (offset: number): number => positionAt(starts, offset).line;
    if (file === null) return emptyTest(test, plan, entry);
    const scope: Scope = { ...file, writesOutLets: true };
    return {
      title: titleOf(test),
      file: entry,
      line: lineOf(test.start),
      plan,
      stubs: lowerStubs(writtenSetting(program, settings.get("stub")), scope),
      config: Object.fromEntries(settingEntries(settings, "config", scope) ?? []),
      steps: runs.map((run) => lowerRun(run, scope, lineOf)),
      expects: test.block.entries.flatMap((item): readonly ExpectPlan[] => {
        if (item.kind !== "expect") return [];
        const text = module.parse.text.slice(item.condition.start, item.condition.end);
        return [
          { condition: lowerExpression(item.condition, scope), text, line: lineOf(item.start) },
        ];
      }),
      ...when("replay", settingText(settings, "replay", context)),
    };
  });
}

function emptyTest(test: TestDeclaration, plan: TestPlan["plan"], file: string): TestPlan {
  return {
    title: titleOf(test),
    file,
    line: 1,
    plan,
    stubs: {},
    config: {},
    steps: [],
    expects: [],
  };
}

function titleOf(test: TestDeclaration): string {
  return test.title.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
}

interface FlowRun {
  readonly step: Step;
  readonly call: ResolvedCall;
  readonly instance: Instance;
}

function flowRuns(
  program: CheckedProgram,
  module: CheckedModule,
  test: TestDeclaration,
): readonly FlowRun[] {
  return test.block.entries.flatMap((step): readonly FlowRun[] => {
    const call = step.kind === "step" ? resolvedCall(module, step.action) : null;
    if (step.kind !== "step" || call === null || call.callee.kind !== "flow") return [];
    const instance = instanceOf(program, module, call, plainInstance(call.callee.symbol));
    return instance === undefined ? [] : [{ step, call, instance }];
  });
}

function lowerRun(
  { step, call, instance }: FlowRun,
  scope: Scope,
  lineOf: (offset: number) => number,
): TestStep {
  return {
    name: step.name.text,
    flow: scope.context.names.ofFlow(instance),
    arguments: lowerArguments(call.args, scope),
    line: lineOf(step.start),
  };
}

function lowerStubs(
  written: Written | null,
  scope: Scope,
): { readonly [callable: string]: StubPlan } {
  const entries = written === null ? null : writtenRecord(scope.context.program, written);
  const stubs = [...(entries ?? [])].flatMap(
    ([key, stub]): readonly (readonly [string, StubPlan])[] => {
      const symbol = scope.module.names.get(key);
      return symbol === undefined ? [] : [[scope.context.names.of(symbol), lowerStub(stub, scope)]];
    },
  );
  return Object.fromEntries(stubs);
}

/** `fail(…)`, `sequence(…)`, `costs(…)`, `slow(…)`, or a value. */
function lowerStub(stub: Written, scope: Scope): StubPlan {
  const { program } = scope.context;
  const expression = innermost(stub.expression);
  const call = expression.kind === "call" ? stub.module.callOf(expression) : undefined;
  const name =
    call?.callee.kind === "test" || call?.callee.kind === "action" ? call.callee.name : null;
  if (call === undefined || name === null)
    return { kind: "value", value: lowerWritten(stub, scope) };
  const [first = null, second = null] = call.args.map(({ node }): Written | null =>
    node === null ? null : { expression: node.value, module: stub.module },
  );
  switch (name) {
    case "fail":
      return {
        kind: "fail",
        code: constantText(program, first) ?? "internal",
        message: constantText(program, second) ?? "",
      };
    case "sequence": {
      const items = first === null ? [] : (writtenList(program, first) ?? []);
      return { kind: "sequence", items: items.map((item) => lowerStub(item, scope)) };
    }
    case "costs":
      return {
        kind: "costs",
        amount: constantNumber(program, first) ?? 0,
        then: lowerThen(second, scope),
      };
    case "slow":
      return {
        kind: "slow",
        delayMs: constantNumber(program, first) ?? 0,
        then: lowerThen(second, scope),
      };
    default:
      return { kind: "value", value: nothing };
  }
}

const nothing: PlanExpression = constant(null);

function lowerThen(value: Written | null, scope: Scope): StubPlan {
  return value === null ? { kind: "value", value: nothing } : lowerStub(value, scope);
}
