import type { App, Receiver } from "@slack/bolt";
import type { Logger } from "pino";
import { tracedDelivery } from "../../base/tracing.ts";
import { oddIn } from "./payloads.ts";

/** What Bolt's `ack` was given: nothing, a text, or a JSON body. */
export type AckBody = string | object | undefined | null;

/** One delivery, whichever way it came. */
export interface Delivery {
  body: Record<string, unknown>;
  /** By `performance.now()`. */
  arrived: number;
  retryNum?: number;
  retryReason?: string;
  /** What handlers find in Bolt's `context` besides Bolt's own. */
  ahead?: Record<string, unknown>;
  /** Answers Slack; called once. */
  answer: (body: AckBody) => Promise<void>;
}

export interface ReceiverOptions {
  logger: Logger;
  /** Told how long each acknowledgement took, in seconds, by the type of delivery. */
  onAck: (type: string, seconds: number) => void;
}

/**
 * The part that both receivers share: hands deliveries to Bolt, times their acknowledgements, and knows how many
 * are still being handled, so that the process can wait for them when it drains.
 */
export abstract class BaseReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  #app: App | undefined;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  init(app: App): void {
    this.#app = app;
  }

  abstract start(): Promise<unknown>;
  abstract stop(): Promise<unknown>;

  /** Resolves when every delivery that was taken has been handled to its end. */
  async drained(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Whether a delivery has the shape of Slack's; of another one nothing is read. */
  protected isSound(body: Record<string, unknown>): boolean {
    const odd = oddIn(body);
    if (odd === undefined) return true;
    this.#options.logger.warn(
      { type: typeOf(body), odd },
      "Ignored a delivery that isn't as Slack sends them",
    );
    return false;
  }

  /** Handles a delivery to its end. Never rejects. */
  protected take(delivery: Delivery): Promise<void> {
    const type = typeOf(delivery.body);
    const arrived = performance.timeOrigin + delivery.arrived;
    const work = tracedDelivery(type, arrived, (span) =>
      this.#process(delivery, type, () => span.addEvent("acknowledged")),
    ).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    return work;
  }

  async #process(delivery: Delivery, type: string, onAck: () => void): Promise<void> {
    let isAcked = false;
    const ack = async (body?: AckBody): Promise<void> => {
      if (isAcked) return;
      isAcked = true;
      await delivery.answer(body);
      this.#options.onAck(type, (performance.now() - delivery.arrived) / 1000);
      onAck();
    };
    const { body, retryNum, retryReason, ahead } = delivery;
    // Bolt acknowledges an event before anyone has read it; until it is kept, Slack shall bring it again.
    const isEvent = type === "event";
    try {
      await this.#app?.processEvent({
        body,
        ack: isEvent ? async () => {} : ack,
        ...(retryNum === undefined ? {} : { retryNum }),
        ...(retryReason === undefined ? {} : { retryReason }),
        ...(ahead === undefined ? {} : { customProperties: ahead }),
      });
    } catch (error) {
      // Bolt's own error handler has spoken before; whoever typed must not wait for Slack's time-out.
      this.#options.logger.error({ err: error, type }, "Failed to handle a delivery");
      await ack().catch(() => {});
    }
    if (isEvent) await ack().catch(() => {});
  }
}

/** The label of the metric. */
function typeOf(body: Record<string, unknown>): string {
  if (typeof body.command === "string") return "command";
  if (body.type === "event_callback") return "event";
  return typeof body.type === "string" ? body.type.slice(0, 100) : "other";
}
