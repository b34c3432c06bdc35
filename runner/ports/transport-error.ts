/**
 * Why runs can't be carried by a server as they are told to. The message says what, why, and what to do about it.
 */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly kind: "unreachable" | "refused" | "unsuitable";

  constructor(kind: "unreachable" | "refused" | "unsuitable", message: string) {
    super(message);
    this.kind = kind;
  }
}
