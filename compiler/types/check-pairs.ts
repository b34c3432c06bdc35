import { spanOf } from "../names/reporter.ts";
import type { ResolvedSetting } from "./checked.ts";
import type { Checker } from "./checker.ts";

interface Pair {
  readonly key: string;
  readonly needs: string;
  readonly why: string;
  readonly help: string;
}

/** Settings that do nothing without another one. */
const pairs: readonly Pair[] = [
  {
    key: "backoff",
    needs: "attempts",
    why: "is the pause between attempts, and nothing here is attempted twice",
    help: "add the number of all tries, such as `attempts: 3`",
  },
  {
    key: "retryOn",
    needs: "attempts",
    why: "says what is tried again, and nothing here is attempted twice",
    help: "add the number of all tries, such as `attempts: 3`",
  },
  {
    key: "maxHandoffs",
    needs: "handoffs",
    why: "limits `handoffs`, and there are none",
    help: "say who may pass on to whom: `handoffs: { front: [billing] }`",
  },
  {
    key: "idle",
    needs: "onIdle",
    why: "says after what time the state is replaced, and nothing says by what",
    help: "add the value it then gets, such as `onIdle: []`",
  },
  {
    key: "onIdle",
    needs: "idle",
    why: "replaces the state after some time, and nothing says after how long",
    help: "add the time without a run, such as `idle: 10m`",
  },
];

/** AF3015: one half of a pair of settings is missing, or of two that exclude each other both are there. */
export function checkPairs(c: Checker, settings: ReadonlyMap<string, ResolvedSetting>): void {
  const batch = settings.get("batch");
  const debounce = settings.get("debounce");
  if (batch !== undefined && debounce !== undefined && batch.file === c.file) {
    c.report({
      code: "AF3015",
      at: batch.node.key,
      message: "`debounce` keeps only the last event, so there is nothing to collect with `batch`",
      related:
        debounce.file === c.file
          ? [{ span: spanOf(c.file, debounce.node), message: "only the last one, from here" }]
          : [],
      help: "keep one of them",
    });
  }
  for (const { key, needs, why, help } of pairs) {
    const setting = settings.get(key);
    if (setting === undefined || settings.has(needs) || setting.file !== c.file) continue;
    // A default of a role is for all who fill it, whether they have the other half or not.
    if (setting.from !== "own") continue;
    c.report({ code: "AF3015", at: setting.node.key, message: `\`${key}\` ${why}`, help });
  }
}
