import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { Redis } from "ioredis";
import { type Arga, type ArgaOptions, startArga } from "../../sim/arga/server.ts";
import { type Slack, type SlackMessage, startSlack } from "../../sim/slack/server.ts";
import { addressIn } from "../../test/support/bot.ts";
import { startRedis } from "../../test/support/redis.ts";
import { startRedisProxy } from "../../test/support/redis-proxy.ts";
import { instrument, type TracedFunction } from "./instrument.ts";
import type { Answer, Question, Trace } from "./preload.ts";
import { isIdle, listenTo, type RedisLog } from "./redis-log.ts";

/** A build whose calls can be listened to. */
export interface TracedBuild {
  app: string;
  preload: string;
  functions: TracedFunction[];
  remove(): void;
}

/** Of a folder that `tsc` wrote to, one file for each of ours; without one, of our sources as they are. */
export function traceBuild(dist?: string): TracedBuild {
  const dir = mkdtempSync(join(tmpdir(), "arga-slack-paths-"));
  const functions = instrument(dist ?? compiled(join(dir, "compiled")), dir);
  const preload = join(dir, "preload.mjs");
  const source = readFileSync(new URL("preload.ts", import.meta.url), "utf8");
  writeFileSync(preload, transformSync(source, { loader: "ts" }).code);
  return {
    app: join(dir, "dist/app.js"),
    preload,
    functions,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function compiled(outDir: string): string {
  execFileSync("npx", ["tsc", "-p", "tsconfig.build.json", "--outDir", outDir], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: "inherit",
  });
  return outDir;
}

/** A workspace, an Arga, a Redis and the traced bot between them. */
export interface TracedWorld {
  slack: Slack;
  arga: Arga;
  redis: RedisLog;
  /** The card, and what its thread says. */
  card(): SlackMessage | undefined;
  thread(): SlackMessage[];
  bot: TracedBot;
  /** Resolves when the bot was quiet for a while and has nothing planned for the next moment. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

/** No call for so long, and no job due in the next. */
const QUIET_MS = 300;
const FREE_MS = 2_500;
const PATIENCE_MS = 60_000;

export async function startTracedWorld(
  build: TracedBuild,
  options: ArgaOptions,
  more: Record<string, string>,
): Promise<TracedWorld> {
  const [slack, arga, server] = await Promise.all([startSlack(), startArga(options), startRedis()]);
  const proxy = await startRedisProxy(server.path);
  const store = new Redis(server.path);
  const redis = await listenTo(server.path);
  const bot = new TracedBot(build, {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_API_URL: slack.apiUrl,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    ARGA_API_KEY: arga.key,
    ARGA_API_URL: arga.url,
    REDIS_URL: proxy.url,
    PORT: "0",
    ...more,
  });
  const stop = async (): Promise<void> => {
    bot.kill();
    redis.close();
    store.disconnect();
    await Promise.all([slack.close(), arga.close(), proxy.close(), server.stop()]);
  };
  const isReady = async (): Promise<boolean> => {
    const url = addressIn(bot.output);
    if (url === undefined || !(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) return false;
    slack.requestUrl(`${url}/slack/events`);
    return true;
  };
  const isQuiet = async (): Promise<boolean> => {
    const answer = await bot.ask("last");
    return answer.type === "last" && answer.agoMs > QUIET_MS && (await isIdle(store, FREE_MS));
  };
  await bot.until("ready", isReady).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { slack, arga, redis, ...seen(slack), bot, quiet: () => bot.until("quiet", isQuiet), stop };
}

function seen(slack: Slack): Pick<TracedWorld, "card" | "thread"> {
  const card = (): SlackMessage | undefined =>
    slack.messages("dev").findLast((message) => message.metadata?.event_payload.role === "card");
  const thread = (): SlackMessage[] => {
    const ts = card()?.ts;
    return ts === undefined ? [] : slack.messages("dev", { thread: ts });
  };
  return { card, thread };
}

class TracedBot {
  readonly #child: ChildProcess;
  readonly #output: string[] = [];

  constructor({ app, preload }: TracedBuild, env: Record<string, string>) {
    this.#child = fork(app, {
      execArgv: ["--import", preload],
      silent: true,
      env: { PATH: process.env.PATH ?? "", ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk: Buffer) => this.#output.push(chunk.toString()));
  }

  get output(): string {
    return this.#output.join("");
  }

  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; !(await isSo()); await sleep(20))
      if (Date.now() > end || this.#child.exitCode !== null)
        throw new Error(`the bot is not ${what}:\n${this.output.slice(-3_000)}`);
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve) => {
      this.#child.once("message", (answer: Answer) => resolve(answer));
      this.#child.send(question);
    });
  }

  async begin(): Promise<void> {
    await this.ask("begin");
  }

  /** What happened since {@link TracedBot.begin}. */
  async end(): Promise<Trace> {
    const answer = await this.ask("end");
    if (answer.type !== "trace") throw new Error("nothing was begun");
    return answer.trace;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
