/**
 * Which plan serves the triggers of a program, and new runs of `continue`. Runs that were started with an older plan
 * keep it.
 */
export interface DeploymentStore {
  /**
   * Adds the program, or puts the new plan in the place of its old one, whose edition is `replaces` (0: there is none). Gives its own edition;
   * null, and nothing happens, when another one is there.
   */
  put(deployment: NewDeployment, replaces: number): Promise<number | null>;
  /** False when there is none. */
  remove(program: string): Promise<boolean>;
  /** By program. */
  list(): Promise<readonly Deployment[]>;
}

export interface Deployment extends NewDeployment {
  /** Counts the deployments of the program, from 1. */
  readonly edition: number;
}

export interface NewDeployment {
  /** Name that its user gave it. */
  readonly program: string;
  readonly planHash: string;
  readonly environment: string;
  /** Folder of the entry file, where the paths of modules start; absolute. */
  readonly folder: string;
  /** Runs are started with the mock model. */
  readonly mocked: boolean;
  /** When it was deployed. */
  readonly atMs: number;
}
