import type { Arga } from "../../../sim/arga/server.ts";
import type { Slack } from "../../../sim/slack/server.ts";
import { type Bot, startBot } from "../bot.ts";
import { type RedisProxy, startRedisProxy } from "../redis-proxy.ts";
import { startTcpProxy, type TcpProxy } from "../tcp-proxy.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import type { RedisPair } from "./redis-pair.ts";

const CLOCK = new URL("./clock.mjs", import.meta.url).href;

export type Role = "web" | "worker";

/** A process and what follows it when it dies, with a Redis and an Arga that are reached by wires of its own. */
export interface Slot {
  role: Role;
  redis: RedisProxy;
  arga: TcpProxy;
  bot?: Bot;
  /** Another build than the present one. */
  app?: string;
  /** When it last began to ask Arga for something new, by `performance.now()`. */
  postedAt: number;
}

export interface FleetOptions {
  slack: Slack;
  arga: Arga;
  redis: RedisPair;
  admins: readonly string[];
  /** Milliseconds by which a process's clock jumps, by its role. */
  jumpMs: Record<Role, number>;
}

/** Several processes of one bot: some take what Slack brings, some work. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly slots: Slot[] = [];
  /** Every process there was. */
  readonly bots: Bot[] = [];
  /** What no process may do: end by itself, or not end when it is told to. */
  readonly misbehaved: string[] = [];
  readonly #ready = new Set<Bot>();
  readonly #ended = new WeakSet<Bot>();
  #balancer: Balancer | undefined;
  #mode: "http" | "socket" = "http";

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  async start(roles: readonly Role[]): Promise<void> {
    const { slack } = this.#options;
    this.#balancer = await startBalancer(() => this.#webPorts());
    slack.requestUrl(`${this.#balancer.url}/slack/events`);
    await Promise.all(roles.map((role) => this.#open(role)));
  }

  get mode(): "http" | "socket" {
    return this.#mode;
  }

  of(role: Role): Slot[] {
    return this.slots.filter((slot) => slot.role === role);
  }

  /** SIGKILL, and another in its place. Resolves when that one is ready, with how long it took, in ms. */
  async kill(...slots: Slot[]): Promise<number> {
    const begun = performance.now();
    await Promise.all(slots.map(({ bot }) => this.#end(bot, (each) => each.kill())));
    await Promise.all(slots.map((slot) => this.#launch(slot)));
    return performance.now() - begun;
  }

  /** SIGTERM once another is ready beside it, as in a rolling upgrade; `app` is the other's build. */
  async replace(slot: Slot, app: string | undefined = slot.app): Promise<void> {
    const { bot } = slot;
    if (app === undefined) delete slot.app;
    else slot.app = app;
    await this.#launch(slot);
    await this.#end(bot, (each) => this.#drain(each));
  }

  /** From now on Slack brings everything by sockets; the processes are replaced one by one. */
  async useSockets(): Promise<void> {
    this.#mode = "socket";
    for (const slot of this.of("web").slice(1)) await this.replace(slot);
    this.#options.slack.requestUrl(undefined);
    for (const slot of this.of("web").slice(0, 1)) await this.replace(slot);
  }

  /** All of what the processes wrote. */
  output(): string {
    return this.bots.map((bot) => bot.output()).join("");
  }

  async stop(): Promise<void> {
    await Promise.all(this.bots.map((bot) => this.#end(bot, (each) => each.kill())));
    await Promise.all(this.slots.flatMap(({ redis, arga }) => [redis.close(), arga.close()]));
    await this.#balancer?.close();
  }

  async #open(role: Role): Promise<void> {
    const { redis, arga } = this.#options;
    const slot: Slot = {
      role,
      redis: await startRedisProxy(redis.master.path),
      arga: await startTcpProxy({ host: "127.0.0.1", port: Number(new URL(arga.url).port) }, (chunk) => {
        if (chunk.subarray(0, 5).toString("latin1") === "POST ") slot.postedAt = performance.now();
      }),
      postedAt: 0,
    };
    this.slots.push(slot);
    await this.#launch(slot);
  }

  async #launch(slot: Slot): Promise<void> {
    const { slack, arga, admins, jumpMs } = this.#options;
    const isSocket = slot.role === "web" && this.#mode === "socket";
    const bot = await startBot(
      {
        NODE_OPTIONS: `--import=${CLOCK}`,
        CLOCK_JUMP_MS: String(jumpMs[slot.role]),
        ROLE: slot.role,
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_API_URL: slack.apiUrl,
        ARGA_API_KEY: arga.key,
        ARGA_API_URL: `http://127.0.0.1:${slot.arga.port}`,
        REDIS_URL: slot.redis.url,
        ADMIN_USERS: admins.join(","),
        ...(isSocket ? { SLACK_APP_TOKEN: slack.appToken } : { SLACK_SIGNING_SECRET: slack.signingSecret }),
      },
      slot.app,
    );
    this.bots.push(bot);
    slot.bot = bot;
    void bot.exited.then((code) => {
      this.#ready.delete(bot);
      if (!this.#ended.has(bot)) this.misbehaved.push(`a ${slot.role} ended by itself with ${code}`);
    });
    await bot.ready();
    this.#ready.add(bot);
  }

  async #end(bot: Bot | undefined, how: (bot: Bot) => Promise<unknown>): Promise<void> {
    if (!bot) return;
    this.#ended.add(bot);
    this.#ready.delete(bot);
    if (!bot.hasExited()) await how(bot);
  }

  async #drain(bot: Bot): Promise<void> {
    const { code, ms } = await bot.stop();
    if (code !== 0 || ms > 10_000)
      this.misbehaved.push(`a process took ${Math.round(ms)} ms to end, with ${code}`);
  }

  #webPorts(): number[] {
    return this.of("web").flatMap(({ bot }) =>
      bot && this.#ready.has(bot) ? [Number(new URL(bot.url).port)] : [],
    );
  }
}
