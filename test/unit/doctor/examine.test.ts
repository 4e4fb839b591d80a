import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Arga, startArga } from "../../../sim/arga/server.ts";
import { validateMessage } from "../../../sim/slack/blocks/validate.ts";
import { type Slack, type SlackOptions, startSlack } from "../../../sim/slack/server.ts";
import { VERSION } from "../../../src/base/version.ts";
import { examineAll } from "../../../src/doctor/examine.ts";
import type { Finding } from "../../../src/doctor/finding.ts";
import { serveHealth } from "../../../src/runtime/health.ts";
import { HttpServer } from "../../../src/runtime/http.ts";
import { Metrics } from "../../../src/runtime/metrics.ts";
import { HttpReceiver } from "../../../src/slack/receivers/http.ts";
import { doctorReport } from "../../../src/views/doctor.ts";
import { closedPort } from "../../support/ports.ts";
import { startRedis } from "../../support/redis.ts";
import { startRedisProxy } from "../../support/redis-proxy.ts";
import { smuggled } from "../support/scan.ts";

/** A set-up in which all is well, and what a case needs to break one thing of it. */
interface SetUp {
  slack: Slack;
  arga: Arga;
  env: Record<string, string>;
}

type Env = Record<string, string>;

let whole: SetUp;
let end: () => Promise<void>;

beforeAll(async () => {
  const [slack, arga, server] = await Promise.all([
    startSlack({ rateLimits: false }),
    startArga(),
    startRedis(),
  ]);
  const proxy = await startRedisProxy(server.path);
  end = async () => {
    await Promise.all([slack.close(), arga.close(), proxy.close(), server.stop()]);
  };
  const env = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    ARGA_API_KEY: arga.key,
    ARGA_API_URL: arga.url,
    REDIS_URL: proxy.url,
    ADMIN_USERS: slack.user("alice").id,
    PORT: "0",
  };
  whole = { slack, arga, env };
});

afterAll(() => end());

/** The address of a Redis of its own, after these commands of an operator. */
async function redisWith(options: Record<string, string>, ...commands: string[][]): Promise<Env> {
  const server = await startRedis(options);
  const proxy = await startRedisProxy(server.path);
  onTestFinished(async () => {
    await proxy.close();
    await server.stop();
  });
  const admin = new Redis(server.path);
  for (const [name = "", ...args] of commands) await admin.call(name, ...args);
  admin.disconnect();
  return { REDIS_URL: proxy.url };
}

async function slackWith(options: SlackOptions): Promise<Env> {
  const slack = await startSlack(options);
  onTestFinished(() => slack.close());
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
    ADMIN_USERS: slack.user("alice").id,
  };
}

async function argaWith(options: Parameters<typeof startArga>[0]): Promise<Env> {
  const arga = await startArga(options);
  onTestFinished(() => arga.close());
  return { ARGA_API_KEY: arga.key, ARGA_API_URL: arga.url };
}

/** Something that answers every request like this. */
async function answering(body: string): Promise<number> {
  const server = createServer((_request, response) => void response.end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A part of a bot, as it runs on this machine: what it takes is signed with this. */
async function running(signingSecret: string, failing: Record<string, string> = {}): Promise<Env> {
  const logger = pino({ level: "silent" });
  const http = new HttpServer(logger);
  serveHealth(http, new Map(Object.entries(failing).map(([part, why]) => [part, () => why])), new Metrics());
  const receiver = new HttpReceiver({
    logger,
    onAck: () => {},
    signingSecrets: [signingSecret],
    isNew: async () => true,
  });
  await receiver.start();
  http.on("/slack/events", (request, response) => receiver.handle(request, response));
  const port = await http.listen(0);
  onTestFinished(() => {
    http.close();
    http.destroy();
  });
  return { PORT: String(port), SLACK_APP_TOKEN: "", SLACK_SIGNING_SECRET: "signed-by-us" };
}

const minutes = (count: number): number => count * 60_000;

type Level = Finding["level"];

/** What is broken, how, and in which words the doctor says so. */
const broken: [string, Level, RegExp, (up: SetUp) => Env | Promise<Env>][] = [
  ["a setting is missing", "bad", /SLACK_BOT_TOKEN is not set/, () => ({ SLACK_BOT_TOKEN: "" })],
  ["a setting can't be", "bad", /ROLE must be all, web or worker/, () => ({ ROLE: "boss" })],
  ["a name is misspelt", "bad", /ADMIN_USER is not a setting. .*ADMIN_USERS/, () => ({ ADMIN_USER: "U1" })],
  [
    "a secret's file isn't there",
    "bad",
    /ARGA_API_KEY_FILE names a file that can't be read/,
    () => ({ ARGA_API_KEY: "", ARGA_API_KEY_FILE: "/nowhere/key" }),
  ],
  ["nobody is an admin", "warn", /ADMIN_USERS is empty/, () => ({ ADMIN_USERS: "" })],
  ["an admin is nobody", "warn", /doesn't know: U0NOBODY/, () => ({ ADMIN_USERS: "U0NOBODY" })],
  ["a proxy is set", "warn", /HTTPS_PROXY is set/, () => ({ HTTPS_PROXY: "http://127.0.0.1:1" })],
  [
    "Redis is away",
    "bad",
    /Redis at 127\.0\.0\.1:\d+ isn't answering .*ECONNREFUSED/,
    async () => ({ REDIS_URL: `redis://127.0.0.1:${await closedPort()}` }),
  ],
  [
    "Redis has another password",
    "bad",
    /Redis refuses the password/,
    async () => {
      const { REDIS_URL = "" } = await redisWith({}, ["CONFIG", "SET", "requirepass", "the-right-one"]);
      return { REDIS_URL: REDIS_URL.replace("redis://", "redis://:the-wrong-one@") };
    },
  ],
  [
    "Redis throws runs away",
    "warn",
    /maxmemory-policy is allkeys-lru/,
    () => redisWith({ "maxmemory-policy": "allkeys-lru" }),
  ],
  ["Redis keeps nothing", "warn", /no append-only file/, () => redisWith({ appendonly: "no" })],
  [
    "the user of Redis may too little",
    "bad",
    /ACL SETUSER bob ~arga:\* \+zadd/,
    async () => {
      const rules = ["on", ">secret-of-bob", "~*", "+@all", "-zadd"];
      const { REDIS_URL = "" } = await redisWith({}, ["ACL", "SETUSER", "bob", "reset", ...rules]);
      return { REDIS_URL: REDIS_URL.replace("redis://", "redis://bob:secret-of-bob@") };
    },
  ],
  [
    "Redis is nearly full",
    "warn",
    /Redis uses .* of the 60\.0 MB .*Raise maxmemory/,
    () => redisWith({}, ["SET", "much", "x".repeat(50_000_000)], ["CONFIG", "SET", "maxmemory", "60000000"]),
  ],
  ["Redis is full", "bad", /its memory is full/, () => redisWith({}, ["CONFIG", "SET", "maxmemory", "1"])],
  ["Redis is a replica", "bad", /read-only replica/, () => redisWith({}, ["REPLICAOF", "127.0.0.1", "1"])],
  [
    "the prefix is another bot's",
    "bad",
    /"arga" belongs to the bot T0OTHER:U0OTHER/,
    () => redisWith({}, ["SET", "arga:bot", "T0OTHER:U0OTHER"]),
  ],
  [
    "the bot token is refused",
    "bad",
    /rejects SLACK_BOT_TOKEN \(invalid_auth\)/,
    () => ({ SLACK_BOT_TOKEN: "xoxb-not-ours" }),
  ],
  [
    "scopes are missing",
    "bad",
    /lacks the scopes app_mentions:read, channels:history/,
    () => slackWith({ scopes: ["commands", "chat:write", "users:read"] }),
  ],
  [
    "the app token is refused",
    "bad",
    /rejects SLACK_APP_TOKEN \(invalid_auth\)/,
    () => ({ SLACK_APP_TOKEN: "xapp-not-ours" }),
  ],
  [
    "the clock is behind",
    "bad",
    /clock is \d+ s behind Slack's: .* refused/,
    () => slackWith({ now: () => Date.now() + minutes(3) }),
  ],
  [
    "the clock is ahead",
    "bad",
    /clock is \d+ s ahead of Slack's: .* refused/,
    () => slackWith({ now: () => Date.now() - minutes(7) }),
  ],
  [
    "Slack is away",
    "bad",
    /Slack doesn't answer .*ECONNREFUSED/,
    async () => ({ SLACK_API_URL: `http://127.0.0.1:${await closedPort()}/api/` }),
  ],
  [
    "Slack's address is another's",
    "bad",
    /what answers isn't Slack/,
    async () => ({ SLACK_API_URL: `http://127.0.0.1:${await answering("<html>")}/api/` }),
  ],
  ["the key is refused", "bad", /Arga rejected ARGA_API_KEY/, () => ({ ARGA_API_KEY: "arga_sk_not_ours" })],
  ["Arga is away", "bad", /Arga can't be reached/, () => ({ ARGA_API_URL: "http://127.0.0.1:1" })],
  [
    "Arga's address is the web app's",
    "bad",
    /doesn't lead to Arga's API/,
    async () => ({ ARGA_API_URL: `http://127.0.0.1:${await answering("<html>")}` }),
  ],
  [
    "the plan is used up",
    "warn",
    /The plan is free, with 0 of 0 runs left/,
    () => argaWith({ plan: "free", monthlyRuns: 0 }),
  ],
  ["no bot runs", "warn", /No bot runs on port/, async () => ({ PORT: String(await closedPort()) })],
  [
    "the port is another's",
    "bad",
    /Something else .*listens/,
    async () => ({ PORT: String(await answering("{}")) }),
  ],
  [
    "the bot isn't ready",
    "bad",
    /isn't ready: slack: no socket is open/,
    () => running("signed-by-us", { slack: "no socket is open" }),
  ],
  [
    "the bot has another signing secret",
    "bad",
    /has another SLACK_SIGNING_SECRET/,
    () => running("signed-by-others"),
  ],
];

const words = ({ says, advice = "" }: Finding): string => `${says}. ${advice}`;

test("a set-up in which all is well gets a line for each part, and nothing to do", async () => {
  const findings = await examineAll(whole.env);
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect([...new Set(findings.map(({ part }) => part))].sort()).toEqual([
    "arga",
    "process",
    "redis",
    "settings",
    "slack",
  ]);
  expect(findings.map(words).join("\n")).toContain(`arga-slack ${VERSION} on Node`);
  expect(whole.arga.requests.every(({ method }) => method === "GET")).toBe(true);
});

test("a bot that runs and takes what is signed is told of", async () => {
  const findings = await examineAll({ ...whole.env, ...(await running("signed-by-us")) });
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(findings.map(words).join("\n")).toContain("takes what SLACK_SIGNING_SECRET signs");
});

describe("the doctor names what is wrong, and nothing else", () => {
  test.for(broken)("%s", { timeout: 30_000 }, async ([_name, level, says, breakIt]) => {
    const env = { ...whole.env, ...(await breakIt(whole)) };
    const findings = await examineAll(env);
    const wrong = findings.filter((each) => each.level !== "ok");
    expect(wrong.map(words)).toEqual([expect.stringMatching(says)]);
    expect(wrong[0]?.level).toBe(level);
    const all = JSON.stringify(findings);
    for (const name of [
      "SLACK_BOT_TOKEN",
      "SLACK_APP_TOKEN",
      "SLACK_SIGNING_SECRET",
      "ARGA_API_KEY",
    ] as const)
      if (env[name]) expect(all).not.toContain(env[name]);
    for (const password of ["secret-of-bob", "the-wrong-one"]) expect(all).not.toContain(password);
  });
});

test("with everything down, each part is named all the same, and Slack takes the report", async () => {
  const nowhere = "http://127.0.0.1:1";
  const down = { SLACK_API_URL: `${nowhere}/api/`, ARGA_API_URL: nowhere, REDIS_URL: "redis://127.0.0.1:1" };
  const findings = await examineAll({ ...whole.env, ...down });
  const parts = findings.filter(({ level }) => level === "bad").map(({ part }) => part);
  expect(parts.sort()).toEqual(["arga", "redis", "slack"]);
  const report = doctorReport(findings, VERSION);
  expect(validateMessage(report)).toEqual([]);
  expect(smuggled(report)).toEqual([]);
});
