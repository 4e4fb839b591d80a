import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { at, found, read } from "./files.ts";

interface Service {
  image?: string;
  ports?: string[];
  command?: string;
  volumes?: string[];
  restart?: string;
  env_file?: string;
  stop_grace_period?: string;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  mem_limit?: string;
  cpus?: number;
  pids_limit?: number;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  privileged?: boolean;
}

const compose = () =>
  parse(read("docker-compose.yml")) as { services: { bot: Service; redis: Service }; volumes: object };

/** Instructions with their continued lines put together. */
const instructions = (): string[] =>
  read("Dockerfile")
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => /^[A-Z]/.test(line));

const lastStage = (): string[] => {
  const all = instructions();
  return all.slice(all.findLastIndex((line) => line.startsWith("FROM ")));
};

const commandOf = (line: string | undefined): string[] =>
  JSON.parse(line?.slice(line.indexOf("[")) ?? "[]") as string[];

describe("the image", () => {
  test("is built from files that exist and that .dockerignore lets through", () => {
    const copies = instructions().filter((line) => /^COPY (?!--from)/.test(line));
    const sources = copies.flatMap((line) => line.split(/\s+/).slice(1, -1));
    const allowed = found(read(".dockerignore"), /^!(.+)$/gm);
    expect(sources.length).toBeGreaterThan(3);
    expect(sources.filter((path) => !existsSync(at(path)) || !allowed.includes(path))).toEqual([]);
    expect(read(".dockerignore")).toMatch(/^\*$/m);
  });

  test("holds neither simulators nor tests nor development packages", () => {
    expect(lastStage().join("\n")).not.toMatch(/\b(sim|test|bench)\b/);
    expect(lastStage().join("\n")).not.toContain("node_modules");
    // What is built into the bot, with the license of each.
    const built = found(readFileSync(at("dist/LICENSES.txt"), "utf8"), /^(@?[\w./-]+) \d\S* \(.+\)$/gm);
    const { packages } = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { dev?: boolean }>;
    };
    expect(built.length).toBeGreaterThan(50);
    expect(built.filter((name) => packages[`node_modules/${name}`]?.dev !== undefined)).toEqual([]);
  });

  test("runs as nobody in particular, and node itself gets the signals", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: { start: string } };
    expect(lastStage()).toEqual(expect.arrayContaining(["USER node", "STOPSIGNAL SIGTERM"]));
    // A container starts it without a shell, npm with one: there only exec hands the signals on.
    const command = commandOf(lastStage().find((line) => line.startsWith("CMD"))).join(" ");
    expect(scripts.start).toBe(`exec ${command}`);
  });

  test.each([
    [200, 0],
    [503, 1],
    [undefined, 1],
  ])("its health check meets %s and ends with %s", async (status, code) => {
    const [program = "", ...args] = commandOf(lastStage().find((line) => line.startsWith("HEALTHCHECK")));
    const server = createServer(({ url }, response) => {
      response.writeHead(url === "/healthz" ? (status ?? 500) : 404).end();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    if (status === undefined) server.close();
    expect(program).toBe("node");
    const child = spawn(process.execPath, args, { env: { PORT: String(port) } });
    expect(await once(child, "exit")).toEqual([code, null]);
    server.close();
  });
});

describe("docker-compose.yml", () => {
  test("gives the bot its settings, a Redis that is well, and time to drain", () => {
    const { bot } = compose().services;
    expect(bot).toMatchObject({ env_file: ".env", restart: "unless-stopped" });
    expect(bot.depends_on).toEqual({ redis: { condition: "service_healthy" } });
    expect(Number.parseInt(bot.stop_grace_period ?? "", 10)).toBeGreaterThan(10);
  });

  test("lets nobody else at either of them", () => {
    const { bot, redis } = compose().services;
    expect(redis.ports).toBeUndefined();
    for (const port of bot.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test.each(["bot", "redis"] as const)("gives %s limits, and no more rights than it needs", (name) => {
    const service = compose().services[name];
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.cpus).toBeGreaterThan(0);
    expect(service.pids_limit).toBeGreaterThan(20);
    expect(service).toMatchObject({
      restart: "unless-stopped",
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
    expect([service.cap_add, service.privileged]).toEqual([undefined, undefined]);
  });

  test("knows whether each of them is well", () => {
    const { bot, redis } = compose().services;
    expect(redis.healthcheck?.test).toEqual(["CMD", "redis-cli", "ping"]);
    // The bot's is the image's, and nothing here switches it off.
    expect(bot.healthcheck).toBeUndefined();
    expect(lastStage().filter((line) => line.startsWith("HEALTHCHECK"))).toHaveLength(1);
  });

  test("has a Redis that keeps what it is told", () => {
    const { services, volumes } = compose();
    expect(services.redis.command).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
    expect(services.redis.volumes).toEqual(["redis-data:/data"]);
    expect(Object.keys(volumes)).toEqual(["redis-data"]);
    expect(services.redis.healthcheck?.test).toContain("ping");
    expect(services.redis.restart).toBe("unless-stopped");
  });
});
