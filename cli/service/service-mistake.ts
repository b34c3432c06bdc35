import { StoreError, TransportError } from "../../runner/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { hideSecrets } from "../settings/settings-problem.ts";
import { UserMistake } from "../user-mistake.ts";

/** What a person can mend, as a mistake; anything else as it is. */
export async function orMistake<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw mistakeOf(error) ?? error;
  }
}

function mistakeOf(error: unknown): UserMistake | undefined {
  const exitCode = exitCodes.refused;
  if (error instanceof StoreError)
    return new UserMistake(hideSecrets(error.message), { exitCode, code: `store_${error.kind}` });
  if (error instanceof TransportError)
    return new UserMistake(hideSecrets(error.message), { exitCode, code: `redis_${error.kind}` });
  if (error instanceof Error && "syscall" in error && error.syscall === "listen")
    return new UserMistake(`the health port can't be used: ${error.message}`, {
      exitCode,
      code: "health_port",
      hints: ["choose another one with --health-port, or 0 for any that is free"],
    });
  return undefined;
}
