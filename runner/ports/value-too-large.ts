/** What somebody handed in from outside has more bytes than a value may have. */
export class ValueTooLarge extends Error {
  override readonly name = "ValueTooLarge";
}
