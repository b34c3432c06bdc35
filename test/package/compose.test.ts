// docker-compose.yml and the Dockerfile can't be run everywhere; what they say can be checked.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

import { agentflow } from "../e2e/command.ts";

const root = join(import.meta.dirname, "../..");

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly container_name?: string;
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
  readonly volumes?: readonly string[];
}

const { services, volumes } = parse(readFileSync(join(root, "docker-compose.yml"), "utf8"), {
  merge: true,
}) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, object>>;
};
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");

const pinned = /^[\w/.-]+:\d+\.\d+(\.\d+)?-[\w]+(-slim)?$/;

test("there is a database, Redis, a migration, workers and a scheduler", () => {
  expect(Object.keys(services).sort()).toEqual([
    "migrate",
    "postgres",
    "redis",
    "scheduler",
    "worker",
  ]);
});

test("images are pinned to a version and a distribution", () => {
  for (const { image, build } of Object.values(services))
    if (build === undefined) expect(image).toMatch(pinned);
  for (const [, image = ""] of dockerfile.matchAll(/^FROM (\S+)/gm)) expect(image).toMatch(pinned);
});

test("processes start when what they need is healthy and the tables are there", () => {
  for (const name of ["worker", "scheduler"])
    expect(services[name]?.depends_on).toEqual({
      postgres: { condition: "service_healthy" },
      redis: { condition: "service_healthy" },
      migrate: { condition: "service_completed_successfully" },
    });
  expect(services["migrate"]?.depends_on).toEqual({ postgres: { condition: "service_healthy" } });
  for (const name of ["postgres", "redis"])
    expect(services[name]?.healthcheck?.test?.[0], name).toBe("CMD");
});

test("every command is one of agentflow's", async () => {
  for (const { build, command } of Object.values(services)) {
    if (build === undefined) continue;
    const help = await agentflow(root, [...(command ?? []), "--help"]);
    expect(help).toMatchObject({ exitCode: 0, err: "" });
    expect(help.out).toContain(`agentflow ${command?.[0]}`);
  }
});

test("workers can be many, and have time to drain", () => {
  const worker = services["worker"];
  expect(worker).toMatchObject({ stop_grace_period: "35s" });
  // Either would let only one of them start.
  expect(worker).not.toHaveProperty("container_name");
  expect(worker).not.toHaveProperty("ports");
  expect(worker?.environment).toMatchObject({
    AGENTFLOW_HEALTH_HOST: "0.0.0.0",
    AGENTFLOW_HEALTH_PORT: "9464",
  });
  expect(dockerfile).toContain("http://127.0.0.1:9464/live");
});

test("volumes that are named exist", () => {
  for (const { volumes: used = [] } of Object.values(services))
    for (const volume of used) {
      const source = volume.split(":")[0] ?? "";
      if (/^\w+$/.test(source)) expect(volumes).toHaveProperty(source);
    }
});

test("no password is written down, and Redis never throws keys away", () => {
  const text = readFileSync(join(root, "docker-compose.yml"), "utf8");
  for (const [line] of text.matchAll(/^.*(password|api_key).*$/gim))
    expect(line).toMatch(/\$\{|^\s*#|condition/i);
  expect(services["redis"]?.command?.join(" ")).toContain("--maxmemory-policy noeviction");
});

test("the image runs as nobody special, on a version of Node that is supported", () => {
  expect(dockerfile).toMatch(/^USER node$/m);
  const [, major] = /^FROM node:(\d+)/m.exec(dockerfile) ?? [];
  const [, least] = /"node": ">=(\d+)/.exec(readFileSync(join(root, "package.json"), "utf8")) ?? [];
  expect(Number(major)).toBeGreaterThanOrEqual(Number(least));
});
