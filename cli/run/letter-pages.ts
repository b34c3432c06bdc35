import type { DeadLetterHead, Runner } from "../../runner/index.ts";

const lettersPerPage = 1_000;

/** All dead letters that fit, a page at a time. */
export async function* letterPages(
  runner: Pick<Runner, "deadLetters">,
  filter: Parameters<Runner["deadLetters"]["list"]>[0] = {},
): AsyncGenerator<readonly DeadLetterHead[]> {
  for (let after = ""; ;) {
    const page = await runner.deadLetters.list({ ...filter, after, limit: lettersPerPage });
    if (page.length > 0) yield page;
    if (page.length < lettersPerPage) return;
    after = page.at(-1)?.id ?? after;
  }
}
