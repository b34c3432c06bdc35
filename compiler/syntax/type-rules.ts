import type { ParserMethod } from "chevrotain";

import { GrammarBase } from "./grammar-base.ts";
import {
  AnyName,
  AnyNumber,
  Bar,
  Colon,
  Comma,
  Equals,
  Greater,
  Hole,
  Identifier,
  kindTable,
  LBrace,
  LBracket,
  Less,
  LParen,
  Minus,
  Question,
  Range as RangeSign,
  RBrace,
  RBracket,
  RParen,
  Text,
  TypeLabel,
} from "./tokens.ts";
import type { Token } from "./tokens.ts";
import type {
  Expression,
  Field,
  LabelledType,
  LiteralExpression,
  Name,
  NamedType,
  ParenthesizedType,
  Range,
  ShapeType,
  StringLiteral,
  TypeNode,
  UnionMember,
} from "./tree.ts";
import { fitted } from "./fitted.ts";

/** Types: `"a" | "b"`, `trusted Hit[..5]`, `{ name: string }`. */
export abstract class TypeRules extends GrammarBase {
  abstract readonly expression: ParserMethod<[], Expression>;

  readonly typeRef = this.RULE("typeRef", (): TypeNode => {
    this.enter();
    const leadingBar = this.sees(bars) ? this.#leadingBar() : undefined;
    const first = this.next;
    let type = this.SUBRULE(this.typeTerm);
    if (this.sees(bars)) type = this.#union(leadingBar ?? first, type);
    this.leave();
    return type;
  });

  #leadingBar(): Token | undefined {
    return this.OPTION(() => this.CONSUME(Bar)) as Token | undefined;
  }

  #union(first: Token, type: TypeNode): TypeNode {
    const members = [this.#member(first, type)];
    this.MANY(() => {
      const bar = this.CONSUME2(Bar) as Token;
      this.limitChain(members.length);
      const memberStart = this.next;
      const documented = bar.doc === null ? memberStart : bar;
      members.push(this.#member(documented, this.SUBRULE2(this.typeTerm)));
    });
    return { kind: "union", start: first.start, end: this.lastEnd, members: fitted(members) };
  }

  #member(documented: Token, type: TypeNode): UnionMember {
    return { start: type.start, end: type.end, doc: this.docOf(documented), type };
  }

  #typeAtoms: { ALT: () => TypeNode }[] | null = null;
  readonly typeTerm = this.RULE("typeTerm", (): TypeNode => {
    const labels = this.sees(typeLabels) ? this.#labels() : null;
    let type = this.OR(
      (this.#typeAtoms ??= [
        { ALT: (): TypeNode => this.#namedType() },
        { ALT: (): TypeNode => this.SUBRULE(this.shape) },
        {
          ALT: (): TypeNode => {
            const value = this.textOf(this.CONSUME(Text));
            return { kind: "literalType", start: value.start, end: value.end, value };
          },
        },
        { ALT: (): TypeNode => this.SUBRULE(this.parenthesizedType) },
        {
          ALT: (): TypeNode => {
            const { start, end } = this.CONSUME(Hole) as Token;
            return { kind: "errorType", start, end };
          },
        },
      ]),
    );
    if (this.sees(typeSuffixes)) type = this.#suffixedType(type);
    return labels === null ? type : labelled(labels, type);
  });

  #labels(): Token[] {
    const labels: Token[] = [];
    this.MANY(() => {
      labels.push(this.CONSUME(TypeLabel) as Token);
      this.limitChain(labels.length * 10);
    });
    return labels;
  }

  #suffixedType(atom: TypeNode): TypeNode {
    let type = atom;
    let length = 0;
    this.MANY2(() => {
      length += 1;
      this.limitChain(length * 10);
      type = this.SUBRULE(this.typeSuffix, { ARGS: [type] });
    });
    return type;
  }

  readonly typeSuffix = this.RULE("typeSuffix", (type: TypeNode): TypeNode => {
    const start = this.RECORDING_PHASE ? 0 : type.start;
    return this.OR<TypeNode>([
      {
        ALT: (): TypeNode => {
          const { end } = this.CONSUME(Question) as Token;
          return { kind: "optional", start, end, type };
        },
      },
      {
        ALT: (): TypeNode => {
          this.CONSUME(LBracket);
          const range = this.OPTION(() => this.SUBRULE(this.range)) ?? null;
          const { end } = this.CONSUME(RBracket) as Token;
          return { kind: "list", start, end, item: type, range };
        },
      },
    ]);
  });

  readonly parenthesizedType = this.RULE("parenthesizedType", (): ParenthesizedType => {
    const { start } = this.CONSUME(LParen) as Token;
    const type = this.SUBRULE(this.typeRef);
    const { end } = this.CONSUME(RParen) as Token;
    return { kind: "parenthesizedType", start, end, type };
  });

  #namedType(): NamedType {
    const name = this.nameOf(this.CONSUME(Identifier));
    const args = this.sees(typeArgStarts)
      ? (this.OPTION(() => this.SUBRULE(this.typeArgs)) ?? [])
      : [];
    const refinement = this.sees(refinementStarts)
      ? this.OPTION2(() => this.SUBRULE(this.refinement))
      : undefined;
    const range = refinement === undefined || "kind" in refinement ? null : refinement;
    const pattern = refinement !== undefined && "kind" in refinement ? refinement : null;
    return { kind: "named", start: name.start, end: this.lastEnd, name, args, range, pattern };
  }

  #refinements: { ALT: () => Range | StringLiteral }[] | null = null;
  readonly refinement = this.RULE("refinement", (): Range | StringLiteral => {
    this.CONSUME(LParen);
    const found = this.OR(
      (this.#refinements ??= [
        { ALT: (): Range | StringLiteral => this.SUBRULE(this.range) },
        { ALT: (): Range | StringLiteral => this.textOf(this.CONSUME(Text)) },
      ]),
    );
    this.CONSUME(RParen);
    return found;
  });

  readonly typeArgs = this.RULE("typeArgs", (): TypeNode[] => {
    const args: TypeNode[] = [];
    this.CONSUME(Less);
    this.MANY(() => {
      args.push(this.SUBRULE(this.typeRef));
      this.separator(
        this.OPTION(() => this.CONSUME(Comma)),
        Greater,
      );
    });
    this.CONSUME(Greater);
    return fitted(args);
  });

  /** The `<T, U>` of a declaration. */
  readonly typeParams = this.RULE("typeParams", (): Name[] => {
    const names: Name[] = [];
    this.CONSUME(Less);
    this.MANY(() => {
      names.push(this.nameOf(this.CONSUME(Identifier)));
      this.separator(
        this.OPTION(() => this.CONSUME(Comma)),
        Greater,
      );
    });
    this.CONSUME(Greater);
    return fitted(names);
  });

  readonly range = this.RULE("range", (): Range => {
    const { start } = this.next;
    return this.OR<Range>([
      {
        ALT: (): Range => {
          this.CONSUME(RangeSign);
          const to = this.SUBRULE(this.bound);
          return { start, end: to.end, from: null, to, exact: false };
        },
      },
      {
        ALT: (): Range => {
          const from = this.SUBRULE2(this.bound);
          const sign = this.OPTION(() => this.CONSUME2(RangeSign));
          const to = sign === undefined ? null : this.OPTION2(() => this.SUBRULE3(this.bound));
          return { start, end: this.lastEnd, from, to: to ?? null, exact: sign === undefined };
        },
      },
    ]);
  });

  readonly bound = this.RULE("bound", (): LiteralExpression => {
    const minus = this.OPTION(() => this.CONSUME(Minus)) as Token | undefined;
    const literal = this.literalOf(this.CONSUME(AnyNumber));
    if (minus === undefined || typeof literal.value !== "number") return literal;
    return { ...literal, start: minus.start, value: -literal.value };
  });

  readonly shape = this.RULE("shape", (): ShapeType => {
    const fields: Field[] = [];
    const { start } = this.CONSUME(LBrace) as Token;
    this.MANY(() => {
      fields.push(this.SUBRULE(this.field));
      this.OPTION(() => this.CONSUME(Comma));
    });
    const { end } = this.CONSUME(RBrace) as Token;
    return { kind: "shape", start, end, fields: fitted(fields) };
  });

  #default(): Expression | undefined {
    return this.OPTION(() => {
      this.CONSUME(Equals);
      return this.SUBRULE(this.expression);
    });
  }

  readonly field = this.RULE("field", (): Field => {
    const token = this.CONSUME(AnyName) as Token;
    const name = this.nameOf(token);
    this.CONSUME(Colon);
    const type = this.SUBRULE(this.typeRef);
    const value = this.sees(equals) ? this.#default() : undefined;
    const doc = this.docOf(token);
    return {
      kind: "field",
      start: name.start,
      end: this.lastEnd,
      doc,
      name,
      type,
      default: value ?? null,
    };
  });
}

const bars = kindTable(Bar);
const typeLabels = kindTable(TypeLabel);
const typeSuffixes = kindTable(Question, LBracket);
const typeArgStarts = kindTable(Less);
const refinementStarts = kindTable(LParen);
const equals = kindTable(Equals);

/** Labels stand around the whole term: `trusted private T[]` labels the list. */
function labelled(labels: readonly Token[], type: TypeNode): TypeNode {
  return labels.reduceRight<TypeNode>((inner, { start, end, image }): LabelledType => {
    const label = image as LabelledType["label"];
    return { kind: "labelled", start, end: inner.end, label, labelAt: { start, end }, type: inner };
  }, type);
}
