import { BlockRules } from "./block-rules.ts";
import { habit } from "./habits.ts";
import {
  Agent,
  AnyName,
  Arrow,
  As,
  Colon,
  Comma,
  Config,
  Const,
  Enum,
  Equals,
  Flow,
  From,
  Identifier,
  Import as ImportWord,
  Int,
  LBrace,
  LParen,
  Model,
  RBrace,
  Role,
  RParen,
  Test,
  Text,
  Tool,
  Type,
  Var,
} from "./tokens.ts";
import type { Token } from "./tokens.ts";
import type {
  AgentDeclaration,
  ConfigDeclaration,
  Declaration,
  Field,
  FlowDeclaration,
  Head,
  Import,
  ImportName,
  LetDeclaration,
  ModelDeclaration,
  RoleDeclaration,
  RoleHead,
  Signature,
  TestDeclaration,
  ToolDeclaration,
  TypeDeclaration,
  UnionMember,
} from "./tree.ts";
import { fitted } from "./fitted.ts";

/** What stands at the top of a file. One call of `declaration` or `importDeclaration` reads one of them. */
export abstract class DeclarationRules extends BlockRules {
  #declarations: { ALT: () => Declaration }[] | null = null;
  readonly declaration = this.RULE("declaration", (): Declaration => {
    const declaration = this.OR(
      (this.#declarations ??= [
        { ALT: (): Declaration => this.SUBRULE(this.letDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.typeDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.configDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.roleDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.modelDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.agentDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.toolDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.flowDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.testDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.enumDeclaration) },
        { ALT: (): Declaration => this.SUBRULE(this.constantDeclaration) },
      ]),
    );
    this.#trailingComma(declaration.kind);
    return declaration;
  });

  #trailingComma(kind: string): void {
    this.OPTION9(() => {
      const comma = this.CONSUME9(Comma) as Token;
      if (!this.RECORDING_PHASE)
        this.diagnostics.push(habit.commaAfterStatement(this.file, comma, kind));
    });
  }

  readonly importDeclaration = this.RULE("importDeclaration", (): Import => {
    const { start } = this.CONSUME(ImportWord) as Token;
    const names: ImportName[] = [];
    this.CONSUME(LBrace);
    this.MANY(() => {
      names.push(this.SUBRULE(this.importName));
      this.separator(
        this.OPTION(() => this.CONSUME(Comma)),
        RBrace,
      );
    });
    this.CONSUME(RBrace);
    this.CONSUME(From);
    const from = this.textOf(this.CONSUME(Text));
    this.#trailingComma("import");
    return { kind: "import", start, end: from.end, names, from };
  });

  readonly importName = this.RULE("importName", (): ImportName => {
    const name = this.nameOf(this.CONSUME(Identifier));
    const alias = this.OPTION(() => {
      this.CONSUME(As);
      return this.nameOf(this.CONSUME2(Identifier));
    });
    return { start: name.start, end: this.lastEnd, name, alias: alias ?? null };
  });

  readonly typeDeclaration = this.RULE("typeDeclaration", (): TypeDeclaration => {
    const token = this.CONSUME(Type) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const params = this.OPTION(() => this.SUBRULE(this.typeParams)) ?? [];
    let isShape = false;
    const value = this.OR<TypeDeclaration["value"]>([
      {
        ALT: () => {
          isShape = true;
          return this.SUBRULE(this.shape);
        },
      },
      {
        ALT: () => {
          this.CONSUME(Equals);
          return this.SUBRULE(this.typeRef);
        },
      },
    ]);
    const doc = this.docOf(token);
    return {
      kind: "type",
      start: token.start,
      end: this.lastEnd,
      doc,
      name,
      params,
      value,
      isShape,
    };
  });

  readonly configDeclaration = this.RULE("configDeclaration", (): ConfigDeclaration => {
    const token = this.CONSUME(Config) as Token;
    const body = this.OR([
      { ALT: () => ({ shape: this.SUBRULE(this.shape), environment: null, block: null }) },
      {
        ALT: () => {
          const environment = this.nameOf(this.CONSUME(AnyName));
          return { shape: null, environment, block: this.SUBRULE(this.block) };
        },
      },
    ]) as Pick<ConfigDeclaration, "shape" | "environment" | "block">;
    const doc = this.docOf(token);
    return { kind: "config", start: token.start, end: this.lastEnd, doc, ...body };
  });

  readonly roleDeclaration = this.RULE("roleDeclaration", (): RoleDeclaration => {
    const token = this.CONSUME(Role) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const typeParams = this.OPTION(() => this.SUBRULE(this.typeParams)) ?? [];
    const signature = this.SUBRULE(this.signature);
    const block = this.OPTION2(() => this.SUBRULE(this.block)) ?? null;
    const doc = this.docOf(token);
    return {
      kind: "role",
      start: token.start,
      end: this.lastEnd,
      doc,
      name,
      typeParams,
      signature,
      block,
    };
  });

  readonly modelDeclaration = this.RULE("modelDeclaration", (): ModelDeclaration => {
    const token = this.CONSUME(Model) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const block = this.SUBRULE(this.block);
    return {
      kind: "model",
      start: token.start,
      end: block.end,
      doc: this.docOf(token),
      name,
      block,
    };
  });

  readonly agentDeclaration = this.RULE("agentDeclaration", (): AgentDeclaration => {
    const token = this.CONSUME(Agent) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const head = this.SUBRULE(this.head);
    const block = this.SUBRULE(this.block);
    return {
      kind: "agent",
      start: token.start,
      end: block.end,
      doc: this.docOf(token),
      name,
      head,
      block,
    };
  });

  readonly toolDeclaration = this.RULE("toolDeclaration", (): ToolDeclaration => {
    const token = this.CONSUME(Tool) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const head = this.SUBRULE(this.head);
    const block = this.SUBRULE(this.block);
    return {
      kind: "tool",
      start: token.start,
      end: block.end,
      doc: this.docOf(token),
      name,
      head,
      block,
    };
  });

  readonly flowDeclaration = this.RULE("flowDeclaration", (): FlowDeclaration => {
    const token = this.CONSUME(Flow) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const typeParams = this.OPTION(() => this.SUBRULE(this.typeParams)) ?? [];
    const head = this.SUBRULE(this.head);
    const block = this.SUBRULE(this.block);
    const doc = this.docOf(token);
    return { kind: "flow", start: token.start, end: block.end, doc, name, typeParams, head, block };
  });

  readonly testDeclaration = this.RULE("testDeclaration", (): TestDeclaration => {
    const token = this.CONSUME(Test) as Token;
    const title = this.textOf(this.CONSUME(Text));
    const block = this.SUBRULE(this.block);
    return {
      kind: "test",
      start: token.start,
      end: block.end,
      doc: this.docOf(token),
      title,
      block,
    };
  });

  #heads: { ALT: () => Head }[] | null = null;
  readonly head = this.RULE("head", (): Head =>
    this.OR(
      (this.#heads ??= [
        { ALT: (): Head => this.SUBRULE(this.signature) },
        { ALT: (): Head => this.SUBRULE(this.roleHead) },
      ]),
    ),
  );

  readonly roleHead = this.RULE("roleHead", (): RoleHead => {
    const { start } = this.CONSUME(Colon) as Token;
    const role = this.nameOf(this.CONSUME(Identifier));
    const args = this.OPTION(() => this.SUBRULE(this.typeArgs)) ?? [];
    return { kind: "roleHead", start, end: this.lastEnd, role, args };
  });

  readonly signature = this.RULE("signature", (): Signature => {
    const params: Field[] = [];
    const { start } = this.CONSUME(LParen) as Token;
    this.MANY(() => {
      params.push(this.SUBRULE(this.field));
      this.separator(
        this.OPTION(() => this.CONSUME(Comma)),
        RParen,
      );
    });
    this.CONSUME(RParen);
    const returns = this.OPTION2(() => {
      this.CONSUME(Arrow);
      return this.SUBRULE(this.typeRef);
    });
    return {
      kind: "signature",
      start,
      end: this.lastEnd,
      params: fitted(params),
      returns: returns ?? null,
    };
  });

  // ------------------------------------------------------------------ habits

  /** `enum Mood { negative, neutral }`, meant as a union of texts. */
  readonly enumDeclaration = this.RULE("enumDeclaration", (): TypeDeclaration => {
    const token = this.CONSUME(Enum) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const members: UnionMember[] = [];
    this.CONSUME(LBrace);
    this.MANY(() => {
      members.push(this.SUBRULE(this.enumMember));
      this.OPTION(() => this.CONSUME(Comma));
    });
    const { end } = this.CONSUME(RBrace) as Token;
    const { start } = token;
    const doc = this.docOf(token);
    if (!this.RECORDING_PHASE)
      this.diagnostics.push(habit.enumeration(this, { start, end, name, members }));
    const [only] = members;
    const isUnion = members.length > 1;
    const value: TypeDeclaration["value"] = isUnion
      ? { kind: "union", start: only?.start ?? end, end, members }
      : (only?.type ?? { kind: "errorType", start: end, end });
    return { kind: "type", start, end, doc, name, params: [], value, isShape: false };
  });

  readonly enumMember = this.RULE("enumMember", (): UnionMember => {
    const token = this.next;
    const { start, end } = token;
    const key = this.OR([
      { ALT: () => this.nameOf(this.CONSUME(AnyName)) },
      { ALT: () => this.quotedKey(this.CONSUME(Text) as Token) },
    ]);
    const written = this.OPTION(() => {
      this.CONSUME(Equals);
      return this.OR2<string | undefined>([
        { ALT: () => this.quotedKey(this.CONSUME2(Text) as Token).text },
        {
          ALT: () => {
            this.CONSUME(Int);
            return undefined;
          },
        },
      ]);
    });
    const part = { kind: "text" as const, start, end, text: written ?? key.text };
    const value = { kind: "string" as const, start, end, quote: '"' as const, parts: [part] };
    return { start, end, doc: this.docOf(token), type: { kind: "literalType", start, end, value } };
  });

  /** `const x = …` at the top of a file, meant as `let`. */
  readonly constantDeclaration = this.RULE("constantDeclaration", (): LetDeclaration => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Const) },
      { ALT: () => this.CONSUME(Var) },
    ]) as Token;
    const name = this.nameOf(this.CONSUME(Identifier));
    const type = this.OPTION(() => {
      this.CONSUME(Colon);
      return this.SUBRULE(this.typeRef);
    });
    this.CONSUME(Equals);
    const value = this.value();
    if (!this.RECORDING_PHASE) this.diagnostics.push(habit.constant(this.file, token, "let"));
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
}
