import type { Edit } from "../diagnostics/diagnostic.ts";
import { resolvedCall } from "../flow/flow-graph.ts";
import { reachOf } from "../flow/reach.ts";
import { callable } from "../flow/uses.ts";
import { follow, writtenRecord, writtenSetting } from "../flow/written.ts";
import { insert } from "../names/reporter.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import { someOf } from "../names/suggest.ts";
import type { TestDeclaration } from "../syntax/tree.ts";
import { instanceOf, plainInstance } from "../types/instance.ts";
import type { Type } from "../types/type.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** AF8004: a test runs offline, so everything that would leave the machine has an answer in it. */
export const missingStub: Rule = (context) => {
  for (const test of context.tests) if (!context.isFaulty(test)) checkTest(test, context);
};

function checkTest(test: TestDeclaration, { program, module, report }: RuleContext): void {
  const settings = module.settingsOf(test.block);
  if (settings.has("replay")) return;
  const roots = test.block.entries.flatMap((entry) => {
    const call = entry.kind === "step" ? resolvedCall(module, entry.action) : null;
    if (call?.callee.kind !== "flow") return [];
    return instanceOf(program, module, call, plainInstance(call.callee.symbol)) ?? [];
  });
  const written = writtenSetting(program, settings.get("stub"));
  const stubs = written === null ? null : writtenRecord(program, written);
  const stubbed = new Set(
    [...(stubs?.keys() ?? [])].flatMap((key) => module.names.get(key)?.id ?? []),
  );
  // The flow that is run answers for itself, whatever is said to stand for it elsewhere.
  const reach = reachOf(program, roots, { except: stubbed });
  const needed = [...reach.agents.values(), ...reach.tools.values()].filter(
    (symbol) => !stubbed.has(symbol.id),
  );
  if (needed.length === 0) return;
  const names = needed.map((symbol) => `\`${symbol.name}\``).sort();
  const edit =
    written === null
      ? newStub(test, needed, module.file, program)
      : moreStubs(follow(program, written), needed, module.file, program);
  report({
    code: "AF8004",
    at: written === null ? test.title : written.expression,
    message: `${someOf(names)} ${names.length === 1 ? "has" : "have"} no answer in this test`,
    help: "tests run offline: give each agent and tool an answer in `stub`, or a recorded run in `replay`",
    fixes: edit === null ? [] : [{ title: "add the missing stubs", edits: [edit], safe: false }],
  });
}

type Program = RuleContext["program"];

function newStub(
  test: TestDeclaration,
  needed: readonly GlobalSymbol[],
  file: string,
  program: Program,
): Edit {
  return insert(file, test.block.start + 1, `\n  stub: {\n${lines(needed, program)}  }\n`);
}

function moreStubs(
  record: ReturnType<typeof follow>,
  needed: readonly GlobalSymbol[],
  file: string,
  program: Program,
): Edit | null {
  if (record.expression.kind !== "record" || record.module.file !== file) return null;
  return insert(file, record.expression.start + 1, `\n${lines(needed, program)}`);
}

function lines(needed: readonly GlobalSymbol[], program: Program): string {
  return needed
    .map(
      (symbol) => `    ${symbol.name}: ${sample(callable(program, symbol)?.signature.returns)}\n`,
    )
    .join("");
}

/** A value that fits the type, as the smallest start of an answer. */
function sample(type: Type | undefined, depth = 0): string {
  switch (type?.kind) {
    case "string":
    case "file":
    case "secret":
    case "code":
      return '"text"';
    case "url":
      return '"https://example.com"';
    case "email":
      return '"somebody@example.com"';
    case "date":
      return '"2026-01-31"';
    case "time":
      return '"2026-01-31T08:00:00Z"';
    case "literal":
      return JSON.stringify(type.value);
    case "bool":
      return "true";
    case "int":
      return String(type.min ?? Math.min(1, type.max ?? 1));
    case "float":
      return String(type.min ?? Math.min(1, type.max ?? 1));
    case "money":
      return `$${(type.min ?? 1_000_000) / 1_000_000}`;
    case "duration":
      return `${Math.ceil((type.min ?? 1_000) / 1_000)}s`;
    case "list":
      return type.min === null || type.min === 0
        ? "[]"
        : `[${Array.from({ length: Math.min(type.min, 10) }, () => sample(type.item, depth + 1)).join(", ")}]`;
    case "record":
      if (depth > 4) return "{}";
      return `{ ${[...type.fields.values()].map((field) => `${field.name}: ${sample(field.type, depth + 1)}`).join(", ")} }`;
    case "union":
      return sample(type.members[0], depth + 1);
    default:
      return "null";
  }
}
