import { plainText, withoutParentheses } from "../names/plain-text.ts";
import { spanOf } from "../names/reporter.ts";
import { someOf, suggest } from "../names/suggest.ts";
import type { Expression, Name } from "../syntax/tree.ts";
import type { ResolvedSetting } from "./checked.ts";
import type { Checker } from "./checker.ts";
import { knownType } from "./known-type.ts";

/** Where people are asked. */
const channels = ["slack", "email", "inbox"] as const;

/** Settings of people only: whom and where to ask, and how often to remind. */
const ofPeople = ["channel", "assignees", "remind"] as const;

/** A model is a person or a program; each has settings that the other has not. */
export function checkPerson(
  c: Checker,
  model: Name,
  settings: ReadonlyMap<string, ResolvedSetting>,
): void {
  const use = settings.get("use");
  if (use?.value.kind !== "invoke") return;
  const at = withoutParentheses(use.value.expression);
  const type = knownType(c.results, use.value.expression);
  const [provider, channel] =
    (plainText(at) ?? (type?.kind === "literal" ? type.value : undefined))?.split("/") ?? [];
  if (provider === undefined || channel === undefined) return;
  if (provider === "human") {
    const isKnown = channels.some((known) => known === channel);
    if (!isKnown && use.file === c.file) reportChannel(c, at, channel);
    return;
  }
  for (const key of ofPeople) {
    const setting = settings.get(key);
    if (setting === undefined) continue;
    c.report({
      code: "AF2003",
      at: setting.file === c.file ? setting.node.key : model,
      message: `the model \`${model.text}\` is no person, so it has no setting \`${key}\``,
      related:
        use.file === c.file
          ? [{ span: spanOf(c.file, use.node), message: "this is what answers" }]
          : [],
      help: `remove it, or let people answer: ${someOf(
        channels.map((name) => `\`use: "human/${name}"\``),
        8,
        "or",
      )}`,
    });
  }
}

function reportChannel(c: Checker, at: Expression, channel: string): void {
  const near = suggest({
    file: c.file,
    at: { start: at.start + '"human/'.length, end: at.end - 1 },
    written: channel,
    candidates: channels,
  });
  c.report({
    code: "AF3003",
    at,
    message: `people cannot be asked by \`${channel}\``,
    help:
      near.help ??
      `write ${someOf(
        channels.map((name) => `\`"human/${name}"\``),
        8,
        "or",
      )}`,
    fixes: near.fixes,
  });
}
