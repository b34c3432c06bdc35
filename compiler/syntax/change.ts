import { isBlank, isLineBreak, lineEnd } from "./characters.ts";
import { Hole, Identifier, Token } from "./tokens.ts";
import type { TokenKind } from "./tokens.ts";

/**
 * A change of a unit's tokens that may mend a fault. Positions are indices into the tokens before the change.
 */
export type Change =
  | {
      readonly kind: "insert";
      readonly at: number;
      readonly what: TokenKind;
      readonly image?: string;
      /** Where between its neighbours; `behind` the one before if not given. */
      readonly side?: Side;
    }
  | { readonly kind: "remove"; readonly at: number }
  | {
      readonly kind: "replace";
      readonly at: number;
      readonly what: TokenKind;
      readonly image?: string;
    }
  /** A keyword that stands where a name does is taken as a name. */
  | { readonly kind: "rename"; readonly at: number }
  /** Two values with nothing between them become one unknown value. */
  | { readonly kind: "join"; readonly at: number }
  /** `step x: f()` is read as `step x = f()`. */
  | { readonly kind: "habit"; readonly at: number; readonly what: TokenKind }
  /** `>=` that ends a list of types and starts a default is two signs; nobody need know. */
  | { readonly kind: "split"; readonly at: number; readonly what: readonly [TokenKind, TokenKind] }
  /** What could not be read is left out, and these stand for it. */
  | {
      readonly kind: "cut";
      readonly at: number;
      readonly count: number;
      readonly stead: readonly (TokenKind | Token)[];
      /** What is wrong, where that is known better than the fault tells. */
      readonly reason?: {
        readonly message: string;
        readonly help: string;
        /** The text that belongs in the place of what is left out. */
        readonly fix?: string;
        /** How many of the tokens that are left out are wrong, if not all. */
        readonly count?: number;
      };
    };

/** `own line` is for a closing bracket that belongs on a line of its own. */
export type Side = "behind" | "before" | "own line";

/** The tokens after the change; the given ones stay as they are. */
export function applyChange(text: string, tokens: readonly Token[], change: Change): Token[] {
  const { at } = change;
  const token = tokens[at];
  switch (change.kind) {
    case "insert": {
      const offset = gapBefore(text, tokens, change);
      const inserted = new Token(change.what, offset, offset, change.image ?? "");
      // What is written above a declaration without its keyword documents the declaration.
      inserted.doc = token?.doc ?? null;
      return splice(tokens, { at, count: 0 }, [inserted]);
    }
    case "remove":
      return splice(tokens, { at, count: 1 }, []);
    case "replace":
    case "habit": {
      const { start = 0, end = 0 } = token ?? {};
      const image = change.kind === "replace" ? (change.image ?? "") : "";
      const stead = new Token(change.what, start, end, image);
      stead.doc = token?.doc ?? null;
      return splice(tokens, { at, count: 1 }, [stead]);
    }
    case "rename":
      return token === undefined ? [...tokens] : splice(tokens, { at, count: 1 }, [renamed(token)]);
    case "join": {
      const start = tokens[at - 1]?.start ?? 0;
      return splice(tokens, { at: at - 1, count: 2 }, [
        new Token(Hole, start, token?.end ?? start, ""),
      ]);
    }
    case "split": {
      const { start = 0, end = 0 } = token ?? {};
      const [first, second] = change.what;
      const signs = [new Token(first, start, start + 1, ""), new Token(second, start + 1, end, "")];
      return splice(tokens, { at, count: 1 }, signs);
    }
    case "cut": {
      const start = token?.start ?? tokens.at(-1)?.end ?? 0;
      const end = Math.max(tokens[at + change.count - 1]?.end ?? start, start);
      const stead = change.stead.map((one) =>
        one instanceof Token ? one : new Token(one, start, one === Hole ? end : start, ""),
      );
      return splice(tokens, { at, count: change.count }, stead);
    }
  }
}

function splice(
  tokens: readonly Token[],
  { at, count }: { at: number; count: number },
  stead: readonly Token[],
): Token[] {
  return [...tokens.slice(0, at), ...stead, ...tokens.slice(at + count)];
}

function renamed({ start, end, image, doc }: Token): Token {
  const name = new Token(Identifier, start, end, image);
  name.doc = doc;
  return name;
}

/** Where something is missing that belongs between the token at `at` and the one before. */
export function gapBefore(
  text: string,
  tokens: readonly Token[],
  { at, side = "behind" }: { at: number; side?: Side },
): number {
  const previous = tokens[at - 1];
  const next = tokens[at];
  if (previous === undefined) return next?.start ?? 0;
  if (side === "before" && next !== undefined) return next.start;
  if (side === "behind") return previous.end;
  return ownLineAfter(text, previous.end, next?.start ?? text.length);
}

/** In characters: what may stand behind a token on its line, such as a comment. */
const longestRest = 500;

/** The line below, if the text has kept it free for what should stand there; else the given offset. */
function ownLineAfter(text: string, offset: number, limit: number): number {
  const end = lineEnd(text, offset, Math.min(limit, offset + longestRest));
  if (end >= limit || !isLineBreak(text.charCodeAt(end))) return offset;
  const start = end + (text.startsWith("\r\n", end) ? 2 : 1);
  let stop = start;
  while (stop < limit && isBlank(text.charCodeAt(stop))) stop += 1;
  const isFree = stop >= text.length || isLineBreak(text.charCodeAt(stop));
  return isFree ? stop : offset;
}
