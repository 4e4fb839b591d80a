import { checkEdit, newContent, type Said, saidIn } from "./content.ts";
import { faultOf, meet } from "./faults.ts";
import { defined, isObject, parseJson, stringOf } from "./json.ts";
import { snapshot } from "./messages.ts";
import { byBot, threadOf } from "./posting.ts";
import { Refusal } from "./refusal.ts";
import type { Source } from "./response-urls.ts";
import type { EphemeralMessage, FaultRule, Json, SlackMessage } from "./types.ts";
import type { World } from "./world.ts";

export type PostReply =
  | { kind: "answer"; status: number; body: string; retryAfter?: number }
  | { kind: "reset" }
  | { kind: "hang" };

const FIELDS = new Set([
  "attachments",
  "blocks",
  "delete_original",
  "link_names",
  "metadata",
  "mrkdwn",
  "parse",
  "replace_original",
  "response_type",
  "text",
  "thread_ts",
  "unfurl_links",
  "unfurl_media",
]);

interface Outcome {
  readonly status: number;
  readonly error?: string;
  readonly retryAfter?: number;
  readonly ts?: string;
  readonly messageBefore?: SlackMessage;
}

/**
 * Takes a post to a response_url. Slack publishes no errors for these; those seen in the wild are used:
 * 404 `used_url` and `expired_url`, 400 with the error's name for what cannot be shown.
 */
export async function postResponse(world: World, path: string, body: string): Promise<PostReply> {
  const source = world.responseUrls.source(path);
  const channel = world.directory.channelById(source?.channelId);
  const rule = world.faults.take("response_url", [channel?.id, channel?.name]);
  const held = { kind: "held", method: "response_url", args: {}, ok: true, applied: false } as const;
  const verdict = await meet(rule, () => world.log.write({ ...held, ...defined({ channel: channel?.id }) }));
  if (verdict.kind === "reset" || verdict.kind === "hang") {
    record(world, { source, body, rule }, { status: 0, error: verdict.kind });
    return verdict;
  }
  const outcome = verdict.kind === "answer" ? verdict : perform(world, path, body);
  record(world, { source, body, rule }, outcome);
  return verdict.kind === "lose" ? { kind: "reset" } : reply(outcome);
}

function reply({ status, error, retryAfter }: Outcome): PostReply {
  return {
    kind: "answer",
    status,
    body: error === undefined ? "ok" : JSON.stringify({ ok: false, error }),
    ...defined({ retryAfter }),
  };
}

function perform(world: World, path: string, body: string): Outcome {
  const source = world.responseUrls.source(path);
  if (source === undefined) return { status: 404, error: "invalid_url" };
  const spent = world.responseUrls.spent(path);
  if (spent !== undefined) return { status: 404, error: spent };
  try {
    const done = act(world, source, fieldsOf(body));
    world.responseUrls.use(path);
    return { status: 200, ...done };
  } catch (error) {
    if (error instanceof Refusal) return { status: 400, error: error.code };
    throw error;
  }
}

/** @throws Refusal `invalid_payload` for what is no JSON object of known fields */
function fieldsOf(body: string): Json {
  const fields = parseJson(body);
  if (!isObject(fields)) throw new Refusal("invalid_payload");
  if (Object.keys(fields).some((name) => !FIELDS.has(name))) throw new Refusal("invalid_payload");
  return fields;
}

type Done = Pick<Outcome, "ts" | "messageBefore">;

function act(world: World, source: Source, fields: Json): Done {
  const original = originalOf(world, source);
  if (fields.delete_original === true && original !== undefined) return remove(world, original);
  if (fields.replace_original === true && original !== undefined) return replace(world, original, fields);
  // The line that a person typed can neither be edited nor deleted, so for a command these come out as new messages.
  return say(world, { source, fields, kind: "response_url" });
}

function originalOf(
  world: World,
  { message, channelId }: Source,
): SlackMessage | EphemeralMessage | undefined {
  if (message === undefined) return undefined;
  return message.ephemeral
    ? world.messages.findEphemeral(message.ts)
    : world.messages.find(channelId, message.ts);
}

function remove({ messages }: World, original: SlackMessage | EphemeralMessage): Done {
  if ("ephemeral" in original) {
    messages.removeEphemeral(original);
    return { ts: original.ts };
  }
  const messageBefore = snapshot(original);
  messages.remove(original);
  return { ts: original.ts, messageBefore };
}

function replace({ messages }: World, original: SlackMessage | EphemeralMessage, fields: Json): Done {
  const said = saidIn(fields);
  checkEdit(said);
  const before = "ephemeral" in original ? {} : { messageBefore: snapshot(original) };
  messages.edit(original, newContent(said));
  return { ts: original.ts, ...before };
}

export interface Saying {
  readonly source: Source;
  readonly fields: Json;
  readonly kind: "response_url" | "ack";
}

/** Shows a message to the person alone, or to all with `in_channel`, member of the channel or not. @throws Refusal */
export function say(world: World, { source, fields, kind }: Saying): Done {
  const said: Said = saidIn(fields);
  const content = newContent(said);
  const channel = world.directory.channelById(source.channelId);
  const threadTs = channel && threadOf(world, channel, stringOf(fields.thread_ts));
  const draft = { ...content, ...defined({ threadTs }), channel: source.channelId };
  const shown =
    fields.response_type === "in_channel"
      ? world.messages.post({ ...draft, ...byBot(world) })
      : world.messages.showTo({ ...draft, kind, user: source.userId });
  return { ts: shown.ts };
}

interface Told {
  readonly source: Source | undefined;
  readonly body: string;
  readonly rule: FaultRule | undefined;
}

function record({ log }: World, { source, body, rule }: Told, outcome: Outcome): void {
  const { status, error, ts, messageBefore } = outcome;
  const args = parseJson(body);
  log.write({
    kind: "response_url",
    method: "response_url",
    args: isObject(args) ? args : { body },
    ok: error === undefined,
    status,
    applied: error === undefined,
    ...defined({ error, channel: source?.channelId, ts, messageBefore, fault: faultOf(rule) }),
  });
}
