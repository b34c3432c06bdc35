import { EmbeddedActionsParser, Lexer, createToken } from "chevrotain";

/**
 * The yardstick: a Chevrotain lexer and parser for balanced brackets around words that builds no tree and
 * recovers from nothing. Gives the number of words, so that the work cannot be optimised away.
 */
export function bareParser(): (text: string) => number {
  const space = createToken({ name: "Space", pattern: /\s+|\/\/[^\n]*/, group: Lexer.SKIPPED });
  const text = createToken({ name: "Text", pattern: /"""[^]*?"""|"[^"\n]*"/ });
  const word = createToken({ name: "Word", pattern: /[\w$%]+/ });
  const open = createToken({ name: "Open", pattern: /[({[]/ });
  const close = createToken({ name: "Close", pattern: /[)}\]]/ });
  const sign = createToken({ name: "Sign", pattern: /[^\s\w"(){}[\]]/ });
  const tokens = [space, text, word, open, close, sign];
  const lexer = new Lexer(tokens, { positionTracking: "onlyOffset" });

  class Brackets extends EmbeddedActionsParser {
    words = 0;

    constructor() {
      super(tokens, { maxLookahead: 1 });
      this.performSelfAnalysis();
    }

    readonly items = this.RULE("items", () => {
      this.MANY(() => this.SUBRULE(this.item));
    });

    readonly item: () => void = this.RULE("item", () => {
      this.OR([
        { ALT: () => this.CONSUME(text) },
        {
          ALT: () => {
            this.CONSUME(word);
            this.words += 1;
          },
        },
        { ALT: () => this.CONSUME(sign) },
        {
          ALT: () => {
            this.CONSUME(open);
            this.SUBRULE(this.items);
            this.CONSUME(close);
          },
        },
      ]);
    });
  }

  const parser = new Brackets();
  return (input) => {
    parser.input = lexer.tokenize(input).tokens;
    parser.words = 0;
    parser.items();
    return parser.words;
  };
}
