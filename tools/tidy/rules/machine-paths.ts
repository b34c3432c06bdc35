import type { Rule } from "../rule.ts";

/** Folders that exist on one person's machine. */
const machinePath =
  /(?:^|[\s"'`(=:])(\/(?:home|Users|root|work|workspace|mnt)\/[\w.-]+|[A-Z]:\\Users\\)/;

/** What is written here must be true on every machine. */
export const machinePaths: Rule = ({ texts }) =>
  [...texts].flatMap(([file, text]) =>
    text.split("\n").flatMap((content, index) => {
      const path = machinePath.exec(content)?.[1];
      if (path === undefined || /\/(home|Users)\/(me|you|user|ada|alice|bob)\b/.test(path))
        return [];
      return [{ file, line: index + 1, message: `${path} exists on one machine only` }];
    }),
  );
