import { binaryTree } from "./binary-tree.ts";
import type { Operation } from "./binary-tree.ts";
import { isOnOneLine } from "./brackets.ts";
import { habit } from "./habits.ts";
import {
  AnyName,
  BinaryOperator,
  Colon,
  Comma,
  Config,
  Dot,
  Ellipsis,
  Equals,
  Expect,
  FatArrow,
  Hole,
  Identifier,
  kindTable,
  LBrace,
  LBracket,
  Let,
  LParen,
  On,
  PlainLiteral,
  PrefixOperator,
  Question,
  QuestionDot,
  RBrace,
  RBracket,
  RParen,
  spellingOf,
  State,
  Step,
  Text,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";
import type {
  Argument,
  BinaryOperator as BinarySign,
  Expression,
  ListExpression,
  Name,
  ParenthesizedExpression,
  RecordEntry,
  RecordExpression,
} from "./tree.ts";
import { TypeRules } from "./type-rules.ts";
import { fitted } from "./fitted.ts";

/** Values: `a?.b ?? 1`, `xs.map(x => x.id)`, `{ name, count: 3 }`. */
export abstract class ExpressionRules extends TypeRules {
  readonly expression = this.RULE("expression", (): Expression => {
    this.enter();
    let condition = this.SUBRULE(this.operand);
    if (this.sees(binaryOperators)) condition = this.#chain(condition);
    if (this.sees(questions)) condition = this.#choice(condition);
    this.leave();
    return condition;
  });

  /**
   * An expression, where a rule has one in the place `index` of its own. Most are a name, `name.field` or a literal and
   * nothing else; for these no rule is entered.
   */
  protected value(index = 0): Expression {
    const leaf = this.RECORDING_PHASE ? null : this.#leaf();
    return leaf ?? this.subrule(index, this.expression);
  }

  #leaf(): Expression | null {
    const first = this.LA(1) as Token;
    const { tokenTypeIdx } = this.LA(2);
    if (first.tokenTypeIdx === Identifier.tokenTypeIdx) {
      if (continuations[tokenTypeIdx]) return this.#leafField(first);
      return this.#named(this.nameOf(this.CONSUME(Identifier)));
    }
    if (continuations[tokenTypeIdx]) return null;
    if (first.tokenTypeIdx === Text.tokenTypeIdx) return this.textOf(this.CONSUME(Text));
    return plainLiterals[first.tokenTypeIdx] ? this.literalOf(this.CONSUME(PlainLiteral)) : null;
  }

  #leafField(object: Token): Expression | null {
    if (this.LA(2).tokenTypeIdx !== Dot.tokenTypeIdx) return null;
    if (this.LA(3).tokenTypeIdx !== Identifier.tokenTypeIdx) return null;
    if (continuations[this.LA(4).tokenTypeIdx]) return null;
    this.CONSUME(Identifier);
    this.CONSUME(Dot);
    const name = this.CONSUME(Identifier) as Token;
    return this.#field(this.#named(this.nameOf(object)), { name, optional: false });
  }

  #choice(condition: Expression): Expression {
    const branches = this.OPTION(() => {
      this.CONSUME(Question);
      const then = this.value();
      this.CONSUME(Colon);
      return { then, otherwise: this.value(2) };
    });
    if (branches === undefined || this.RECORDING_PHASE) return condition;
    const { then, otherwise } = branches;
    const { start } = condition;
    return { kind: "conditional", start, end: otherwise.end, condition, then, else: otherwise };
  }

  /**
   * Operands with operators between them. The grammar reads the flat chain, precedence makes the tree of it: a rule
   * per precedence would cost a call per level for every single name.
   */
  #chain(first: Expression): Expression {
    const rest: Operation[] = [];
    this.MANY(() => {
      const sign = this.CONSUME(BinaryOperator) as Token;
      const right = this.SUBRULE2(this.operand);
      rest.push({ sign, operator: this.#signOf(sign), right });
      this.limitChain(rest.length);
    });
    return this.RECORDING_PHASE ? first : binaryTree(this, first, rest);
  }

  #signOf(token: Token): BinarySign {
    if (this.RECORDING_PHASE) return "+";
    return spellingOf(token.tokenType) as BinarySign;
  }

  #primaries: { ALT: () => Expression }[] | null = null;
  readonly operand = this.RULE("operand", (): Expression => {
    const prefix = this.sees(prefixOperators) ? this.#prefix() : undefined;
    let value = this.OR(
      (this.#primaries ??= [
        { ALT: (): Expression => this.#named(this.nameOf(this.CONSUME(Identifier))) },
        { ALT: (): Expression => this.literalOf(this.CONSUME(PlainLiteral)) },
        { ALT: (): Expression => this.textOf(this.CONSUME(Text)) },
        { ALT: (): Expression => this.#named(this.nameOf(this.CONSUME(Config))) },
        { ALT: (): Expression => this.SUBRULE(this.record) },
        { ALT: (): Expression => this.SUBRULE(this.list) },
        { ALT: (): Expression => this.SUBRULE(this.parenthesized) },
        {
          ALT: (): Expression => {
            const { start, end } = this.CONSUME(Hole) as Token;
            return { kind: "errorExpression", start, end };
          },
        },
      ]),
    );
    if (this.sees(suffixStarts)) value = this.#suffixed(value);
    if (prefix === undefined || this.RECORDING_PHASE) return value;
    const operator = spellingOf(prefix.tokenType) as "!" | "-";
    return { kind: "unary", start: prefix.start, end: value.end, operator, operand: value };
  });

  #prefix(): Token | undefined {
    return this.OPTION(() => this.CONSUME(PrefixOperator)) as Token | undefined;
  }

  #named(name: Name): Expression {
    return { kind: "name", start: name.start, end: name.end, name };
  }

  /** `.name`, `?.name`, `(arguments)` and `[index]` behind a value, as many as there are. */
  #suffixed(value: Expression): Expression {
    let object = value;
    let length = 0;
    this.MANY(() => {
      length += 1;
      this.limitChain(length);
      this.#object = object;
      object = this.OR1((this.#suffixes ??= this.#suffixAlternatives()));
    });
    return object;
  }

  /** What a suffix belongs to; its alternatives are built once, and so can't close over it. */
  #object: Expression | null = null;

  #suffixes: { ALT: () => Expression }[] | null = null;
  #suffixAlternatives(): { ALT: () => Expression }[] {
    return [
      {
        ALT: (): Expression => {
          const object = this.#takeObject();
          this.CONSUME(Dot);
          this.#refuseStatement();
          return this.#field(object, { name: this.CONSUME(AnyName) as Token, optional: false });
        },
      },
      {
        ALT: (): Expression => {
          const callee = this.#takeObject();
          const args = this.SUBRULE(this.args);
          return { kind: "call", start: callee.start, end: this.lastEnd, callee, args };
        },
      },
      {
        ALT: (): Expression => {
          const object = this.#takeObject();
          this.CONSUME(QuestionDot);
          this.#refuseStatement();
          return this.#field(object, { name: this.CONSUME2(AnyName) as Token, optional: true });
        },
      },
      {
        ALT: (): Expression => {
          const object = this.#takeObject();
          this.CONSUME(LBracket);
          const index = this.value();
          const { end } = this.CONSUME(RBracket) as Token;
          return { kind: "index", start: object.start, end, object, index };
        },
      },
    ];
  }

  #takeObject(): Expression {
    const object = this.#object;
    if (object === null || this.RECORDING_PHASE)
      return { kind: "errorExpression", start: 0, end: 0 };
    return object;
  }

  #field(object: Expression, { name, optional }: { name: Token; optional: boolean }): Expression {
    const { start } = object;
    return { kind: "fieldAccess", start, end: name.end, object, name: this.nameOf(name), optional };
  }

  /** `x.` and then `step` on the next line: the name behind the dot is missing, the step is none of it. */
  #refuseStatement(): void {
    const { tokenType, start } = this.next;
    if (!statements.has(tokenType) || this.RECORDING_PHASE) return;
    if (!isOnOneLine(this.text, this.lastEnd, start)) this.refuse("mismatch", AnyName);
  }

  readonly args = this.RULE("args", (): Argument[] => {
    const args: Argument[] = [];
    this.CONSUME(LParen);
    this.MANY(() => {
      args.push(this.SUBRULE(this.argument));
      this.separator(
        this.OPTION(() => this.CONSUME(Comma)),
        RParen,
      );
    });
    this.CONSUME(RParen);
    return fitted(args);
  });

  #arguments: { ALT: () => Argument }[] | null = null;
  readonly argument = this.RULE("argument", (): Argument =>
    this.OR({
      DEF: (this.#arguments ??= [
        {
          ALT: (): Argument => {
            const name = this.nameOf(this.CONSUME(AnyName));
            this.colonOrEquals(name);
            const value = this.value();
            return { start: name.start, end: value.end, name, value };
          },
        },
        {
          ALT: (): Argument => {
            const param = this.nameOf(this.CONSUME2(Identifier));
            this.CONSUME(FatArrow);
            const body = this.value(2);
            const { start } = param;
            const { end } = body;
            return { start, end, name: null, value: { kind: "lambda", start, end, param, body } };
          },
        },
        {
          ALT: (): Argument => {
            const value = this.value(3);
            return { start: value.start, end: value.end, name: null, value };
          },
        },
      ]),
      IGNORE_AMBIGUITIES: true,
    }),
  );

  /** `:`, or the `=` that other languages write in its place. Used at most once per rule. */
  protected colonOrEquals(key: Name): void {
    this.OR8([
      { ALT: () => this.CONSUME8(Colon) },
      {
        ALT: () => {
          const sign = this.CONSUME8(Equals) as Token;
          if (this.RECORDING_PHASE) return sign;
          this.diagnostics.push(habit.equalsForColon(this.file, sign, key.text));
          return sign;
        },
      },
    ]);
  }

  readonly record = this.RULE("record", (): RecordExpression => {
    const entries: RecordEntry[] = [];
    const { start } = this.CONSUME(LBrace) as Token;
    this.MANY(() => {
      entries.push(this.SUBRULE(this.recordEntry));
      this.OPTION(() => this.CONSUME(Comma));
    });
    const { end } = this.CONSUME(RBrace) as Token;
    return { kind: "record", start, end, entries: fitted(entries) };
  });

  #recordEntries: { ALT: () => RecordEntry }[] | null = null;
  readonly recordEntry = this.RULE("recordEntry", (): RecordEntry =>
    this.OR({
      DEF: (this.#recordEntries ??= [
        {
          ALT: (): RecordEntry => {
            const { start } = this.CONSUME(Ellipsis) as Token;
            const value = this.value();
            return { kind: "recordSpread", start, end: value.end, value };
          },
        },
        {
          ALT: (): RecordEntry => {
            const key = this.quotedKey(this.CONSUME(Text) as Token);
            this.CONSUME(Colon);
            const value = this.value(2);
            return {
              kind: "recordField",
              start: key.start,
              end: value.end,
              key,
              quoted: true,
              value,
            };
          },
        },
        {
          ALT: (): RecordEntry => {
            const key = this.nameOf(this.CONSUME(AnyName));
            this.colonOrEquals(key);
            const value = this.value(3);
            return {
              kind: "recordField",
              start: key.start,
              end: value.end,
              key,
              quoted: false,
              value,
            };
          },
        },
        {
          ALT: (): RecordEntry => {
            const key = this.nameOf(this.CONSUME2(Identifier));
            const { start, end } = key;
            return { kind: "recordField", start, end, key, quoted: false, value: null };
          },
        },
      ]),
      IGNORE_AMBIGUITIES: true,
    }),
  );

  /** A key takes no value in: what is inserted stands in it as it is written. */
  protected quotedKey(token: Token): Name {
    const { start, end, parts } = this.textOf(token);
    const text = parts
      .map((part) => (part.kind === "text" ? part.text : this.text.slice(part.start, part.end)))
      .join("");
    return { start, end, text };
  }

  readonly list = this.RULE("list", (): ListExpression => {
    const items: Expression[] = [];
    const { start } = this.CONSUME(LBracket) as Token;
    this.MANY(() => {
      items.push(this.value());
      this.separator(
        this.OPTION(() => this.CONSUME(Comma)),
        RBracket,
      );
    });
    const { end } = this.CONSUME(RBracket) as Token;
    return { kind: "listLiteral", start, end, items: fitted(items) };
  });

  readonly parenthesized = this.RULE("parenthesized", (): ParenthesizedExpression => {
    const { start } = this.CONSUME(LParen) as Token;
    const expression = this.value();
    const { end } = this.CONSUME(RParen) as Token;
    return { kind: "parenthesized", start, end, expression };
  });
}

const binaryOperators = kindTable(BinaryOperator);
const prefixOperators = kindTable(PrefixOperator);
const questions = kindTable(Question);
const suffixStarts = kindTable(Dot, QuestionDot, LParen, LBracket);
const plainLiterals = kindTable(PlainLiteral);
/** What goes on with an expression behind its first name or literal. */
const continuations = kindTable(BinaryOperator, Question, Dot, QuestionDot, LParen, LBracket);

const statements: ReadonlySet<TokenKind> = new Set([Step, Let, State, Expect, On]);
