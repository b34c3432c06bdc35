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
  let count = 0;
  const hear = (): void => {
    count += 1;
    if (count === 1) hearFirst();
    else hearSecond();
  };
  process.on("SIGTERM", hear);
  process.on("SIGINT", hear);
  return {
    first,
    second,
    after: (ms) => new Promise((resolve) => void setTimeout(resolve, ms).unref()),
  };
}
