import { withIds } from "./elements.ts";
import type { Ids } from "./ids.ts";
import { defined } from "./json.ts";
import type {
  Block,
  EphemeralKind,
  EphemeralMessage,
  Json,
  MessageVersion,
  Metadata,
  SlackMessage,
} from "./types.ts";

/** What is said in a message. */
export interface Content {
  text: string;
  blocks: Block[];
  attachments?: Json[];
  metadata?: Metadata;
}

export interface Draft extends Content {
  channel: string;
  user: string;
  botId?: string;
  appId?: string;
  threadTs?: string;
  subtype?: string;
  files?: Json[];
}

export interface EphemeralDraft extends Content {
  kind: EphemeralKind;
  channel?: string;
  user: string;
  threadTs?: string;
}

/** Every message of the workspace. What it hands out is live: only this folder may see it, others get copies. */
export class Messages {
  readonly ephemerals: EphemeralMessage[] = [];
  /** By channel and ts; a map keeps the order in which they came. */
  readonly #byChannel = new Map<string, Map<string, SlackMessage>>();
  readonly #ids: Ids;

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  /** All of a channel, replies too, oldest first. */
  all(channelId: string): SlackMessage[] {
    return [...this.#in(channelId).values()];
  }

  /** What is seen in the channel itself: no replies, except those also sent to the channel. */
  inChannel(channelId: string): SlackMessage[] {
    return this.all(channelId).filter(
      (one) => one.thread_ts === undefined || one.subtype === "thread_broadcast",
    );
  }

  replies(channelId: string, threadTs: string): SlackMessage[] {
    return this.all(channelId).filter((one) => one.thread_ts === threadTs);
  }

  find(channelId: string, ts: string): SlackMessage | undefined {
    return this.#in(channelId).get(ts);
  }

  post(draft: Draft): SlackMessage {
    const { channel, user, text, attachments, metadata, botId, appId, threadTs, subtype, files } = draft;
    const optional = {
      subtype,
      bot_id: botId,
      app_id: appId,
      attachments,
      metadata,
      files,
      thread_ts: threadTs,
    };
    const blocks = withIds(draft.blocks, this.#ids);
    const fixed = { type: "message" as const, ts: this.#ids.ts(), channel, user, text, blocks };
    const message: SlackMessage = {
      ...fixed,
      ...defined(optional),
      reactions: [],
      at: Date.now(),
      history: [],
    };
    this.#in(channel).set(message.ts, message);
    return message;
  }

  /** Replaces the content; the state before goes into the history. Absent attachments and metadata are removed. */
  edit(message: SlackMessage | EphemeralMessage, content: Content): void {
    message.history.push(versionOf(message));
    message.at = Date.now();
    message.text = content.text;
    message.blocks = withIds(content.blocks, this.#ids);
    delete message.attachments;
    if (content.attachments !== undefined) message.attachments = content.attachments;
    if (!("ephemeral" in message)) setMetadata(message, content.metadata);
  }

  /** A parent with replies leaves a tombstone, so that its thread stays reachable. */
  remove(message: SlackMessage): void {
    if (this.replies(message.channel, message.ts).length === 0) {
      this.#in(message.channel).delete(message.ts);
      return;
    }
    this.edit(message, { text: "This message was deleted.", blocks: [] });
    message.subtype = "tombstone";
  }

  showTo(draft: EphemeralDraft): EphemeralMessage {
    const { kind, user, text, channel, threadTs, attachments } = draft;
    const fixed = { ephemeral: true as const, kind, ts: this.#ids.ts(), user, text };
    const optional = defined({ channel, thread_ts: threadTs, attachments });
    const blocks = withIds(draft.blocks, this.#ids);
    const message: EphemeralMessage = { ...fixed, ...optional, blocks, at: Date.now(), history: [] };
    this.ephemerals.push(message);
    return message;
  }

  findEphemeral(ts: string): EphemeralMessage | undefined {
    return this.ephemerals.find((one) => one.ts === ts);
  }

  removeEphemeral(message: EphemeralMessage): void {
    const index = this.ephemerals.indexOf(message);
    if (index >= 0) this.ephemerals.splice(index, 1);
  }

  #in(channelId: string): Map<string, SlackMessage> {
    const found = this.#byChannel.get(channelId) ?? new Map();
    this.#byChannel.set(channelId, found);
    return found;
  }
}

/** The message as it is, for the log; without its history, which would grow with every entry. */
export function snapshot(message: SlackMessage): SlackMessage {
  return structuredClone({ ...message, history: [] });
}

function versionOf(message: SlackMessage | EphemeralMessage): MessageVersion {
  const { at, text, blocks } = message;
  const metadata = "ephemeral" in message ? undefined : message.metadata;
  return { at, text, blocks, ...defined({ metadata }) };
}

function setMetadata(message: SlackMessage, metadata: Metadata | undefined): void {
  delete message.metadata;
  if (metadata !== undefined) message.metadata = metadata;
}
