/**
 * Two signals within this time are one: `timeout`, npm and terminals signal a process and, right after it, the group that it is in.
 */
const oneSignalMs = 250;

/** Hears SIGTERM and SIGINT from now on, so that they end nothing by themselves. */
export function untilToldToStop(): {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
  after(ms: number): Promise<void>;
} {
  let [hearFirst, hearSecond]: [() => void, () => void] = [() => {}, () => {}];
  const first = new Promise<void>((resolve) => {
    hearFirst = resolve;
  });
  const second = new Promise<void>((resolve) => {
    hearSecond = resolve;
  });
  let isTold = false;
  let isEcho = false;
  const hear = (): void => {
    if (isEcho) return;
    if (isTold) hearSecond();
    isTold = true;
    isEcho = true;
    setTimeout(() => (isEcho = false), oneSignalMs).unref();
    hearFirst();
  };
  process.on("SIGTERM", hear);
  process.on("SIGINT", hear);
  return {
    first,
    second,
    after: (ms) => new Promise((resolve) => void setTimeout(resolve, ms).unref()),
  };
}
