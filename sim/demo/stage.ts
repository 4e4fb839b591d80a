import { type Arga, startArga } from "../arga/server.ts";
import { installed } from "../slack/manifest.ts";
import { type Slack, startSlack } from "../slack/server.ts";
import { type Running, startBot, startRedis } from "./parts.ts";

/** How many times faster than the wall clock Arga's time passes: an hour takes 20 seconds. */
export const SPEED = 180;
/** Of the wall clock. */
export const REMINDED_SECONDS = 8;

/** Simulated seconds: long enough to be seen, here two of the wall clock each. */
const DURATIONS = { provisionSeconds: 360, cleanupSeconds: 360 };

const MANIFEST = new URL("../../slack-manifest.yaml", import.meta.url);

/** A whole small world on this machine, with the real bot in its midst. */
export class Stage {
  readonly #stops: (() => Promise<void>)[] = [];
  #parts: { slack: Slack; arga: Arga; bot: Running } | undefined;

  /** @throws Error before {@link Stage.start} resolved */
  get parts(): { slack: Slack; arga: Arga; bot: Running } {
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
    this.#stops.push(redis.stop);
    tell("Redis", redis.url);
    const arga = await startArga({ speed: SPEED, ...DURATIONS });
    this.#stops.push(arga.close);
    tell("Arga", `${arga.url}/, simulated`);
    const slack = await startSlack(installed(MANIFEST));
    this.#stops.push(slack.close);
    tell("Slack", `${slack.url}/, simulated; a browser shows the workspace`);
    const bot = await startBot({
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      ARGA_API_KEY: arga.key,
      ARGA_API_URL: arga.url,
      REDIS_URL: redis.url,
      REMIND_BEFORE_MINUTES: String(REMINDED_SECONDS / 60),
      PORT: "0",
    });
    this.#stops.push(bot.stop);
    tell("The bot", "node dist/app.js, connected by Socket Mode");
    this.#parts = { slack, arga, bot };
  }

  /** Ends what was started, the last first. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }
}
