import type { Invocation } from "../command-spec.ts";
import { parseJson, readSource } from "../run/collect-input.ts";
import { findLetter } from "../run/find-letter.ts";
import { followAndReport } from "../run/follow-and-report.ts";
import { redriveLetters } from "../run/redrive-letters.ts";
import { refuseMock } from "../run/refuse-mock.ts";
import { unwrap } from "../run/unwrap.ts";
import { withRunner } from "../run/with-runner.ts";
import { redriveOptions } from "../operations/redrive-options.ts";

export async function deadLettersRetry(invocation: Invocation): Promise<number> {
  const { args, options, environment } = invocation;
  const many = redriveOptions(args[0], options);
  const source = options.text("input");
  const input =
    source === undefined
      ? undefined
      : parseJson(await readSource(source, environment.folder), source);
  return await withRunner({ ...invocation, takeOver: true }, async (session) => {
    if (many !== null) return await redriveLetters(many, session, invocation);
    const letter = await findLetter(session.runner, args[0] ?? "");
    await refuseMock(letter.run, session.runner, options);
    const { run } = unwrap(
      await session.runner.deadLetters.retry(letter.id, input),
      source === undefined ? "" : `--input ${source}`,
    );
    return await followAndReport(run, session, invocation);
  });
}
