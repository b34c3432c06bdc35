/** Something worth telling an operator; never holds a secret or a run's payload. */
export interface LogRecord {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: { readonly [name: string]: string | number | boolean | null };
}

export interface Telemetry {
  log(record: LogRecord): void;
}
