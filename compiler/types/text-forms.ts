export interface TextForm {
  readonly pattern: RegExp;
  /** The end of "it is …". */
  readonly needs: string;
  readonly example: string;
}

/** Settings whose text has a form of its own. */
export const textForms: Readonly<Record<string, TextForm | undefined>> = {
  use: {
    pattern: /^[^/\s]+\/\S+$/u,
    needs: 'a provider and its model, as `"provider/model"`',
    example: '"openai/gpt-5-mini"',
  },
  module: {
    pattern: /^[^#\s]+#[A-Za-z_$][\w$]*$/u,
    needs: "a file, `#` and the name of a function in it",
    example: '"./tools/file.ts#name"',
  },
};
