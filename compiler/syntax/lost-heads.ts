import { closingOf, linesOf } from "./brackets.ts";
import type { Line } from "./brackets.ts";
import type { Change } from "./change.ts";
import {
  Arrow,
  BinaryOperator,
  Colon,
  Comma,
  Equals,
  FatArrow,
  Hole,
  If,
  LBrace,
  Match,
  Question,
} from "./tokens.ts";
import type { Token } from "./tokens.ts";

/**
 * The line that opened a block is missing: the lines of the block are still indented, and its `}` closes one too many. With a
 * head in its place, all steps inside stay where they were.
 */
export function* lostHeads(
  text: string,
  tokens: readonly Token[],
  index: number,
): Generator<Change> {
  const lines = linesOf(text, tokens);
  let tried = 0;
  for (let number = lines.length - 1; number > 0 && tried < 4; number -= 1) {
    const [above, line] = [lines[number - 1], lines[number]];
    if (above === undefined || line === undefined || line.first > index) continue;
    if (!isDeeper(tokens, above, line)) continue;
    tried += 1;
    const isArm = tokens
      .slice(line.first, Math.min(line.last + 1, line.first + 8))
      .some(({ tokenType }) => tokenType === FatArrow);
    const reason = {
      message: "the line that opens this block is missing",
      help: isArm
        ? 'arms stand in a block of their own: `match value { "a" => …, else => … }`'
        : "steps that belong together stand in a block, such as `step name = if condition { … }`",
    };
    const stead = [isArm ? Match : If, Hole, LBrace];
    yield { kind: "cut", at: line.first, count: 0, stead, reason };
  }
}

/** Further in than the line above, which neither opens anything nor goes on. */
function isDeeper(tokens: readonly Token[], above: Line, line: Line): boolean {
  const [end, start] = [tokens[above.last], tokens[line.first]];
  if (line.indent <= above.indent || end === undefined || start === undefined) return false;
  return closingOf(end) === undefined && !isInside(end) && !isInside(start);
}

/** Does a line that ends or starts with it belong together with its neighbour? */
function isInside({ tokenType }: Token): boolean {
  return (
    [Arrow, Colon, Comma, Equals, FatArrow, Question].some((kind) => kind === tokenType) ||
    (BinaryOperator.categoryMatchesMap?.[tokenType.tokenTypeIdx] ?? false)
  );
}
