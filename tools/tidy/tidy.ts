/** `npm run tidy`: is the repository what `docs/architecture.md` says it is? */
import { checkRepository } from "./check-repository.ts";
import { readRepository } from "./repository.ts";

const repository = readRepository(process.cwd());
const violations = checkRepository(repository);
for (const { file, line, rule, message } of violations) {
  console.log(`${file}:${line}  ${message}  (${rule})`);
}
// A tidy that looks at nothing would always be content.
const looked = repository.sources.length;
const lengths = repository.sources.map(({ text }) => text.split("\n").length - 1);
const median = lengths.sort((a, b) => a - b)[Math.floor(looked / 2)] ?? 0;
console.log(`${looked} files, median ${median} lines, ${violations.length} violations`);
if (violations.length > 0 || looked === 0) process.exitCode = 1;
