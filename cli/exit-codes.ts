/** What a script can rely on; `docs/cli.md` lists them. */
export const exitCodes = {
  ok: 0,
  /** The program has errors, a test failed, a file is not formatted, a run failed or was cancelled. */
  failed: 1,
  /** The command line is wrong: an unknown flag, a value of the wrong type, a file that is not there. */
  usage: 2,
  /** The run goes on when a person, an event or a later time comes. */
  waiting: 3,
  /** The store does not allow it: no such run, a run that has ended, a store that is newer than this program. */
  refused: 4,
  /** A fault of agentflow itself. */
  internal: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
