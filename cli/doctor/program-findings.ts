import { compile } from "../../compiler/index.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Invocation } from "../command-spec.ts";
import { diskHost } from "../project/disk-host.ts";
import { findPrograms } from "../project/find-programs.ts";
import { UserMistake } from "../user-mistake.ts";
import type { Finding } from "./finding.ts";

/** Providers that this version can ask; others run with --mock. */
const providers = new Set(["openai", "mock", "human"]);

/** The programs of this folder: whether they compile, and what they need from the environment. */
export function programFindings(invocation: Invocation): readonly Finding[] {
  const { environment, options } = invocation;
  const files = programsHere(environment.folder);
  if (files.length === 0)
    return [
      {
        state: "advice",
        subject: "programs",
        message: "none in this folder",
        advice: "agentflow init makes one.",
      },
    ];
  const host = diskHost(environment.folder);
  const broken: string[] = [];
  const missing = new Map<string, string>();
  const unreachable = new Set<string>();
  let needsKey = false;
  for (const file of files) {
    const { plan } = compile(host, file);
    if (plan === null) {
      broken.push(file);
      continue;
    }
    for (const [name, variable] of missingConfig(plan, options.text("env"), environment.variables))
      missing.set(name, variable);
    for (const { provider, apiKey } of Object.values(plan.program.models)) {
      if (!providers.has(provider)) unreachable.add(provider);
      if (provider === "openai" && apiKey === undefined) needsKey = true;
    }
  }
  return [
    broken.length === 0
      ? { state: "fine", subject: "programs", message: `${files.length} without errors` }
      : {
          state: "broken",
          subject: "programs",
          message: `${broken.join(", ")} ${broken.length === 1 ? "has" : "have"} errors`,
          advice: "agentflow check shows them.",
        },
    ...configFindings(missing),
    ...(needsKey && isUnset(environment.variables, "OPENAI_API_KEY")
      ? [
          {
            state: "advice" as const,
            subject: "OPENAI_API_KEY",
            message: "is not set",
            advice: "Set it, or run with --mock.",
          },
        ]
      : []),
    ...[...unreachable].map((provider) => ({
      state: "advice" as const,
      subject: `models of ${provider}`,
      message: "can't be asked by this version",
      advice: "Run with --mock, or name backups that can be asked.",
    })),
  ];
}

function programsHere(folder: string): readonly string[] {
  try {
    return findPrograms([], folder);
  } catch (error) {
    if (error instanceof UserMistake) return [];
    throw error;
  }
}

function configFindings(missing: ReadonlyMap<string, string>): readonly Finding[] {
  if (missing.size === 0)
    return [{ state: "fine", subject: "config", message: "every value is there" }];
  const list = [...missing].map(([name, variable]) => `${name} (${variable})`).join(", ");
  return [
    {
      state: "advice",
      subject: "config",
      message: `without a value: ${list}`,
      advice: "Set the variables, or give values in `config <name> { … }` and use --env.",
    },
  ];
}

function missingConfig(
  plan: Plan,
  environment: string | undefined,
  variables: Variables,
): readonly (readonly [string, string])[] {
  const values = environment === undefined ? {} : (plan.program.environments[environment] ?? {});
  return Object.entries(plan.program.config).flatMap(([name, { variable, default: value }]) => {
    return value === undefined && values[name] === undefined && isUnset(variables, variable)
      ? [[name, variable] as const]
      : [];
  });
}

type Variables = Readonly<Record<string, string | undefined>>;

function isUnset(variables: Variables, name: string): boolean {
  return (variables[name] ?? "") === "";
}
