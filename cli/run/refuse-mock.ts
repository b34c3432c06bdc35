import type { Runner } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Options } from "../options.ts";
import { UserMistake } from "../user-mistake.ts";

/**
 * A run keeps the models it began with, so that real and made-up answers never mix. Who asks for made-up ones must not find
 * out from the bill that the real model was asked.
 */
export async function refuseMock(run: string, runner: Runner, options: Options): Promise<void> {
  if (!options.on("mock") && options.text("mock-script") === undefined) return;
  const [created] = await runner.events(run);
  if (created?.kind !== "run.created" || created.mocked === true) return;
  throw new UserMistake(`run ${run} began with real models and can't go on with made-up answers`, {
    exitCode: exitCodes.refused,
    code: "not_mocked",
    hints: ["leave --mock out, or start a new run: agentflow run … --mock"],
  });
}
