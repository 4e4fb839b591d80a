import { z } from "zod";

/**
 * The shapes of what Slack delivers, as far as it is used: checked once, before anyone reads it, so that no number, object
 * or endless string takes the place of an id or a name and stands in a record for good. What isn't used may be anything.
 */

const id = z.string().regex(/^[\w-]{1,100}$/);
const name = z.string().max(500).nullish();
const short = z.string().max(300).nullish();
const address = z.string().max(3_000).nullish();
const text = z.string().nullish();
const place = z.looseObject({ id, name }).nullish();

const person = z.looseObject({ id, name, username: name, team_id: id.nullish() });

const command = z.looseObject({
  command: z.string().max(300),
  text,
  team_id: id,
  user_id: id,
  user_name: name,
  channel_id: id,
  channel_name: name,
  response_url: address,
  trigger_id: short,
});

const action = z.looseObject({
  action_id: z.string().max(300),
  block_id: short,
  action_ts: short,
  value: address,
  selected_option: z.looseObject({ value: short }).nullish(),
});

const input = z.looseObject({
  value: text,
  selected_option: z.looseObject({ value: short }).nullish(),
  selected_options: z
    .array(z.looseObject({ value: short }))
    .max(100)
    .nullish(),
  selected_conversation: id.nullish(),
  selected_users: z.array(id).max(100).nullish(),
  selected_time: short,
});

const view = z.looseObject({
  id: short,
  type: short,
  callback_id: z.string().max(300),
  private_metadata: z.string().max(3_000).nullish(),
  state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), input)).nullish() }).nullish(),
});

const interactive = z.looseObject({
  type: z.string().max(100),
  user: person,
  team: z.looseObject({ id }).nullish(),
  channel: place,
  container: z.looseObject({ message_ts: short, thread_ts: short }).nullish(),
  message: z.looseObject({ ts: short, thread_ts: short, text }).nullish(),
  actions: z.array(action).max(100).nullish(),
  view: view.nullish(),
  response_url: address,
  response_urls: z
    .array(z.looseObject({ channel_id: id, response_url: z.string().max(3_000) }))
    .max(100)
    .nullish(),
  trigger_id: short,
  callback_id: short,
  action_id: short,
  block_id: short,
  value: text,
});

const event = z.looseObject({
  type: z.string().max(100),
  subtype: short,
  user: id.nullish(),
  bot_id: id.nullish(),
  text,
  ts: short,
  thread_ts: short,
  channel: id.nullish(),
  channel_type: short,
  user_team: id.nullish(),
  team: id.nullish(),
  source_team: id.nullish(),
  tab: short,
  inviter: id.nullish(),
  message_ts: short,
  unfurl_id: short,
  source: short,
  links: z.array(z.looseObject({ url: z.string() })).nullish(),
});

const callback = z.looseObject({ type: z.literal("event_callback"), team_id: id.nullish(), event });

/** Without these, a payload or an event of that type is about nothing. */
const NEEDED: Partial<Record<string, readonly string[]>> = {
  block_actions: ["actions"],
  block_suggestion: ["action_id"],
  message_action: ["callback_id"],
  shortcut: ["callback_id"],
  view_closed: ["view"],
  view_submission: ["view"],
  app_home_opened: ["user"],
  app_mention: ["channel", "ts"],
  link_shared: ["channel", "links"],
  member_joined_channel: ["channel", "user"],
  message: ["channel"],
};

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** What of a delivery isn't as Slack sends it, by its path; undefined: it can be handed on. */
export function oddIn(body: Record<string, unknown>): string | undefined {
  const shape =
    body.command !== undefined ? command : body.type === "event_callback" ? callback : interactive;
  const [issue] = shape.safeParse(body).error?.issues ?? [];
  if (issue) return issue.path.join(".").slice(0, 200) || "the payload";
  if (body.command !== undefined) return undefined;
  const about = body.type === "event_callback" ? (body.event as Record<string, unknown>) : body;
  return NEEDED[String(about.type)]?.find((name) => isNothing(about[name]));
}
