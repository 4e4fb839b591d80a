import type { Sent } from "../deliveries/courier.ts";
import type { Delivery, Json } from "../types.ts";
import { later, type World } from "../world.ts";
import { deliver, delivery, undelivered } from "./deliver.ts";

/** Which scope lets the app hear of an event; those that are not here need none. */
const SCOPES: Readonly<Record<string, string>> = {
  app_mention: "app_mentions:read",
  link_shared: "links:read",
  message: "im:history",
};

/** Who joins a channel is told with the scope for that kind of channel. */
function scopeFor({ directory }: World, { type, channel }: Json & { type: string }): string | undefined {
  if (type !== "member_joined_channel") return SCOPES[type];
  return directory.channelById(String(channel))?.kind === "private" ? "groups:read" : "channels:read";
}

/**
 * Sends an event and waits for the first attempt; the retries go on by themselves (docs.slack.dev/apis/events-api).
 * Not delivered when the app has not subscribed to the event, or lacks its scope.
 */
export async function sendEvent(world: World, event: Json & { type: string }): Promise<Delivery> {
  if (!world.settings.events.includes(subscriptionOf(event))) return undelivered(event);
  const scope = scopeFor(world, event);
  if (scope !== undefined && !world.settings.scopes.includes(scope)) return undelivered(event);
  const payload = envelope(world, event);
  const sent = await attempt(world, { name: event.type, payload, number: 0, reason: "" });
  return delivery(sent, payload);
}

/** What a manifest calls the event: messages are subscribed to by the kind of conversation. */
function subscriptionOf({ type, channel_type }: Json & { type: string }): string {
  return type === "message" ? `message.${String(channel_type)}` : type;
}

interface Attempt {
  readonly name: string;
  readonly payload: Json;
  /** 0 for the first, then the retry's number. */
  readonly number: number;
  readonly reason: string;
}

async function attempt(world: World, tried: Attempt): Promise<Sent> {
  const { name, payload, number, reason } = tried;
  const retry = number === 0 ? {} : { retry: { attempt: number, reason } };
  const sent = await deliver(world, { envelope: "events_api", name, payload, ...retry });
  scheduleRetry(world, tried, sent);
  return sent;
}

function scheduleRetry(world: World, { name, payload, number }: Attempt, { answer }: Sent): void {
  const pause = world.settings.timing.eventRetryMs[number];
  if (answer.failure === undefined || answer.noRetry || pause === undefined) return;
  const next = { name, payload, number: number + 1, reason: answer.failure };
  const again = () => void attempt(world, next);
  // Without any socket it waits for one: after a reconnect, Slack was seen to bring what had not been acknowledged.
  if (answer.failure === "no_socket") world.sockets.onNextOpen(again);
  else later(world, pause, again);
}

function envelope({ settings, ids, directory }: World, event: Json & { type: string }): Json {
  const { team, app } = settings;
  const place = typeof event.channel === "string" ? directory.channelById(event.channel) : undefined;
  return {
    token: app.verificationToken,
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: app.appId,
    event: { ...event, event_ts: event.event_ts ?? ids.ts() },
    type: "event_callback",
    event_id: ids.next("Ev"),
    event_time: ids.seconds(),
    authorizations: [
      {
        enterprise_id: null,
        team_id: team.id,
        user_id: app.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: place !== undefined && directory.isShared(place),
    event_context: ids.secret(),
  };
}
