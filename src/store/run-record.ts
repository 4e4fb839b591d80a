import * as z from "zod";
import { kindOf } from "../kinds/index.ts";
import type { Message, Progress, Reply, Run } from "../runs/run.ts";

/**
 * How a run stands in Redis. The JSON keys are those of 0.1.0, whatever the code calls them today: an older process
 * that runs beside this one, or the one after a downgrade, reads what we write, and we read what it wrote.
 */
interface StoredRun
  extends Omit<Run, "actionRequests" | "seenKeys" | "sourceThread" | "progress" | "outbox"> {
  wishes: Run["actionRequests"];
  taken: Run["seenKeys"];
  alsoTell?: NonNullable<Run["sourceThread"]>;
  progress?: StoredProgress;
  outbox: StoredMessage[];
}

interface StoredProgress extends Omit<Progress, "reportedKeys"> {
  told: Progress["reportedKeys"];
}

/** A message as it was called in 0.1.0: some of its words are other ones. */
interface StoredMessage extends Record<string, unknown> {
  to: string;
  what: { type: string };
}

/** The record as JSON, under the keys that every version reads. */
export function encodeRun({
  actionRequests,
  seenKeys,
  sourceThread,
  progress,
  outbox,
  ...rest
}: Run): string {
  const stored: StoredRun = {
    ...rest,
    wishes: actionRequests,
    taken: seenKeys,
    ...(sourceThread ? { alsoTell: sourceThread } : {}),
    ...(progress ? { progress: encodeProgress(progress) } : {}),
    outbox: outbox.map(encodeMessage),
  };
  return JSON.stringify(stored);
}

/** Without this much, a record can't be drawn, nor told whose it is. */
const readable = z.looseObject({
  team: z.string(),
  id: z.string(),
  channel: z.string(),
  requester: z.looseObject({ id: z.string(), name: z.string() }),
  requestedAt: z.number(),
  phase: z.looseObject({ name: z.string() }),
  card: z.looseObject({ state: z.string() }),
  wishes: z.array(z.looseObject({})),
  taken: z.array(z.string()),
  outbox: z.array(z.looseObject({ to: z.string(), what: z.looseObject({ type: z.string() }) })),
});

/**
 * The run that a record's JSON holds. The version is kept beside it, where a script can compare it. Throws if it
 * can't be read: it's cut off, of another shape, or of a kind that this version doesn't know.
 */
export function decodeRun(json: string, version: string | null | undefined): Run {
  const stored: unknown = JSON.parse(json);
  readable.parse(stored);
  // What is read here was written by `encodeRun`, of this version or an older one.
  const { wishes, taken, alsoTell, progress, outbox, ...rest } = stored as StoredRun;
  const run: Run = {
    ...rest,
    version: Number(version),
    actionRequests: wishes,
    seenKeys: taken,
    ...(alsoTell ? { sourceThread: alsoTell } : {}),
    ...(progress ? { progress: decodeProgress(progress) } : {}),
    outbox: outbox.map(decodeMessage),
  };
  kindOf(run).spec(run);
  return run;
}

const encodeProgress = ({ reportedKeys, ...rest }: Progress): StoredProgress => ({
  ...rest,
  told: reportedKeys,
});

const decodeProgress = ({ told, ...rest }: StoredProgress): Progress => ({ ...rest, reportedKeys: told });

/** Replies that were called otherwise. */
const REPLIES: Partial<Record<Reply["type"], string>> = {
  card_delayed: "unheard",
  channel_closed: "ended_unseen",
};
const REPLIES_STORED = new Map(Object.entries(REPLIES).map(([ours, stored]) => [stored, ours]));

function encodeMessage(message: Message): StoredMessage {
  if (message.to === "source") return { ...message, to: "also" };
  if (message.to !== "person") return { ...message };
  const { what } = message;
  return { ...message, what: { ...what, type: REPLIES[what.type] ?? what.type } };
}

function decodeMessage(stored: StoredMessage): Message {
  const { what } = stored;
  const to = stored.to === "also" ? "source" : stored.to;
  const type = REPLIES_STORED.get(what.type) ?? what.type;
  // What is read here was written by `encodeMessage`, of this version or an older one.
  return { ...stored, to, what: { ...what, type } } as unknown as Message;
}
