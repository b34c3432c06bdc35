import type { Rule } from "../rule.ts";
import { lineOf } from "../source-file.ts";

const marker = /\b(TODO|FIXME|HACK|XXX)\b/;

/** What is left to do is written where it will be found again, which is not a comment. */
export const unfinishedWork: Rule = ({ sources }) =>
  sources.flatMap(({ path, text, comments }) =>
    comments.flatMap(({ value, start }) => {
      const word = marker.exec(value)?.[1];
      if (word === undefined) return [];
      return [
        { file: path, line: lineOf(text, start), message: `${word}: do it, or leave it out` },
      ];
    }),
  );
