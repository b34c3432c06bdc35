/** Leaves its process nothing else to do for so long. */
export function block({
  tag,
  blockMs,
}: {
  readonly tag: string;
  readonly blockMs: number;
}): string {
  const untilMs = Date.now() + blockMs;
  while (Date.now() < untilMs);
  return `blocked ${tag}`;
}

export function inflate({ tag, size }: { readonly tag: string; readonly size: number }): string {
  return tag.padEnd(size, "0123456789");
}

/** Never gives its process back. */
export function stuck(): string {
  for (;;);
}
