import { postOrder } from "../graph/post-order.ts";
import type { GlobalSymbol } from "../names/symbol.ts";
import type { LetDeclaration, Name } from "../syntax/tree.ts";
import type { CheckedModule, CheckedProgram } from "../types/checked.ts";
import { namesInExpression } from "../flow/names-in.ts";
import type { Rule } from "./rule.ts";

/** Lets inside one another. A plan holds the value of a `let` at each place that mentions it. */
const mostLevels = 200;
/** Lets that one let takes in, each as often as it is mentioned on the way. */
const mostCopies = 10_000;
/** Fewer lets than this cannot take in too many. */
const fewLets = 14;

/** AF3010: what a `let` at the top of a file stands for is too much to write out where it is used. */
export const longLet: Rule = ({ program, module, report }) => {
  const sizes = sizesOf(program);
  if (sizes.size === 0) return;
  for (const symbol of module.symbols) {
    const size = sizes.get(symbol.id);
    const node = size === undefined ? undefined : letOf(program, symbol);
    if (size === undefined || node === undefined || !size.isFirst) continue;
    const isDeep = size.levels > mostLevels;
    report({
      code: "AF3010",
      at: node.name,
      message: isDeep
        ? `\`${symbol.name}\` is built from more than ${mostLevels} \`let\`s, each from the one before`
        : `\`${symbol.name}\` takes in other \`let\`s more than ${mostCopies.toLocaleString("en")} times`,
      help: "the value of a `let` is written out wherever it is used: build long values from short ones in a step, or in a tool",
    });
  }
};

interface Size {
  readonly levels: number;
  readonly copies: number;
  /** It is too large, and nothing in it is. */
  readonly isFirst: boolean;
}

const known = new WeakMap<CheckedProgram, ReadonlyMap<string, Size>>();

function sizesOf(program: CheckedProgram): ReadonlyMap<string, Size> {
  let sizes = known.get(program);
  if (sizes === undefined) known.set(program, (sizes = measure(program)));
  return sizes;
}

function measure(program: CheckedProgram): ReadonlyMap<string, Size> {
  const sizes = new Map<string, Size>();
  const lets: GlobalSymbol[] = [];
  for (const { symbols } of program.modules.values())
    for (const symbol of symbols) if (symbol.kind === "let") lets.push(symbol);
  if (lets.length < fewLets) return sizes;
  const needs = new Map<GlobalSymbol, readonly GlobalSymbol[]>();
  const needsOf = (symbol: GlobalSymbol): readonly GlobalSymbol[] => {
    let found = needs.get(symbol);
    if (found === undefined) needs.set(symbol, (found = mentionedLets(program, symbol)));
    return found;
  };
  for (const symbol of postOrder(lets, needsOf)) {
    let [levels, copies, isFirst] = [1, 1, true];
    for (const need of needsOf(symbol)) {
      const size = sizes.get(need.id);
      if (size === undefined) continue;
      levels = Math.max(levels, size.levels + 1);
      copies = Math.min(copies + size.copies, Number.MAX_SAFE_INTEGER);
      isFirst &&= size.levels <= mostLevels && size.copies <= mostCopies;
    }
    isFirst &&= levels > mostLevels || copies > mostCopies;
    sizes.set(symbol.id, { levels, copies, isFirst });
  }
  return sizes;
}

/** Each as often as it is mentioned. */
function mentionedLets(program: CheckedProgram, symbol: GlobalSymbol): readonly GlobalSymbol[] {
  const module = program.modules.get(symbol.file);
  const node = letOf(program, symbol);
  if (module === undefined || node === undefined) return [];
  return letsIn(module, node);
}

function letsIn(module: CheckedModule, node: LetDeclaration): readonly GlobalSymbol[] {
  const found: GlobalSymbol[] = [];
  const visit = (name: Name): void => {
    const symbol = module.symbolOf(name);
    if (symbol?.scope === "global" && symbol.kind === "let") found.push(symbol);
  };
  namesInExpression(node.value, visit, module);
  return found;
}

function letOf(program: CheckedProgram, symbol: GlobalSymbol): LetDeclaration | undefined {
  const declaration = program.declarationOf(symbol);
  return declaration?.kind === "let" ? declaration.node : undefined;
}
