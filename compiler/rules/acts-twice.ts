import { callsOf, targetsOf } from "../flow/calls.ts";
import { effectsOf } from "../flow/effects.ts";
import { noArguments, rangeOf } from "../flow/number-range.ts";
import { constantOf, constantTexts, writtenSetting } from "../flow/written.ts";
import { spanOf } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { Node } from "../syntax/tree.ts";
import type { CheckedProgram, ResolvedSetting } from "../types/checked.ts";
import { plainInstance } from "../types/instance.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF5005: what is tried again must not act again. Looks through called flows and agents' tools. */
export const actsTwice: Rule = (context) => {
  const { program, module, flows } = context;
  for (const declaration of context.declarations) {
    if (declaration.kind !== "tool" && declaration.kind !== "agent") continue;
    const { symbol, node, settings } = declaration;
    const { repeats } = effectsOf(program, plainInstance(symbol));
    if (repeats !== null) check({ settings, what: symbol, repeats, at: node.name }, context);
  }
  for (const flow of flows) {
    const own = plainInstance(flow.symbol);
    for (const call of callsOf(module, flow)) {
      const target = targetsOf(program, call, own).find(
        (one) => effectsOf(program, one).repeats !== null,
      );
      const repeats = target === undefined ? null : effectsOf(program, target).repeats;
      if (target !== undefined && repeats !== null)
        check(
          { settings: call.settings, what: target.symbol, repeats, at: call.call.node },
          context,
        );
    }
  }
};

type Settings = ReadonlyMap<string, ResolvedSetting>;

interface Repeated {
  readonly settings: Settings;
  readonly what: GlobalSymbol;
  /** From `what` to the tool that would act again. */
  readonly repeats: readonly GlobalSymbol[];
  /** Where to point if the setting stands in another file. */
  readonly at: Node;
}

/** Failures with these codes prove that nothing happened. */
const harmlessCodes = new Set(["rate_limited", "circuit_open"]);

function check(
  { settings, what, repeats, at }: Repeated,
  { program, module, report }: RuleContext,
): void {
  const setting = triesAgain(program, settings);
  const tool = repeats.at(-1);
  if (setting === null || tool === undefined) return;
  const declaration = program.declarationOf(tool);
  const related =
    declaration === undefined
      ? []
      : [
          {
            span: spanOf(tool.file, nameOf(declaration.node)),
            message: `\`${tool.name}\` acts each time it is called`,
          },
        ];
  const through =
    repeats.length > 1
      ? ` through ${repeats
          .slice(1)
          .map((symbol) => `\`${symbol.name}\``)
          .join(", then ")}`
      : "";
  report({
    code: "AF5005",
    at: setting.file === module.file ? setting.node : at,
    message:
      setting.key === "restart"
        ? `\`${what.name}\` is started again after a crash and may then act twice${through}`
        : `\`${what.name}\` is tried again when it fails and may then act twice${through}`,
    related: repeats.length > 1 || tool.file !== module.file ? related : [],
    help: `tell the callee which calls are repeats: \`idempotency: ${keyOf(program, tool)}\` on \`${tool.name}\`; or ${
      setting.key === "restart"
        ? "leave `restart` out: a call that a crash caught then fails with `interrupted`"
        : 'try again only after `retryOn: ["rate_limited"]`, which proves that nothing happened'
    }`,
  });
}

/** How a tool passes the key of a call on: in a header, or with the arguments. */
function keyOf(program: CheckedProgram, tool: GlobalSymbol): string {
  const declaration = program.declarationOf(tool);
  const isHttp = declaration?.kind === "tool" && declaration.settings.has("http");
  return isHttp ? '"Idempotency-Key"' : "true";
}

/** The setting that makes it happen again, unless only harmless failures are tried again. */
function triesAgain(program: CheckedProgram, settings: Settings): ResolvedSetting | null {
  const restart = settings.get("restart");
  if (restart !== undefined && constantOf(program, writtenSetting(program, restart)) === true)
    return restart;
  const attempts = settings.get("attempts");
  const written = writtenSetting(program, attempts);
  if (attempts === undefined || written === null) return null;
  const most = rangeOf(written.expression, {
    program,
    module: written.module,
    args: noArguments,
  }).max;
  if (most !== null && most <= 1) return null;
  const codes = constantTexts(program, writtenSetting(program, settings.get("retryOn")));
  return codes !== undefined && codes.every((code) => harmlessCodes.has(code)) ? null : attempts;
}

function nameOf(node: Node): Node {
  return "name" in node && typeof node.name === "object" && node.name !== null
    ? (node.name as Node)
    : node;
}
