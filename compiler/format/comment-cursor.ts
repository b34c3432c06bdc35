import type { ParseResult } from "../syntax/parse-result.ts";
import type { Comment, Node } from "../syntax/tree.ts";

/** A comment at the place where it is printed. */
export interface PlacedComment {
  readonly text: string;
  /** An empty line stands before it. */
  readonly blank: boolean;
}

/**
 * Hands out the comments of a file in order while the tree is printed in order. None can be lost, because
 * whoever prints a list takes all that come before its next item and before its end, and none can overtake
 * another.
 */
export class CommentCursor {
  readonly #text: string;
  readonly #comments: readonly Comment[];
  readonly #following: readonly number[];
  #next = 0;
  #suspended = 0;

  constructor({ text, comments, tokens }: Pick<ParseResult, "text" | "comments" | "tokens">) {
    this.#text = text;
    this.#comments = comments;
    this.#following = followingTokens(comments, tokens);
  }

  /** How many were taken so far. */
  get taken(): number {
    return this.#next;
  }

  hasBefore(offset: number): boolean {
    if (this.#suspended > 0) return false;
    const comment = this.#comments[this.#next];
    return comment !== undefined && comment.start < offset;
  }

  /**
   * Takes the comments before an offset; each will stand on a line of its own. `target` is what they are
   * printed before: the offset of its first token, and its doc comment.
   */
  takeBefore(
    offset: number,
    target: { readonly token: number; readonly doc: Node | null } = { token: offset, doc: null },
  ): PlacedComment[] {
    const { token, doc } = target;
    const taken: PlacedComment[] = [];
    while (this.hasBefore(offset)) {
      const comment = this.#comments[this.#next];
      if (comment === undefined) break;
      const isItsDoc = doc !== null && comment.start >= doc.start && comment.end <= doc.end;
      const stays = isItsDoc || this.#following[this.#next] === token;
      const text = this.#ownLineText(comment, stays);
      taken.push({ text, blank: isBlankBefore(this.#text, comment.start) });
      this.#next += 1;
    }
    return taken;
  }

  /** Takes the comment behind an item, on the item's last line, if only a comma stands between. */
  takeBehind(offset: number): string | null {
    const comment = this.#comments[this.#next];
    if (this.#suspended > 0 || comment === undefined || comment.start < offset) return null;
    let position = offset;
    while (position < comment.start && " \t,".includes(this.#text.charAt(position))) position += 1;
    if (position < comment.start) return null;
    this.#next += 1;
    return comment.text.trimEnd();
  }

  /** Prints something whose lists must not take comments, because they stand inside a text. */
  without<T>(print: () => T): T {
    this.#suspended += 1;
    try {
      return print();
    } finally {
      this.#suspended -= 1;
    }
  }

  /** A `///` that documents nothing where it stands must not begin to when it moves. */
  #ownLineText({ text, doc, start }: Comment, stays: boolean): string {
    const trimmed = text.trimEnd();
    const keeps = stays && isFirstOnLine(this.#text, start);
    return doc && !keeps ? trimmed.slice(1) : trimmed;
  }
}

/** Where the token behind each comment starts. */
function followingTokens(
  comments: readonly Comment[],
  tokens: ParseResult["tokens"],
): readonly number[] {
  let index = 0;
  return comments.map((comment) => {
    while ((tokens[index]?.start ?? Infinity) < comment.end) index += 1;
    return tokens[index]?.start ?? Infinity;
  });
}

/** Whether an empty line stands before an offset, with at most commas between. */
export function isBlankBefore(text: string, offset: number): boolean {
  let breaks = 0;
  for (let index = offset - 1; index >= 0; index -= 1) {
    const sign = text.charAt(index);
    if (sign === "\n" || (sign === "\r" && text.charAt(index + 1) !== "\n")) breaks += 1;
    else if (!" \t,\r".includes(sign)) return false;
    if (breaks === 2) return true;
  }
  return false;
}

function isFirstOnLine(text: string, offset: number): boolean {
  for (let index = offset - 1; index >= 0; index -= 1) {
    const sign = text.charAt(index);
    if (sign === "\n" || sign === "\r") return true;
    if (sign !== " " && sign !== "\t") return false;
  }
  return true;
}
