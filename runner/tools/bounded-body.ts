/** The answer is larger than the limit; the rest was not read. */
export class TooLarge extends Error {}

/** Reads a whole answer into memory, up to `limit` bytes. Throws `TooLarge`. */
export async function readBounded(response: Response, limit: number): Promise<Uint8Array> {
  const declared = Number(response.headers.get("content-length") ?? "0");
  const body = response.body;
  if (body === null) return new Uint8Array();
  if (declared > limit) {
    await body.cancel();
    throw new TooLarge();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    // Leaving the loop cancels the stream.
    if (size > limit) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
