import { planFormat, planVersion } from "./plan.ts";
import type { Problem } from "./problem.ts";

type Document = { readonly [key: string]: unknown };

export type UpgradeResult =
  | { readonly ok: true; readonly document: Document }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** One version to the next. Gives the whole document, hash included, so that a pinned run finds its plan again. */
export type Upgrade = (document: Document) => Document;

/** By the version an upgrade starts from. Version 1 is the first, so nothing precedes it. */
const upgrades: ReadonlyMap<number, Upgrade> = new Map();

/** Brings a plan document of any version ever published to the current one. */
export function upgradePlan(
  document: unknown,
  chain: { readonly upgrades: ReadonlyMap<number, Upgrade>; readonly to: number } = {
    upgrades,
    to: planVersion,
  },
): UpgradeResult {
  if (!isRecord(document) || document["format"] !== planFormat) {
    return refuse("", `is not an agentflow plan: \`format\` must be "${planFormat}"`);
  }
  let current: Document = document;
  for (;;) {
    const version = current["version"];
    if (typeof version !== "number" || !Number.isInteger(version) || version < 1) {
      return refuse("version", "must be a whole number from 1 on");
    }
    if (version === chain.to) return { ok: true, document: current };
    if (version > chain.to) {
      return refuse(
        "version",
        `is ${version}, but this agentflow reads up to ${chain.to}: install a newer agentflow`,
      );
    }
    const upgrade = chain.upgrades.get(version);
    if (upgrade === undefined)
      return refuse("version", `${version} can no longer be read: compile the program again`);
    current = { ...upgrade(current), version: version + 1 };
  }
}

function refuse(path: string, message: string): UpgradeResult {
  return { ok: false, problems: [{ path, message }] };
}

function isRecord(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
