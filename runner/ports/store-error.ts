/**
 * Why a store can't do its work. `busy` and `full` pass; a store that is `damaged`, `newer` than this program, `foreign`
 * (something else's file) or `unreachable` needs a person, who finds in the message what to do.
 */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: "busy" | "full" | "damaged" | "newer" | "foreign" | "unreachable";

  constructor(kind: StoreError["kind"], message: string, options?: { readonly cause: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
