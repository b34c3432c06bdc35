/** Places for a limited number of calls at once; further ones wait in line. */
export class CallSlots {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.free = limit;
  }

  /** Waits for a place. False when the call was given up before there was one. */
  async take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.free > 0) {
      this.free -= 1;
      return true;
    }
    return new Promise<boolean>((resolve) => {
      const onPlace = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(true);
      };
      const onAbort = (): void => {
        this.waiting.splice(this.waiting.indexOf(onPlace), 1);
        resolve(false);
      };
      this.waiting.push(onPlace);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** The place goes straight to the next in line, so a newcomer can't overtake it. */
  giveBack(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free += 1;
    else next();
  }
}
