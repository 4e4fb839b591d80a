import { type Arga, type ArgaOptions, startArga } from "../arga/server.ts";
import type { Bench } from "../slack/bench.ts";
import { installed } from "../slack/manifest.ts";
import { type Slack, startSlack } from "../slack/server.ts";
import { type RedisRunning, type Running, startBot, startRedis } from "./parts.ts";

/** How many times faster than the wall clock Arga's time passes in the demo: an hour takes 20 seconds. */
export const SPEED = 180;
/** Of the wall clock. */
export const REMINDED_SECONDS = 8;

const MANIFEST = new URL("../../slack-manifest.yaml", import.meta.url);

export interface StageSettings {
  readonly arga: ArgaOptions;
  /** Further settings of the bot. */
  readonly bot: Record<string, string>;
  /** The workspace's; 0 takes any. */
  readonly port?: number;
  readonly bench?: Bench;
}

/** The demo's. In simulated seconds, long enough to be seen: here two of the wall clock each. */
export const HURRIED: StageSettings = {
  arga: { speed: SPEED, provisionSeconds: 360, cleanupSeconds: 360 },
  bot: { REMIND_BEFORE_MINUTES: String(REMINDED_SECONDS / 60) },
};

interface Parts {
  readonly slack: Slack;
  readonly arga: Arga;
  bot: Running;
  redis: RedisRunning;
}

/** A whole small world on this machine, with the real bot in its midst. */
export class Stage {
  readonly #settings: StageSettings;
  readonly #stops: (() => Promise<void>)[] = [];
  #parts: Parts | undefined;
  #env: Record<string, string> = {};

  constructor(settings: StageSettings) {
    this.#settings = settings;
  }

  /** @throws Error before {@link Stage.start} resolved */
  get parts(): Readonly<Parts> {
    if (!this.#parts) throw new Error("the stage is not set yet");
    return this.#parts;
  }

  /** The bot's last lines, if it ever ran. */
  lastWords(): string[] {
    return this.#parts?.bot.lines ?? [];
  }

  /** Starts one part after the other and names each as it stands. @throws {@link CannotStart} */
  async start(tell: (part: string, where: string) => void): Promise<void> {
    const redis = await startRedis();
    this.#stops.push(() => (this.#parts?.redis ?? redis).stop());
    tell("Redis", redis.url);
    // Pictures of failures: the form in which Arga gives them is a guess, so that its stand-in has none by itself.
    const arga = await startArga({ dialect: { artifacts: "list" }, ...this.#settings.arga });
    this.#stops.push(arga.close);
    tell("Arga", `${arga.url}/, simulated`);
    const slack = await this.#startSlack();
    this.#stops.push(slack.close);
    tell("Slack", `${slack.url}/, simulated; a browser shows the workspace`);
    this.#env = {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      ARGA_API_KEY: arga.key,
      ARGA_API_URL: arga.url,
      REDIS_URL: redis.url,
      PORT: "0",
      ...this.#settings.bot,
    };
    const bot = await startBot(this.#env);
    this.#stops.push(() => (this.#parts?.bot ?? bot).stop());
    tell("The bot", "node dist/app.js, connected by Socket Mode");
    this.#parts = { slack, arga, bot, redis };
  }

  /** The bot, which was killed, once more. */
  async restartBot(): Promise<void> {
    if (this.#parts) this.#parts.bot = await startBot(this.#env);
  }

  /** Redis, which was killed, once more, with what it had. */
  async restartRedis(): Promise<void> {
    if (this.#parts) this.#parts.redis = await this.#parts.redis.again();
  }

  /** Ends what was started, the last first. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  /** On the port that was asked for or, if that is taken, on any. */
  async #startSlack(): Promise<Slack> {
    const { port = 0, bench } = this.#settings;
    const options = { ...installed(MANIFEST), ...(bench && { bench }) };
    try {
      return await startSlack({ ...options, port });
    } catch (error) {
      if (port === 0 || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      return startSlack(options);
    }
  }
}
