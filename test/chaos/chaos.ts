// Harms workers, Redis, PostgreSQL and the ways between them, and checks that nothing was lost: `npm run chaos -- --seed 7`.
import { parseOptions, usage, type ChaosOptions } from "./options.ts";
import { report } from "./report.ts";
import { runChaos } from "./run-chaos.ts";
import { seeds } from "./seeds.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options;
  try {
    options = parseOptions(args, Math.floor(Date.now() / 1_000) % 1_000_000);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    return 2;
  }
  if (!options.repeat) return (await chaos(options, options.verbose)) ? 0 : 1;
  const base = options;
  let failed = 0;
  for (const seed of seeds) if (!(await chaos({ ...base, ...seed.options }))) failed += 1;
  return failed === 0 ? 0 : 1;
}

async function chaos(options: ChaosOptions, verbose = false): Promise<boolean> {
  const beganAtMs = Date.now();
  const say = (text: string): void => {
    const seconds = ((Date.now() - beganAtMs) / 1_000).toFixed(1).padStart(6);
    process.stdout.write(`${seconds} s  ${text}\n`);
  };
  say(`seed ${options.seed}: starts PostgreSQL, Redis and ${options.workers} workers`);
  const result = await runChaos(options, say, verbose ? say : undefined);
  process.stdout.write(`\n${report(result)}\n\n`);
  return result.violations.length === 0;
}
