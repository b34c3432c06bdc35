/** What a process knows of the others on its machine, without asking them. */
export interface Machine {
  /** What the sessions of its processes begin with. */
  readonly prefix: string;
  /** True only when the process of the session has certainly ended. */
  isGone(session: string): boolean;
}
