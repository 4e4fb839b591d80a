import type { Logger } from "pino";
import type { Run } from "../runs/run.ts";
import { channelError } from "../slack/channel-errors.ts";
import { SlackRefused, SlackUnclear } from "../slack/errors.ts";
import { type Caller, type Pacer, postLane, readLane } from "../slack/pacer.ts";
import type { SlackWeb } from "../slack/web.ts";
import type { Content } from "../views/card.ts";
import { metadataOf, type Role, readBack } from "./read-back.ts";
import { retryAt } from "./retry.ts";
import type { ContentSender } from "./send-content.ts";

/** With what messages are posted. */
export interface DeliveryDeps {
  slack: SlackWeb;
  sender: ContentSender;
  pacer: Pacer;
  logger: Logger;
}

/** A message of ours for a channel or a thread. */
export interface Outgoing {
  team: string;
  channel: string;
  threadTs?: string | undefined;
  /** What it is about. Slack carries it with role and key as metadata, by which it is found again. */
  run: Pick<Run, "id" | "kind">;
  role: Role;
  key: string;
  /** Since when a post is, or was, on its way. */
  sendingSince: number | undefined;
  /** Who stands in line for it, if that isn't the message itself. */
  who?: string;
  /** Whose it is, and how soon it is to go (`slack/pacer.ts`). */
  forWhom?: string;
  urgent?: boolean;
  minor?: boolean;
  besideEnd?: boolean;
}

/** Where it is written down how far a message is. `State` is what is written into: a run's record, a channel's outbox. */
export interface Ledger<State> {
  /** Before a post leaves; without a content, it doesn't: someone else is at it, or it isn't needed any more. */
  begin(state: State, since: number): Promise<{ state: State; content?: Content }>;
  /** It stands there. `content` is what was posted; of a message that was found, it isn't known. */
  confirmed(state: State, posted: { ts: string; content?: Content }): Promise<State>;
  /** It may stand there; it is looked for some time after `since`. */
  unclear(state: State, since: number, error: SlackUnclear): Promise<State>;
  /** It certainly doesn't stand there. */
  dueAgain(state: State): Promise<State>;
}

/** What became of it. Without `requeueAt` and `refused`, there may be more to do at once. */
export interface Delivered<State> {
  state: State;
  /** When to go on, in ms since the epoch. */
  requeueAt?: number;
  /** Slack's last word, until something there changes. */
  refused?: SlackRefused;
}

/** Slack needs a moment until a message that it took can be read. */
const READABLE_AFTER_MS = 1_500;
/** A post that was given up after a long wait may yet be applied: it gets this long before it is looked for. */
const LATE = { afterMs: 5_000, readableMs: 15_000 };

/**
 * Posts a message once. Before the post its intent is written; whoever finds such an intent (the answer was lost, the
 * process died) reads the channel or thread back before posting again.
 */
export async function deliverOnce<State>(
  deps: DeliveryDeps,
  message: Outgoing,
  ledger: Ledger<State>,
  state: State,
): Promise<Delivered<State>> {
  if (message.sendingSince !== undefined)
    return await find(deps, { message, ledger, state, since: message.sendingSince });
  const wait = await deps.pacer.acquirePost(message.channel, callerOf(message));
  if (wait > 0) return { state, requeueAt: Date.now() + wait };
  const since = Date.now();
  const { content, ...begun } = await ledger.begin(state, since);
  return content ? await post(deps, { message, ledger, state: begun.state, since }, content) : begun;
}

interface Attempt<State> {
  message: Outgoing;
  ledger: Ledger<State>;
  state: State;
  /** When it was, or is, made. */
  since: number;
}

async function post<State>(
  deps: DeliveryDeps,
  attempt: Attempt<State>,
  content: Content,
): Promise<Delivered<State>> {
  const { message, ledger, state } = attempt;
  let ts: string;
  try {
    ts = await send(deps, message, content);
  } catch (error) {
    return await notPosted(deps, attempt, error);
  }
  return { state: await ledger.confirmed(state, { ts, content }) };
}

async function send({ sender }: DeliveryDeps, message: Outgoing, content: Content): Promise<string> {
  const { team, channel, threadTs, run, role, key } = message;
  const answer = await sender.send(team, "chat.postMessage", {
    channel,
    metadata: metadataOf(run, role, key),
    unfurl_links: false,
    unfurl_media: false,
    ...(threadTs ? { thread_ts: threadTs } : {}),
    content,
  });
  return String((answer as { ts?: unknown }).ts);
}

async function notPosted<State>(
  deps: DeliveryDeps,
  { message, ledger, state, since }: Attempt<State>,
  error: unknown,
): Promise<Delivered<State>> {
  if (error instanceof SlackUnclear) {
    const tried = triedAt(since);
    return { state: await ledger.unclear(state, tried, error), requeueAt: tried + READABLE_AFTER_MS };
  }
  const due = await ledger.dueAgain(state);
  if (error instanceof SlackRefused) return { state: due, refused: error };
  const lane = postLane(message.channel);
  return { state: due, requeueAt: await retryAt(deps, { caller: callerOf(message), lane, error }) };
}

/** From when on a post counts as tried that began at `begun` and ended just now without an answer. */
const triedAt = (begun: number): number =>
  Date.now() - begun < LATE.afterMs ? begun : Date.now() + LATE.readableMs - READABLE_AFTER_MS;

async function find<State>(
  deps: DeliveryDeps,
  { message, ledger, state, since }: Attempt<State>,
): Promise<Delivered<State>> {
  const ripe = since + READABLE_AFTER_MS;
  if (Date.now() < ripe) return { state, requeueAt: ripe };
  const caller = callerOf(message);
  const lane = readLane(message.threadTs ? "conversations.replies" : "conversations.history");
  const wait = await deps.pacer.acquire(lane, caller);
  if (wait > 0) return { state, requeueAt: Date.now() + wait };
  let ts: string | undefined;
  try {
    ts = await readBack(deps.slack, { ...message, since });
  } catch (error) {
    if (!(error instanceof SlackRefused && channelError(error.error).isUnreadable))
      return { state, requeueAt: await retryAt(deps, { caller, lane, error }) };
    // It can't be known, and a message that stands twice is better than none.
    deps.logger.warn(
      { run: message.run.id, err: error },
      "Can't tell if a message was posted; posting it again",
    );
  }
  return { state: ts === undefined ? await ledger.dueAgain(state) : await ledger.confirmed(state, { ts }) };
}

const callerOf = ({
  team,
  run,
  key,
  who = `${run.id}:${key}`,
  forWhom = who,
  urgent = false,
  minor = false,
  besideEnd = false,
}: Outgoing): Caller => ({ team, who, forWhom, urgent, minor, besideEnd });
