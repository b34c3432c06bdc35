import { DeclarationRules } from "./declaration-rules.ts";
import { flowSettings } from "./flow-settings.ts";
import type { Token } from "./tokens.ts";

/** The whole grammar. Building one analyses all rules, so there is one for all texts: `grammar()`. */
export class Grammar extends DeclarationRules {
  constructor(options: { validate: boolean }) {
    super(options);
    this.performSelfAnalysis();
  }

  protected isSettingKey(key: Token): boolean {
    const engine = this as unknown as { getHumanReadableRuleStack(): string[] };
    const rules = engine.getHumanReadableRuleStack();
    const owner = rules[rules.lastIndexOf("block") - 1] ?? "";
    return settingsOnly.has(owner) || flowSettings.has(key.image);
  }
}

/** Rules whose blocks hold settings and no statements. */
const settingsOnly = new Set([
  "action",
  "on",
  "state",
  "modelDeclaration",
  "agentDeclaration",
  "toolDeclaration",
  "roleDeclaration",
  "configDeclaration",
]);

let shared: Grammar | null = null;

export function grammar(): Grammar {
  shared ??= new Grammar({ validate: false });
  return shared;
}
