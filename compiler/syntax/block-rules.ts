import { isOnOneLine } from "./brackets.ts";
import { ExpressionRules } from "./expression-rules.ts";
import { habit } from "./habits.ts";
import { isCall } from "./is-call.ts";
import {
  AnyName,
  Bar,
  Colon,
  Comma,
  Const,
  Ellipsis,
  Else,
  Equals,
  Expect as ExpectWord,
  False,
  FatArrow,
  For as ForWord,
  Gap,
  Hole,
  Identifier,
  If as IfWord,
  In,
  Int,
  kindTable,
  LBrace,
  Let,
  Match as MatchWord,
  Null,
  On as OnWord,
  Race as RaceWord,
  RBrace,
  Repeat as RepeatWord,
  Return,
  State as StateWord,
  Step as StepWord,
  Text,
  True,
  Var,
} from "./tokens.ts";
import type { Token } from "./tokens.ts";
import { fitted } from "./fitted.ts";
import type {
  Action,
  ActionEntry,
  Arm,
  Block,
  Entry,
  Expect,
  Expression,
  For,
  If,
  Invoke,
  LetDeclaration,
  Match,
  Name,
  On,
  Pattern,
  Race,
  Repeat,
  Setting,
  Spread,
  State,
  Step,
} from "./tree.ts";

/** Blocks, their entries, and the six actions. */
export abstract class BlockRules extends ExpressionRules {
  readonly block = this.RULE("block", (): Block => {
    this.enter();
    const entries: Entry[] = [];
    const { start } = this.CONSUME(LBrace) as Token;
    this.MANY(() => {
      const from = this.LA(0) as Token;
      const first = this.next;
      const entry = this.SUBRULE(this.entry);
      if (entry !== null) {
        const before = entries.at(-1);
        if (before !== undefined && isBareValue(entry)) this.#refuseOnLine(before, from, first);
        // A word that stood for `step` has become part of it.
        if (entries.at(-1)?.start === entry.start) entries.pop();
        entries.push(entry);
      }
      this.OPTION(() => {
        const comma = this.CONSUME(Comma) as Token;
        if (this.RECORDING_PHASE || entry === null || isListed(entry)) return;
        this.diagnostics.push(habit.commaAfterStatement(this.file, comma, entry.kind));
      });
    });
    const { end } = this.CONSUME(RBrace) as Token;
    this.leave();
    return { kind: "block", start, end, entries: fitted(entries) };
  });

  /** A value alone says nothing; on the line of another entry something between the two was forgotten. */
  #refuseOnLine(before: Entry, previous: Token, value: Token): void {
    if (!isOnOneLine(this.text, previous.end, value.start)) return;
    if (previous.tokenType !== Comma) this.refuseAt(value, Colon);
    else if (isBareName(before)) this.refuseAt(previous, Colon);
  }

  /** Null for a gap: an entry that could not be read and is reported. */
  #entries: { ALT: () => Entry | null }[] | null = null;
  readonly entry = this.RULE("entry", (): Entry | null =>
    this.OR({
      // In the order of `entryAlternatives`.
      DEF: (this.#entries ??= [
        { ALT: (): Entry | null => this.SUBRULE(this.setting) },
        { ALT: (): Entry | null => this.SUBRULE(this.spread) },
        { ALT: (): Entry | null => this.SUBRULE(this.on) },
        { ALT: (): Entry | null => this.SUBRULE(this.state) },
        { ALT: (): Entry | null => this.SUBRULE(this.step) },
        { ALT: (): Entry | null => this.SUBRULE(this.letDeclaration) },
        { ALT: (): Entry | null => this.SUBRULE(this.expect) },
        { ALT: (): Entry | null => this.SUBRULE(this.constant) },
        { ALT: (): Entry | null => this.SUBRULE(this.returnStatement) },
        { ALT: (): Entry | null => this.SUBRULE(this.assignment) },
        {
          ALT: (): Entry | null => {
            this.CONSUME(Gap);
            return null;
          },
        },
        { ALT: (): Entry | null => this.SUBRULE(this.actionEntry) },
      ]),
      IGNORE_AMBIGUITIES: true,
    }),
  );

  readonly setting = this.RULE("setting", (): Setting => {
    const token = this.CONSUME(AnyName) as Token;
    const key = this.nameOf(token);
    this.CONSUME(Colon);
    const value = this.SUBRULE(this.action);
    return {
      kind: "setting",
      start: key.start,
      end: this.lastEnd,
      doc: this.docOf(token),
      key,
      value,
    };
  });

  readonly spread = this.RULE("spread", (): Spread => {
    const { start } = this.CONSUME(Ellipsis) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    return { kind: "spread", start, end: name.end, name };
  });

  readonly on = this.RULE("on", (): On => {
    const token = this.CONSUME(OnWord) as Token;
    const trigger = this.nameOf(this.CONSUME(Identifier));
    const args = this.SUBRULE(this.args);
    const block = this.OPTION(() => this.SUBRULE(this.block)) ?? null;
    const doc = this.docOf(token);
    return { kind: "on", start: token.start, end: this.lastEnd, doc, trigger, args, block };
  });

  readonly state = this.RULE("state", (): State => {
    const token = this.CONSUME(StateWord) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    this.CONSUME(Colon);
    const type = this.SUBRULE(this.typeRef);
    this.CONSUME(Equals);
    const initial = this.value();
    const block = this.OPTION(() => this.SUBRULE(this.block)) ?? null;
    const doc = this.docOf(token);
    return {
      kind: "state",
      start: token.start,
      end: this.lastEnd,
      doc,
      name,
      type,
      initial,
      block,
    };
  });

  readonly step = this.RULE("step", (): Step => {
    const token = this.CONSUME(StepWord) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const type = this.OPTION(() => {
      this.CONSUME(Colon);
      return this.SUBRULE(this.typeRef);
    });
    this.CONSUME(Equals);
    const action = this.SUBRULE(this.action);
    const doc = this.docOf(token);
    return {
      kind: "step",
      start: token.start,
      end: this.lastEnd,
      doc,
      name,
      type: type ?? null,
      action,
    };
  });

  readonly letDeclaration = this.RULE("letDeclaration", (): LetDeclaration => {
    const token = this.CONSUME(Let) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const type = this.OPTION(() => {
      this.CONSUME(Colon);
      return this.SUBRULE(this.typeRef);
    });
    this.CONSUME(Equals);
    const value = this.value();
    const doc = this.docOf(token);
    return {
      kind: "let",
      start: token.start,
      end: value.end,
      doc,
      name,
      type: type ?? null,
      value,
    };
  });

  readonly expect = this.RULE("expect", (): Expect => {
    const token = this.CONSUME(ExpectWord) as Token;
    const condition = this.value();
    return {
      kind: "expect",
      start: token.start,
      end: condition.end,
      doc: this.docOf(token),
      condition,
    };
  });

  readonly actionEntry = this.RULE("actionEntry", (): ActionEntry => {
    const token = this.next;
    const action = this.SUBRULE(this.action);
    return { kind: "action", start: action.start, end: action.end, doc: this.docOf(token), action };
  });

  // ------------------------------------------------------------------ habits

  /** `const x = …` and `var x = …`, meant as a step or a `let`. */
  readonly constant = this.RULE("constant", (): Entry => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Const) },
      { ALT: () => this.CONSUME(Var) },
    ]) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const type =
      this.OPTION(() => {
        this.CONSUME(Colon);
        return this.SUBRULE(this.typeRef);
      }) ?? null;
    this.CONSUME(Equals);
    const action = this.SUBRULE(this.action);
    if (this.RECORDING_PHASE) return this.#named(token, { name, type, action });
    const entry = this.#named(token, { name, type, action });
    this.diagnostics.push(habit.constant(this.file, token, entry.kind));
    return entry;
  });

  readonly assignment = this.RULE("assignment", (): Entry => {
    const token = this.CONSUME(AnyName) as Token;
    const name = this.nameOf(token);
    const sign = this.CONSUME(Equals) as Token;
    const word = this.RECORDING_PHASE ? null : this.#wordBefore(token);
    const action = this.SUBRULE(this.action);
    if (word !== null) {
      const entry = this.#named(word, { name, type: null, action });
      this.diagnostics.push(habit.wordBefore(this.file, word, entry.kind));
      return entry;
    }
    if (this.RECORDING_PHASE || !this.isSettingKey(token)) {
      const entry = this.#named(token, { name, type: null, action });
      if (!this.RECORDING_PHASE)
        this.diagnostics.push(habit.assignment(this.file, token, entry.kind));
      return entry;
    }
    this.diagnostics.push(habit.equalsForColon(this.file, sign, name.text));
    const doc = this.docOf(token);
    return { kind: "setting", start: name.start, end: action.end, doc, key: name, value: action };
  });

  /** Is `key = …` in the block at hand meant as a setting? */
  protected abstract isSettingKey(key: Token): boolean;

  /** `stpe x = …`, `int x = …`: a word that means nothing, alone on the line where `step` or `let` should stand. */
  #wordBefore(name: Token): Token | null {
    const word = this.LA(-2) as Token;
    const before = this.LA(-3) as Token;
    if (word.tokenType !== Identifier || !isOnOneLine(this.text, word.end, name.start)) return null;
    const isAlone = before.tokenType === LBrace || !isOnOneLine(this.text, before.end, word.start);
    return isAlone ? word : null;
  }

  #named(
    token: Token,
    { name, type, action }: { name: Name; type: Step["type"]; action: Action },
  ): Step | LetDeclaration {
    const { start } = token;
    const doc = this.docOf(token);
    if (action.kind === "invoke" && action.block === null && !isCall(action.expression)) {
      const value = action.expression;
      return { kind: "let", start, end: value.end, doc, name, type, value };
    }
    return { kind: "step", start, end: action.end, doc, name, type, action };
  }

  readonly returnStatement = this.RULE("returnStatement", (): Entry => {
    const token = this.CONSUME(Return) as Token;
    const value = this.SUBRULE(this.action);
    const { start, end } = token;
    const doc = this.docOf(token);
    if (!this.RECORDING_PHASE) this.diagnostics.push(habit.returns(this.file, token));
    const key: Name = { start, end, text: "output" };
    return { kind: "setting", start, end: value.end, doc, key, value };
  });

  // ------------------------------------------------------------------ actions

  #actions: { ALT: () => Action }[] | null = null;
  readonly action = this.RULE("action", (): Action =>
    this.OR(
      (this.#actions ??= [
        { ALT: (): Action => this.#invoke() },
        { ALT: (): Action => this.SUBRULE(this.ifAction) },
        { ALT: (): Action => this.SUBRULE(this.match) },
        { ALT: (): Action => this.SUBRULE(this.forAction) },
        { ALT: (): Action => this.SUBRULE(this.repeat) },
        { ALT: (): Action => this.SUBRULE(this.race) },
      ]),
    ),
  );

  #invoke(): Invoke {
    const expression = this.value();
    const block = this.sees(braces) ? this.#settings(expression) : null;
    const { start } = expression;
    return { kind: "invoke", start, end: this.lastEnd, expression, block };
  }

  #settings(expression: Expression): Block | null {
    const block = this.OPTION(() => {
      if (!this.RECORDING_PHASE && !canTakeSettings(expression)) this.refuse("no-call", Colon);
      return this.SUBRULE(this.block);
    });
    return block ?? null;
  }

  readonly ifAction = this.RULE("ifAction", (): If => {
    this.enter();
    const { start } = this.CONSUME(IfWord) as Token;
    const condition = this.value();
    const then = this.SUBRULE(this.block);
    const otherwise = this.OPTION(() => {
      this.CONSUME(Else);
      return this.OR<If | Block>([
        { ALT: (): If | Block => this.SUBRULE(this.ifAction) },
        { ALT: (): If | Block => this.SUBRULE2(this.block) },
      ]);
    });
    this.leave();
    return { kind: "if", start, end: this.lastEnd, condition, then, else: otherwise ?? null };
  });

  readonly match = this.RULE("match", (): Match => {
    const { start } = this.CONSUME(MatchWord) as Token;
    const subject = this.value();
    const arms: Arm[] = [];
    this.CONSUME(LBrace);
    this.MANY(() => {
      const arm = this.SUBRULE(this.arm);
      if (arm !== null) arms.push(arm);
      this.OPTION(() => this.CONSUME(Comma));
    });
    const { end } = this.CONSUME(RBrace) as Token;
    return { kind: "match", start, end, subject, arms: fitted(arms) };
  });

  readonly arm = this.RULE("arm", (): Arm | null =>
    this.OR<Arm | null>([
      {
        ALT: (): Arm | null => {
          this.CONSUME(Gap);
          return null;
        },
      },
      { ALT: (): Arm | null => this.SUBRULE(this.realArm) },
    ]),
  );

  #bodies: { ALT: () => Block | Action }[] | null = null;
  readonly realArm = this.RULE("realArm", (): Arm => {
    const token = this.next;
    const patterns: Pattern[] = [];
    this.OR1([
      { ALT: () => this.CONSUME(Hole) },
      {
        ALT: () => {
          patterns.push(this.SUBRULE(this.pattern));
          this.MANY(() => {
            this.CONSUME(Bar);
            patterns.push(this.SUBRULE2(this.pattern));
          });
        },
      },
    ]);
    this.CONSUME(FatArrow);
    const body = this.OR({
      DEF: (this.#bodies ??= [
        { ALT: (): Block | Action => this.SUBRULE(this.block) },
        { ALT: (): Block | Action => this.SUBRULE(this.action) },
      ]),
      // `{` always opens a block here.
      IGNORE_AMBIGUITIES: true,
    });
    const doc = this.docOf(token);
    return { kind: "arm", start: token.start, end: this.lastEnd, doc, patterns, body };
  });

  #patterns: { ALT: () => Pattern["value"] }[] | null = null;
  readonly pattern = this.RULE("pattern", (): Pattern => {
    const { start, end } = this.next;
    const value = this.OR(
      (this.#patterns ??= [
        { ALT: (): Pattern["value"] => this.textOf(this.CONSUME(Text)) },
        {
          ALT: (): Pattern["value"] => {
            this.CONSUME(Else);
            return "else";
          },
        },
        { ALT: (): Pattern["value"] => this.literalOf(this.CONSUME(Int)) },
        { ALT: (): Pattern["value"] => this.literalOf(this.CONSUME(True)) },
        { ALT: (): Pattern["value"] => this.literalOf(this.CONSUME(False)) },
        { ALT: (): Pattern["value"] => this.literalOf(this.CONSUME(Null)) },
      ]),
    );
    return { kind: "pattern", start, end, value };
  });

  readonly forAction = this.RULE("forAction", (): For => {
    const { start } = this.CONSUME(ForWord) as Token;
    const variable = this.nameOf(this.CONSUME(Identifier));
    this.CONSUME(In);
    const list: Expression = this.value();
    const block = this.SUBRULE(this.block);
    return { kind: "for", start, end: this.lastEnd, variable, list, block };
  });

  readonly repeat = this.RULE("repeat", (): Repeat => {
    const { start } = this.CONSUME(RepeatWord) as Token;
    const block = this.SUBRULE(this.block);
    return { kind: "repeat", start, end: this.lastEnd, block };
  });

  readonly race = this.RULE("race", (): Race => {
    const { start } = this.CONSUME(RaceWord) as Token;
    const block = this.SUBRULE(this.block);
    return { kind: "race", start, end: this.lastEnd, block };
  });
}

/**
 * A comma may stand behind settings; behind statements it is a habit of other languages. A bare name does nothing, which is
 * told by itself: it may be a key whose colon became a comma.
 */
function isListed(entry: Entry): boolean {
  if (entry.kind === "setting" || entry.kind === "spread") return true;
  return isBareName(entry);
}

function isBareName(entry: Entry): boolean {
  if (!isBareValue(entry) || entry.kind !== "action" || entry.action.kind !== "invoke")
    return false;
  return entry.action.expression.kind === "name";
}

const braces = kindTable(LBrace);

/** Settings belong to a call; behind anything else a block means that something before it was forgotten. */
function canTakeSettings({ kind }: Expression): boolean {
  return kind === "call" || kind === "errorExpression";
}

function isBareValue(entry: Entry): boolean {
  if (entry.kind !== "action" || entry.action.kind !== "invoke") return false;
  return entry.action.block === null && entry.action.expression.kind !== "call";
}
