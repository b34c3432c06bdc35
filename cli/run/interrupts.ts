/** Calls back for each Ctrl-C with its number; SIGTERM counts as the last one. Gives the way to stop listening. */
export function onInterrupt(listener: (count: number) => void): () => void {
  let count = 0;
  const interrupted = (): void => {
    count += 1;
    listener(count);
  };
  const terminated = (): void => {
    count = Math.max(count + 1, 2);
    listener(count);
  };
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", terminated);
  return () => {
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", terminated);
  };
}
