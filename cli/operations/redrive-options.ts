import type { RedriveOptions } from "../../runner/index.ts";
import type { Options } from "../options.ts";
import { UserMistake } from "../user-mistake.ts";

const perMinute: Readonly<Record<string, number>> = { s: 60, min: 1, h: 1 / 60, d: 1 / 1_440 };

/** Which dead letters are meant, and how fast; null when one is named instead. Throws `UserMistake`. */
export function redriveOptions(
  letter: string | undefined,
  options: Options,
): RedriveOptions | null {
  const chosen = ["all", "queue", "flow", "code"].filter(
    (name) => options.on(name) || options.text(name) !== undefined,
  );
  if (letter !== undefined) {
    const paced = ["canary", "rate", "limit"].filter((name) => options.text(name) !== undefined);
    const [wrong] = [...chosen, ...paced];
    if (wrong === undefined) return null;
    throw new UserMistake(`--${wrong} is for many dead letters, and \`${letter}\` names one`, {
      hints: [`leave out --${wrong}, or the id`],
    });
  }
  if (chosen.length === 0)
    throw new UserMistake("say which dead letters", {
      hints: [
        "one by its id, or many by --queue, --flow or --code; --all for every open one",
        "agentflow dead-letters list shows them",
      ],
    });
  const [first = ""] = chosen.filter((name) => name !== "all");
  if (options.on("all") && first !== "")
    throw new UserMistake(`--all and --${first} can't be meant at once`, {
      hints: [`leave out --all: --${first} chooses from all open dead letters`],
    });
  if (options.text("input") !== undefined)
    throw new UserMistake("--input is for one dead letter, named by its id", {
      hints: ["many are retried as they are"],
    });
  const rate = options.text("rate");
  return {
    ...when("queue", options.text("queue")),
    ...when("flow", options.text("flow")?.replace(/^.*#/, "")),
    ...when("code", options.text("code")),
    ...when("canary", options.whole("canary")),
    ...when("limit", options.whole("limit")),
    ...when("perMinute", rate === undefined ? undefined : readRate(rate)),
  };
}

/** A rate as programs write it. */
function readRate(text: string): number {
  const [, count = "", unit = ""] = /^(\d+)\/(s|min|h|d)$/.exec(text) ?? [];
  const rate = Number(count) * (perMinute[unit] ?? 0);
  if (rate > 0) return rate;
  throw new UserMistake(`--rate can't be \`${text}\``, {
    hints: ["it is a number per s, min, h or d, for example --rate 60/min"],
  });
}

function when<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]?: V });
}
