import type { DeadLetter, DeadLetterHead } from "../../runner/index.ts";
import type { Invocation } from "../command-spec.ts";
import { exitCodes } from "../exit-codes.ts";
import { isoTime } from "../run/report-run.ts";
import { letterPages } from "../run/letter-pages.ts";
import { table } from "../run/table.ts";
import { withReader } from "../run/with-runner.ts";

export async function deadLettersList(invocation: Invocation): Promise<number> {
  const { options, terminal } = invocation;
  const queue = options.text("queue");
  const status = (options.text("status") ?? "open") as DeadLetter["status"];
  const flow = options.text("flow")?.replace(/^.*#/, "");
  const code = options.text("code");
  // The same choice as that of `dead-letters retry`, so that one can look first.
  const isMeant = (letter: DeadLetterHead): boolean =>
    (flow === undefined || letter.flow === flow) &&
    (code === undefined || letter.errors.some((error) => error.code === code));
  const letters = await withReader(invocation, [], async (runner) => {
    const meant: DeadLetterHead[] = [];
    const filter = { status, ...(queue === undefined ? {} : { queue }) };
    for await (const page of letterPages(runner, filter)) meant.push(...page.filter(isMeant));
    return meant;
  });
  if (options.on("json"))
    terminal.out(
      `${JSON.stringify({ deadLetters: letters.map((letter) => letterDocument(letter)) }, null, 2)}\n`,
    );
  else if (options.on("ids")) terminal.out(letters.map(({ id }) => `${id}\n`).join(""));
  else if (letters.length === 0) terminal.err(`no ${status} dead letters\n`);
  else terminal.out(letterTable(letters, invocation));
  return exitCodes.ok;
}

export function letterDocument({ atMs, ...letter }: DeadLetter | DeadLetterHead): object {
  return { ...letter, at: isoTime(atMs) };
}

function letterTable(letters: readonly DeadLetterHead[], { terminal }: Invocation): string {
  const head = ["id", "queue", "at", "place", "error"].map(terminal.outColors.dim);
  const rows = letters.map((letter) => {
    const error = letter.errors.at(-1);
    const text = error === undefined ? "" : `${error.code}: ${error.message}`.replace(/\s+/g, " ");
    return [
      letter.id,
      letter.queue,
      new Date(letter.atMs).toISOString().slice(0, 16).replace("T", " "),
      letter.path ?? letter.flow,
      text,
    ];
  });
  return table([head, ...rows], terminal.outColumns());
}
