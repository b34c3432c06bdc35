import {
  Agent,
  Colon,
  Config,
  Equals,
  Flow,
  Identifier,
  Import,
  LBrace,
  LParen,
  Less,
  Let,
  Model,
  Role,
  Test,
  Text,
  Tool,
  Type,
  From,
  Step,
} from "./tokens.ts";
import type { Token, TokenKind } from "./tokens.ts";

const agentKeys = new Set(["prompt", "system", "tools", "check", "maxTurns", "skills", "examples"]);
const toolKeys = new Set([
  "http",
  "mcp",
  "module",
  "effect",
  "auth",
  "headers",
  "errors",
  "idempotency",
  "confirm",
]);
const modelKeys = new Set([
  "use",
  "backups",
  "apiKey",
  "baseUrl",
  "price",
  "channel",
  "assignees",
  "remind",
]);
const flowKeys = new Set(["output", "budget", "cancelOn"]);

/** The keyword that a declaration without one most likely lacks, judging by what it holds; null if nothing tells. */
export function keywordFor(tokens: readonly Token[]): TokenKind | null {
  const [first, second] = tokens;
  if (first?.tokenType === Text) return Test;
  if (first?.tokenType === LBrace)
    return tokens.some(({ tokenType }) => tokenType === From) ? Import : Config;
  if (first?.tokenType !== Identifier) return null;
  switch (second?.tokenType) {
    case Equals:
      return Let;
    case LBrace:
      return hasKey(tokens, modelKeys) ? Model : Type;
    case LParen:
    case Less:
    case Colon:
      return callableFor(tokens);
    default:
      return null;
  }
}

function callableFor(tokens: readonly Token[]): TokenKind {
  if (tokens.some(({ tokenType }) => tokenType === Step) || hasKey(tokens, flowKeys)) return Flow;
  if (hasKey(tokens, toolKeys)) return Tool;
  return hasKey(tokens, agentKeys) || tokens.at(-1)?.tokenType.name === "RBrace" ? Agent : Role;
}

function hasKey(tokens: readonly Token[], keys: ReadonlySet<string>): boolean {
  return tokens.some(
    ({ image }, index) => keys.has(image) && tokens[index + 1]?.tokenType === Colon,
  );
}
