import type { Sent } from "../deliveries/courier.ts";
import type { Answer, Outgoing } from "../deliveries/outgoing.ts";
import { defined } from "../json.ts";
import type { Delivery, Json, Shown } from "../types.ts";
import type { World } from "../world.ts";

/** Delivers and waits for the answer. */
export function deliver(world: World, outgoing: Outgoing): Promise<Sent> {
  return world.courier.deliver(outgoing);
}

/** What a test or script gets to hear of a delivery. */
export function delivery({ id, transport, answer }: Sent, payload: Json, shown?: Shown): Delivery {
  const { ackMs, timedOut, status, failure, body } = answer;
  const triggerId = typeof payload.trigger_id === "string" ? payload.trigger_id : undefined;
  const optional = defined({ status, failure, answer: body, shown, triggerId });
  return { id, delivered: true, transport, ackMs, timedOut, payload, ...optional };
}

/** Nothing went out. */
export function undelivered(payload: Json = {}): Delivery {
  return { id: "", delivered: false, transport: "none", ackMs: 0, timedOut: false, payload };
}

interface Failed {
  readonly answer: Answer;
  /** What the person did, as it is named in the notice. */
  readonly what: string;
  readonly userId: string;
  readonly channelId?: string;
}

/**
 * Slack's own notice to the person when the app did not answer in time, or not with 200.
 * For components Slack shows a sign beside the button; here that is a notice as well, so that there is one place to look.
 */
export function showFailure(world: World, { answer, what, userId, channelId }: Failed): Shown | undefined {
  if (answer.failure === undefined) return undefined;
  const kind = answer.timedOut || answer.status !== undefined ? "operation_timeout" : "dispatch_failed";
  const detail = answer.status === undefined ? "" : ` (http status ${answer.status})`;
  const text = `${what} failed with the error "${kind}"${detail}`;
  world.messages.showTo({ kind, user: userId, text, blocks: [], ...defined({ channel: channelId }) });
  return { text };
}

/** An answer that came in time but cannot be shown, e.g. blocks that Slack refuses. */
export function showRefused(
  world: World,
  { what, userId, channelId }: Omit<Failed, "answer">,
  error: string,
): Shown {
  const text = `${what} failed with the error "${error}"`;
  world.messages.showTo({
    kind: "dispatch_failed",
    user: userId,
    text,
    blocks: [],
    ...defined({ channel: channelId }),
  });
  return { text };
}
