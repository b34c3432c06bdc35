import { randomInt } from "node:crypto";

/** Between two questions to a server that is away, in milliseconds, more or less by half. */
const everyMs = 200;

/**
 * Finds out when a server that was lost can be reached again: one of a process asks, often, and whoever waits goes on at once. If each
 * asked for itself, it would be seldom, or hold up a server that has just come back with many connections.
 */
export class Reconnection {
  private readonly reaches: () => Promise<boolean>;
  private asking: Promise<void> | undefined;
  private waiting = 0;

  /** @param reaches Asks the server for a sign of life. */
  constructor(reaches: () => Promise<boolean>) {
    this.reaches = reaches;
  }

  /** Resolves when the server has answered, but not before `pauseMs`, unless others have waited longer; or when patience is over. */
  async wait(pauseMs: number, patience: AbortSignal): Promise<void> {
    this.waiting += 1;
    let stop = (): void => {};
    const over = new Promise<void>((resolve) => {
      stop = resolve;
    });
    patience.addEventListener("abort", stop);
    if (patience.aborted) stop();
    this.asking ??= this.ask(pauseMs).finally(() => {
      this.asking = undefined;
    });
    await Promise.race([this.asking, over]);
    patience.removeEventListener("abort", stop);
    this.waiting -= 1;
  }

  private async ask(firstMs: number): Promise<void> {
    for (let pauseMs = firstMs; ; pauseMs = Math.min(everyMs, 2 * pauseMs)) {
      const thisMs = (pauseMs * randomInt(50, 150)) / 100;
      await new Promise((resolve) => {
        setTimeout(resolve, thisMs);
      });
      if (this.waiting === 0 || (await this.reaches())) return;
    }
  }
}
