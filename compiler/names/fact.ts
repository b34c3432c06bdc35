/** What a test has shown about a path `a.b`. Names are immutable, so it holds wherever the test has passed. */
export type Fact =
  | { readonly kind: "notNull" }
  | { readonly kind: "isNull" }
  | { readonly kind: "notZero" }
  /** Its text is one of `values`. */
  | { readonly kind: "oneOf"; readonly values: readonly string[] }
  /** Its text is none of `values`. */
  | { readonly kind: "noneOf"; readonly values: readonly string[] }
  /** The text of its field is one, or none, of `values`. */
  | {
      readonly kind: "field";
      readonly name: string;
      readonly values: readonly string[];
      readonly isOneOf: boolean;
    };
