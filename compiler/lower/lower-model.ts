import type { ModelPlan } from "../../plan/plan.ts";
import { settingSymbols } from "../flow/uses.ts";
import type { CheckedModel } from "../types/checked.ts";
import { fileScope } from "./lower-context.ts";
import type { LowerContext } from "./lower-context.ts";
import {
  lowerCircuit,
  lowerRate,
  lowerRetry,
  numbersOf,
  settingConstant,
  settingExpression,
  settingNumber,
  settingText,
  settingTexts,
  when,
} from "./lower-settings.ts";

const defaultTimeoutMs = 120_000;

/** A person has no limit but that of the agent or call; a plan needs a number, and a year is none in practice. */
const personTimeoutMs = 365 * 86_400_000;

export function lowerModel(model: CheckedModel, context: LowerContext): ModelPlan | null {
  const scope = fileScope(context, model.symbol.file);
  if (scope === null) return null;
  const { settings } = model;
  const use = settingText(settings, "use", context) ?? "";
  const slash = use.indexOf("/");
  const provider = slash < 0 ? use : use.slice(0, slash);
  const { input, output } = numbersOf(settingConstant(settings, "price", context));
  const assignees = settingTexts(settings, "assignees", context);
  return {
    provider,
    model: slash < 0 ? "" : use.slice(slash + 1),
    backups: settingSymbols(context.program, settings.get("backups")).map((backup) =>
      context.names.of(backup),
    ),
    retry: lowerRetry(settings, scope, provider === "human" ? 1 : 3),
    timeoutMs:
      settingNumber(settings, "timeout", context) ??
      (provider === "human" ? personTimeoutMs : defaultTimeoutMs),
    ...when("apiKey", settingExpression(settings, "apiKey", scope)),
    ...when("baseUrl", settingExpression(settings, "baseUrl", scope)),
    ...when("options", settingConstant(settings, "options", context)),
    ...when("temperature", settingNumber(settings, "temperature", context)),
    ...when("price", input === undefined || output === undefined ? undefined : { input, output }),
    ...when("maxInput", settingNumber(settings, "maxInput", context)),
    ...when("maxOutput", settingNumber(settings, "maxOutput", context)),
    ...when("circuit", lowerCircuit(settings, context)),
    ...when("rate", lowerRate(settings, context)),
    ...when("concurrency", settingNumber(settings, "concurrency", context)),
    ...when("channel", settingText(settings, "channel", context)),
    ...when("assignees", assignees.length === 0 ? undefined : assignees),
    ...when("remindMs", settingNumber(settings, "remind", context)),
  };
}
