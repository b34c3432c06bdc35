export interface Finding {
  /** `broken` makes `agentflow doctor` fail, `advice` does not. */
  readonly state: "fine" | "advice" | "broken";
  /** What was looked at. */
  readonly subject: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}
