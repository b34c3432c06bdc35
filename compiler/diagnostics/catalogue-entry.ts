import type { Severity } from "./diagnostic.ts";

/** What the documentation says about a code. Both examples are complete programs. */
export interface CatalogueEntry {
  readonly severity: Severity;
  /** Lower case, no full stop: it stands in a list beside the code. */
  readonly title: string;
  /** What it means, why the language insists, how to mend it. */
  readonly explanation: string;
  /** Gives this code once and nothing else. */
  readonly bad: Example;
  /** Gives no diagnostic. */
  readonly good: Example;
}

export interface Example {
  /** Text of `main.agentflow`. */
  readonly text: string;
  /** Further files that `main.agentflow` imports, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * When it shows, if the text alone does not: `deploy`, because it is compared with what an earlier version
   * stored, or `start`, because it depends on where it runs. Both texts then check without a diagnostic.
   */
  readonly found?: "deploy" | "start";
  /** What else has to be so for it to show; a sentence. */
  readonly note?: string;
}
