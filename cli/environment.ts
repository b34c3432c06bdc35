import { homedir } from "node:os";

/** What the process was started with. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the folder the command was started in. */
  readonly folder: string;
  readonly home: string;
}

export function systemEnvironment(): Environment {
  return { variables: process.env, folder: process.cwd(), home: homedir() };
}
