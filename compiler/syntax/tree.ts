/**
 * The typed syntax tree: what the parser builds and every later phase reads.
 *
 * Offsets are UTF-16 code units into the file's text; `end` is exclusive. Nodes are immutable
 * after parsing and are used as keys of the maps that later phases fill, so one node stands at
 * one place only. A part the text lacks is a `Name` with an empty text or an `ErrorExpression`;
 * a later phase that meets one stays silent, because the parser has reported it.
 */

export interface Node {
  readonly start: number;
  readonly end: number;
}

/** A name as written. `text` is empty where the parser found none. */
export interface Name extends Node {
  readonly text: string;
}

/** Adjacent `///` lines, without their markers, joined by line breaks. */
export interface Doc extends Node {
  readonly text: string;
}

/** One `//` or `///` comment: its text includes the marker. */
export interface Comment extends Node {
  readonly text: string;
  readonly doc: boolean;
}

export interface SourceFile extends Node {
  readonly kind: "file";
  readonly imports: readonly Import[];
  readonly declarations: readonly Declaration[];
}

export interface Import extends Node {
  readonly kind: "import";
  readonly names: readonly ImportName[];
  readonly from: StringLiteral;
}

export interface ImportName extends Node {
  readonly name: Name;
  readonly alias: Name | null;
}

export type Declaration =
  | LetDeclaration
  | TypeDeclaration
  | ConfigDeclaration
  | RoleDeclaration
  | ModelDeclaration
  | AgentDeclaration
  | ToolDeclaration
  | FlowDeclaration
  | TestDeclaration;

/** Stands at the top of a file and, with the same meaning, as an entry of a block. */
export interface LetDeclaration extends Node {
  readonly kind: "let";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly type: TypeNode | null;
  readonly value: Expression;
}

export interface TypeDeclaration extends Node {
  readonly kind: "type";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly params: readonly Name[];
  /** A `ShapeType` when written `type X { … }`, else what follows `=`. */
  readonly value: TypeNode;
  /** True for `type X { … }`, false for `type X = …`. */
  readonly isShape: boolean;
}

export interface ConfigDeclaration extends Node {
  readonly kind: "config";
  readonly doc: Doc | null;
  /** `config { a: T }` declares; `config production { a: … }` sets. Exactly one of the two is present. */
  readonly shape: ShapeType | null;
  readonly environment: Name | null;
  readonly block: Block | null;
}

export interface RoleDeclaration extends Node {
  readonly kind: "role";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly typeParams: readonly Name[];
  readonly signature: Signature;
  readonly block: Block | null;
}

export interface ModelDeclaration extends Node {
  readonly kind: "model";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly block: Block;
}

export interface AgentDeclaration extends Node {
  readonly kind: "agent";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly head: Head;
  readonly block: Block;
}

export interface ToolDeclaration extends Node {
  readonly kind: "tool";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly head: Head;
  readonly block: Block;
}

export interface FlowDeclaration extends Node {
  readonly kind: "flow";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly typeParams: readonly Name[];
  readonly head: Head;
  readonly block: Block;
}

export interface TestDeclaration extends Node {
  readonly kind: "test";
  readonly doc: Doc | null;
  readonly title: StringLiteral;
  readonly block: Block;
}

export type Head = Signature | RoleHead;

export interface Signature extends Node {
  readonly kind: "signature";
  readonly params: readonly Field[];
  /** Null without `->`: the callable returns null. */
  readonly returns: TypeNode | null;
}

/** `: specialist` or `: author<Post>`: fills this role. */
export interface RoleHead extends Node {
  readonly kind: "roleHead";
  readonly role: Name;
  readonly args: readonly TypeNode[];
}

/** A parameter, a field of a record type, or an entry of `config { … }`. */
export interface Field extends Node {
  readonly kind: "field";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly type: TypeNode;
  readonly default: Expression | null;
}

export type TypeNode =
  | UnionType
  | LabelledType
  | OptionalType
  | ListType
  | ShapeType
  | LiteralType
  | NamedType
  | ParenthesizedType
  | ErrorType;

export interface UnionType extends Node {
  readonly kind: "union";
  /** Two or more. A leading `|` is allowed. */
  readonly members: readonly UnionMember[];
}

export interface UnionMember extends Node {
  readonly doc: Doc | null;
  readonly type: TypeNode;
}

export interface LabelledType extends Node {
  readonly kind: "labelled";
  readonly label: "trusted" | "untrusted" | "private";
  readonly labelAt: Node;
  readonly type: TypeNode;
}

export interface OptionalType extends Node {
  readonly kind: "optional";
  readonly type: TypeNode;
}

export interface ListType extends Node {
  readonly kind: "list";
  readonly item: TypeNode;
  readonly range: Range | null;
}

export interface ShapeType extends Node {
  readonly kind: "shape";
  readonly fields: readonly Field[];
}

export interface LiteralType extends Node {
  readonly kind: "literalType";
  readonly value: StringLiteral;
}

export interface NamedType extends Node {
  readonly kind: "named";
  readonly name: Name;
  readonly args: readonly TypeNode[];
  readonly range: Range | null;
  readonly pattern: StringLiteral | null;
}

export interface ParenthesizedType extends Node {
  readonly kind: "parenthesizedType";
  readonly type: TypeNode;
}

/** Where a type was expected and none could be read. */
export type ErrorType = Node & { readonly kind: "errorType" };

/** `a..b`, `..b`, `a..` or a single bound `a` (then `exact`). Bounds may be ints, floats, money, durations, sizes. */
export interface Range extends Node {
  readonly from: LiteralExpression | null;
  readonly to: LiteralExpression | null;
  readonly exact: boolean;
}

export interface Block extends Node {
  readonly kind: "block";
  readonly entries: readonly Entry[];
}

export type Entry = Setting | Spread | On | State | Step | LetDeclaration | Expect | ActionEntry;

export interface Setting extends Node {
  readonly kind: "setting";
  readonly doc: Doc | null;
  readonly key: Name;
  readonly value: Action;
}

export interface Spread extends Node {
  readonly kind: "spread";
  readonly name: Name;
}

export interface On extends Node {
  readonly kind: "on";
  readonly doc: Doc | null;
  readonly trigger: Name;
  readonly args: readonly Argument[];
  readonly block: Block | null;
}

export interface State extends Node {
  readonly kind: "state";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly type: TypeNode;
  readonly initial: Expression;
  readonly block: Block | null;
}

export interface Step extends Node {
  readonly kind: "step";
  readonly doc: Doc | null;
  readonly name: Name;
  readonly type: TypeNode | null;
  readonly action: Action;
}

export interface Expect extends Node {
  readonly kind: "expect";
  readonly doc: Doc | null;
  readonly condition: Expression;
}

/** An action that stands in a block without a name. */
export interface ActionEntry extends Node {
  readonly kind: "action";
  readonly doc: Doc | null;
  readonly action: Action;
}

export type Action = Invoke | If | Match | For | Repeat | Race;

/** An expression where an action may stand: a call with its settings, or a plain value. */
export interface Invoke extends Node {
  readonly kind: "invoke";
  readonly expression: Expression;
  readonly block: Block | null;
}

export interface If extends Node {
  readonly kind: "if";
  readonly condition: Expression;
  readonly then: Block;
  readonly else: If | Block | null;
}

export interface Match extends Node {
  readonly kind: "match";
  readonly subject: Expression;
  readonly arms: readonly Arm[];
}

export interface Arm extends Node {
  readonly kind: "arm";
  readonly doc: Doc | null;
  readonly patterns: readonly Pattern[];
  readonly body: Block | Action;
}

export interface Pattern extends Node {
  readonly kind: "pattern";
  /** `else` is the pattern that takes the rest. */
  readonly value: StringLiteral | LiteralExpression | "else";
}

export interface For extends Node {
  readonly kind: "for";
  readonly variable: Name;
  readonly list: Expression;
  readonly block: Block;
}

export interface Repeat extends Node {
  readonly kind: "repeat";
  readonly block: Block;
}

export interface Race extends Node {
  readonly kind: "race";
  readonly block: Block;
}

export type Expression =
  | LiteralExpression
  | StringLiteral
  | NameExpression
  | FieldExpression
  | IndexExpression
  | CallExpression
  | LambdaExpression
  | UnaryExpression
  | BinaryExpression
  | ConditionalExpression
  | RecordExpression
  | ListExpression
  | ParenthesizedExpression
  | ErrorExpression;

/**
 * Every literal but strings. `value`: int and float as they read (sizes multiplied out), bool,
 * null, duration in milliseconds, money in micro-dollars, percent as a fraction (50% = 0.5), rate
 * as a `Rate`.
 */
export interface LiteralExpression extends Node {
  readonly kind: "literal";
  readonly type:
    | "int"
    | "float"
    | "bool"
    | "null"
    | "duration"
    | "money"
    | "percent"
    | "rate"
    | "size";
  readonly value: number | boolean | null | Rate;
}

export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

/** `"…"` or `"""…"""`. Text parts are cooked: escapes resolved, common indentation removed. */
export interface StringLiteral extends Node {
  readonly kind: "string";
  readonly quote: '"' | '"""';
  /** Alternates freely; a plain string has at most one part, a `TextPart`. */
  readonly parts: readonly (TextPart | Interpolation)[];
}

export interface TextPart extends Node {
  readonly kind: "text";
  readonly text: string;
}

/** `${ expression }`; the node covers the braces. */
export interface Interpolation extends Node {
  readonly kind: "interpolation";
  readonly expression: Expression;
}

/** A plain name; `config` too. */
export interface NameExpression extends Node {
  readonly kind: "name";
  readonly name: Name;
}

export interface FieldExpression extends Node {
  readonly kind: "fieldAccess";
  readonly object: Expression;
  readonly name: Name;
  /** Written `?.`. */
  readonly optional: boolean;
}

export interface IndexExpression extends Node {
  readonly kind: "index";
  readonly object: Expression;
  readonly index: Expression;
}

export interface CallExpression extends Node {
  readonly kind: "call";
  readonly callee: Expression;
  readonly args: readonly Argument[];
}

export interface Argument extends Node {
  readonly name: Name | null;
  readonly value: Expression;
}

/** `x => e`: legal only as the argument of a method. */
export interface LambdaExpression extends Node {
  readonly kind: "lambda";
  readonly param: Name;
  readonly body: Expression;
}

export interface UnaryExpression extends Node {
  readonly kind: "unary";
  readonly operator: "!" | "-";
  readonly operand: Expression;
}

// oxfmt-ignore
export type BinaryOperator = "??" | "||" | "&&" | "==" | "!=" | "<" | ">" | "<=" | ">=" | ".." | "+" | "-" | "*" | "/";

export interface BinaryExpression extends Node {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly operatorAt: Node;
  readonly left: Expression;
  readonly right: Expression;
}

export interface ConditionalExpression extends Node {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then: Expression;
  readonly else: Expression;
}

export interface RecordExpression extends Node {
  readonly kind: "record";
  readonly entries: readonly RecordEntry[];
}

export type RecordEntry = RecordField | RecordSpread;

export interface RecordField extends Node {
  readonly kind: "recordField";
  readonly key: Name;
  /** True when the key was written as a string. */
  readonly quoted: boolean;
  /** Null for the short form `{ name }`. */
  readonly value: Expression | null;
}

export interface RecordSpread extends Node {
  readonly kind: "recordSpread";
  readonly value: Expression;
}

export interface ListExpression extends Node {
  readonly kind: "listLiteral";
  readonly items: readonly Expression[];
}

export interface ParenthesizedExpression extends Node {
  readonly kind: "parenthesized";
  readonly expression: Expression;
}

/** Where an expression was expected and none could be read. */
export interface ErrorExpression extends Node {
  readonly kind: "errorExpression";
}
