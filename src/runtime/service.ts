import { setTimeout as sleep } from "node:timers/promises";
import type { Telemetry } from "bullmq";
import type { Logger } from "pino";
import type { Config } from "../base/config.ts";
import { VERSION } from "../base/version.ts";
import { argaProblem } from "../doctor/arga.ts";
import { boltApp } from "../handlers/bolt-app.ts";
import { readAhead } from "../handlers/shared/read-ahead.ts";
import { type Identity, identify, TokenWatch } from "../slack/identity.ts";
import type { BaseReceiver } from "../slack/receivers/delivery.ts";
import { HttpReceiver } from "../slack/receivers/http.ts";
import { SocketReceiver } from "../slack/receivers/socket.ts";
import { claimPrefix, PrefixTaken } from "../store/prefix-claim.ts";
import { RedisCheck, RedisUnfit } from "../store/redis-check.ts";
import { type Container, createContainer } from "./container.ts";
import { type Check, serveHealth } from "./health.ts";
import { HttpServer } from "./http.ts";
import type { Workers } from "./workers.ts";

/** A request is recognised as sent before for as long as its timestamp would let it in, and a little longer. */
const REPLAY_SECONDS = 7 * 60;
const REDIS_RETRY_MS = 1_000;
/** Of the ten seconds that stopping may take (docs/operations.md#updates-and-draining), in ms. */
const DRAIN = { handlers: 3_000, workers: 5_000, abandoned: 1_000 };

/** The whole bot, from its configuration to its end. */
export class Service {
  readonly #parts: Container;
  readonly #redisCheck: RedisCheck;
  readonly #http: HttpServer;
  readonly #checks = new Map<string, Check>();
  readonly #stopping = new AbortController();
  readonly #givingUp = new AbortController();
  readonly #later = new Set<Promise<unknown>>();
  readonly #logger: Logger;
  #receiver: BaseReceiver | undefined;
  #intake: BaseReceiver | undefined;
  #workers: Workers | undefined;

  /** With `telemetry`, jobs are recorded as traces. */
  constructor(config: Config, logger: Logger, telemetry?: Telemetry) {
    this.#logger = logger;
    this.#parts = createContainer(config, logger, telemetry);
    this.#redisCheck = new RedisCheck(this.#parts.redis, config.redis);
    this.#http = new HttpServer(logger);
  }

  /**
   * Starts what the role asks for; waits for Redis and Slack as long as they are away, and says so in the log and
   * at `/readyz`. Throws {@link RedisUnfit}, {@link PrefixTaken}, {@link TokenRefused} or {@link SocketRefused} when waiting
   * would not help.
   */
  async start(): Promise<void> {
    const { config, metrics, redis, slack, links } = this.#parts;
    this.#checks.set("start", () => "still starting");
    this.#checks.set("redis", () => this.#redisCheck.problem());
    metrics.watchConnection("redis", async () => (await this.#redisCheck.problem()) === undefined);
    serveHealth(this.#http, this.#checks, metrics);
    const receiver = this.#makeIntake();
    this.#receiver = receiver;
    const port = await this.#http.listen(config.port);
    this.#logger.info(
      { version: VERSION, port, role: config.role, intake: config.slack.intake.mode },
      "Listening",
    );
    // BullMQ's workers must not start before: on an error that doesn't pass they ask again without a pause.
    await this.#untilRedisTakes(async () => {
      for (const unsafe of await this.#redisCheck.inspect()) this.#logger.warn(unsafe);
    });
    this.#checks.set("slack", () => "not authenticated yet");
    const identity = await identify(slack, this.#logger, this.#stopping.signal);
    links.know(identity.team, identity.url);
    this.#checks.delete("slack");
    await this.#untilRedisTakes(() => claimPrefix(redis, config.redis.prefix, identity));
    if (config.role !== "web") await this.#startWorkers();
    if (receiver) await this.#startIntake(receiver, identity);
    const token = new TokenWatch(slack, this.#logger, identity.team);
    this.#checks.set("token", () => token.problem);
    void token.run(this.#stopping.signal);
    this.#checks.delete("start");
    this.#logger.info({ team: identity.team }, "Ready");
    this.#keep(this.#lookAtArga());
  }

  /** Ends everything in order: nothing new, then what is under way, then the connections. Never takes ten seconds. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#intake?.stop();
    this.#http.close();
    await within(DRAIN.handlers, this.#handled());
    await this.#stopWorkers();
    const { queues, redis, arga } = this.#parts;
    await within(500, queues.close());
    redis.disconnect();
    await within(500, arga.destroy());
    this.#http.destroy();
  }

  /**
   * Uses other secrets from now on: the bot token, the Arga key, and whatever deliveries come in by. A connection that
   * stands stays; another Redis needs another process.
   */
  renew(config: Config): void {
    this.#parts.renew(config);
    const { intake } = config.slack;
    if (intake.mode === "http" && this.#receiver instanceof HttpReceiver)
      this.#receiver.useSecrets(intake.signingSecrets);
    if (intake.mode === "socket" && this.#receiver instanceof SocketReceiver)
      this.#receiver.useToken(intake.appToken);
    if (config.redis.url !== this.#parts.config.redis.url)
      this.#logger.warn("REDIS_URL changed. Restart the bot to use it");
    this.#logger.info("Secrets changed in their files; using the new ones");
  }

  async #handled(): Promise<void> {
    await this.#intake?.drained();
    while (this.#later.size > 0) await Promise.allSettled(this.#later);
  }

  async #stopWorkers(): Promise<void> {
    const closing = this.#workers?.close() ?? Promise.resolve();
    if (await within(DRAIN.workers, closing)) return;
    // Arga is slow: what is under way is given up, and its record says so.
    this.#givingUp.abort();
    if (await within(DRAIN.abandoned, closing)) return;
    await within(DRAIN.abandoned, this.#workers?.abandon() ?? Promise.resolve());
  }

  /** Work that outlives its delivery's acknowledgement. */
  #keep(work: Promise<unknown>): void {
    const kept = work
      .catch((error: unknown) => this.#logger.warn({ err: error }, "Work after an acknowledgement failed"))
      .finally(() => this.#later.delete(kept));
    this.#later.add(kept);
  }

  /** Tries again as long as waiting may help. */
  async #untilRedisTakes(work: () => Promise<void>): Promise<void> {
    let said: string | undefined;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof RedisUnfit || error instanceof PrefixTaken) throw error;
        const why = this.#redisCheck.explain(error);
        if (why !== said) this.#logger.warn({ why }, "Redis isn't answering yet; retrying");
        said = why;
      }
      await sleep(REDIS_RETRY_MS, undefined, { signal: this.#stopping.signal });
    }
  }

  async #startWorkers(): Promise<void> {
    // The web role doesn't even load them.
    const { createWorkers } = await import("./workers.ts");
    if (this.#stopping.signal.aborted) return;
    const workers = createWorkers(this.#parts, this.#givingUp.signal);
    this.#workers = workers;
    this.#checks.set("workers", () => workers.problem);
    this.#parts.metrics.watchConnection("queues", () => workers.problem === undefined);
  }

  async #startIntake(receiver: BaseReceiver, identity: Identity): Promise<void> {
    const { tokens, metrics } = this.#parts;
    this.#intake = receiver;
    const waitUntil = (work: Promise<unknown>): void => this.#keep(work);
    const context = { ...this.#parts, bot: identity.botUserId, waitUntil };
    const app = boltApp({ context, receiver, identity, tokens });
    if (receiver instanceof SocketReceiver) {
      this.#checks.set("slack", () => (receiver.isConnected ? undefined : "no socket is open"));
      metrics.watchConnection("slack_socket", () => receiver.isConnected);
    }
    await app.start();
  }

  /** Made before anything is up, so that Slack hears "not yet" and not "nothing here". */
  #makeIntake(): BaseReceiver | undefined {
    const { store, config, metrics } = this.#parts;
    const { intake, apiUrl } = config.slack;
    const onAck = (type: string, seconds: number): void => metrics.ack.observe({ type }, seconds);
    const common = { logger: this.#logger, onAck };
    if (intake.mode === "none") return undefined;
    if (intake.mode === "socket") return new SocketReceiver({ ...common, appToken: intake.appToken, apiUrl });
    const isNew = (signature: string): Promise<boolean> => store.once("signed", signature, REPLAY_SECONDS);
    const http = new HttpReceiver({
      ...common,
      signingSecrets: intake.signingSecrets,
      isNew,
      readAhead: (body) => readAhead(this.#parts, body),
    });
    this.#http.on("/slack/events", (request, response) => http.handle(request, response));
    return http;
  }

  /** A wrong key or address is said at once, and the first command finds the catalog at hand. */
  async #lookAtArga(): Promise<void> {
    const { argaCache, config } = this.#parts;
    try {
      await argaCache.catalog.refresh();
      await argaCache.plan.refresh();
      this.#logger.info("Arga answers");
    } catch (error) {
      this.#logger.warn({ err: error, arga: new URL(config.arga.url).host }, argaProblem(error));
    }
  }
}

/** Whether something ended within a time, in ms, however it ended. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  const done = work.then(
    () => true,
    () => true,
  );
  const timeout = sleep(ms, false, { signal: late.signal }).catch(() => false);
  return await Promise.race([done, timeout]).finally(() => late.abort());
}
