import { exitCodes } from "./exit-codes.ts";

export interface MistakeOptions {
  /** One of `exitCodes`; `usage` if left out. */
  readonly exitCode?: number;
  /** What to do about it; a line each, shown under the message. */
  readonly hints?: readonly string[];
  /** For scripts; `usage` or `refused` if left out. */
  readonly code?: string;
  /** Printed in front of the message, as it is: diagnostics with their code frames. */
  readonly before?: string;
  /** More for scripts, beside code, message and hints. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Something the user can mend: printed without a stack trace. The message says where, what and why. */
export class UserMistake extends Error {
  override readonly name = "UserMistake";
  readonly exitCode: number;
  readonly hints: readonly string[];
  readonly code: string;
  readonly before: string;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(message: string, options: MistakeOptions = {}) {
    super(message);
    this.exitCode = options.exitCode ?? exitCodes.usage;
    this.hints = options.hints ?? [];
    this.code = options.code ?? (this.exitCode === exitCodes.refused ? "refused" : "usage");
    this.before = options.before ?? "";
    this.data = options.data ?? {};
  }
}
