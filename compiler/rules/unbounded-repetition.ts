import { flowGraph } from "../flow/flow-graph.ts";
import { noArguments, rangeOf } from "../flow/number-range.ts";
import { writtenSetting } from "../flow/written.ts";
import { insert } from "../names/reporter.ts";
import type { Repeat } from "../syntax/tree.ts";
import type { ResolvedSetting } from "../types/checked.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF5002: rounds, continued runs and attempts end somewhere. */
export const unboundedRepetition: Rule = (context) => {
  const { module, flows } = context;
  for (const declaration of context.declarations) {
    const { kind } = declaration;
    if (kind === "agent" || kind === "tool" || kind === "model")
      checkLimit(declaration.settings.get("attempts"), context);
  }
  for (const flow of flows) {
    for (const step of flowGraph(module, flow).steps) {
      const { action, call } = step;
      if (action.kind === "repeat") checkRepeat(action, context);
      if (call === null) continue;
      checkLimit(call.settings.get("attempts"), context);
      const { callee } = call.call;
      if (callee.kind === "action" && callee.name === "continue" && !call.settings.has("maxRuns")) {
        context.report({
          code: "AF5002",
          at: call.call.node.callee,
          message: "`continue` does not say how many runs may follow one another",
          help: "add the most you would accept: `continue(…) { maxRuns: 100 }`",
          fixes:
            call.invoke.block === null
              ? [
                  {
                    title: "add `maxRuns: 100`",
                    edits: [insert(module.file, call.invoke.end, " { maxRuns: 100 }")],
                    safe: false,
                  },
                ]
              : [],
        });
      }
    }
  }
};

function checkRepeat(action: Repeat, context: RuleContext): void {
  const { module, report } = context;
  const rounds = module.settingsOf(action.block).get("maxRounds");
  if (rounds !== undefined) {
    checkLimit(rounds, context);
    return;
  }
  report({
    code: "AF5002",
    at: { start: action.start, end: action.start + "repeat".length },
    message: "this loop does not say how many rounds it may take",
    help: "add the most you would accept, such as `maxRounds: 3`; when they are used up, the last round's output counts",
    fixes: [
      {
        title: "add `maxRounds: 3`",
        edits: [insert(module.file, action.block.start + 1, " maxRounds: 3 ")],
        safe: false,
      },
    ],
  });
}

/** A constant, or a parameter whose type has an upper bound. */
function checkLimit(
  setting: ResolvedSetting | undefined,
  { program, module, report }: RuleContext,
): void {
  const written = writtenSetting(program, setting);
  // A value that came through a spread is reported where it is used only once: in the file that wrote it.
  if (setting === undefined || written === null || setting.file !== module.file) return;
  const range = rangeOf(written.expression, { program, module: written.module, args: noArguments });
  if (range.max !== null || written.module.typeOf(written.expression).kind === "error") return;
  report({
    code: "AF5002",
    at: written.expression,
    message: `\`${setting.key}\` has no upper limit here`,
    help: "use a number, or a parameter whose type has a bound, such as `int(1..5)`",
  });
}
