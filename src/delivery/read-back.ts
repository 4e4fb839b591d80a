import * as z from "zod";
import type { Run } from "../runs/run.ts";
import type { SlackWeb } from "../slack/web.ts";

/** Slack metadata of every bot message of a run: part of what others may rely on, so these names stay. */
const EVENT_TYPE = "arga_run";
export const CARD_KEY = "card";

export type Role = "card" | "thread" | "notice";

export function metadataOf(run: Pick<Run, "id" | "kind">, role: Role, key: string): Record<string, unknown> {
  return { event_type: EVENT_TYPE, event_payload: { run_id: run.id, kind: run.kind, role, key } };
}

const page = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        metadata: z
          .object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()).optional() })
          .nullish(),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

const PAGES_LIMIT = 5;
/** Slack's clock and ours need not agree. */
const CLOCK_SLACK_SECONDS = 120;

/** What to look for, and where: in a thread, or in the channel itself. */
interface Search {
  team: string;
  channel: string;
  threadTs?: string | undefined;
  run: Pick<Run, "id">;
  key: string;
  /** When the first try was made, in ms. */
  since: number;
}

/**
 * Finds a message of ours by its metadata after a post whose answer was lost. Returns its `ts`, or undefined if
 * Slack does not have it. Throws as {@link SlackWeb.call}.
 */
export async function readBack(slack: SlackWeb, search: Search): Promise<string | undefined> {
  const { team, channel, threadTs, run, key, since } = search;
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES_LIMIT; pages++) {
    const answer = await slack.call(team, threadTs ? "conversations.replies" : "conversations.history", {
      channel,
      include_all_metadata: true,
      limit: 200,
      oldest: String(Math.floor(since / 1000) - CLOCK_SLACK_SECONDS),
      latest: String(Math.ceil(since / 1000) + CLOCK_SLACK_SECONDS),
      ...(threadTs ? { ts: threadTs } : {}),
      ...(cursor ? { cursor } : {}),
    });
    const { messages, response_metadata } = page.parse(answer);
    const found = messages.find((message) => isOurs(message.metadata, run, key));
    if (found) return found.ts;
    cursor = response_metadata?.next_cursor || undefined;
    if (!cursor) return undefined;
  }
  return undefined;
}

const filesPage = z.object({
  messages: z.array(z.object({ files: z.array(z.object({ id: z.string() })).nullish() })).default([]),
});

/** Whether a thread has any of these files of ours since then. Throws as {@link SlackWeb.call}. */
export async function sharedFiles(
  slack: SlackWeb,
  { team, channel, threadTs, since }: Omit<Search, "run" | "key">,
  ids: readonly string[],
): Promise<boolean> {
  const answer = await slack.call(team, "conversations.replies", {
    channel,
    ts: threadTs,
    limit: 200,
    oldest: String(Math.floor(since / 1000) - CLOCK_SLACK_SECONDS),
  });
  return filesPage.parse(answer).messages.some(({ files }) => files?.some(({ id }) => ids.includes(id)));
}

function isOurs(
  metadata: { event_type: string; event_payload?: Record<string, unknown> | undefined } | null | undefined,
  run: Pick<Run, "id">,
  key: string,
): boolean {
  const payload = metadata?.event_payload;
  return metadata?.event_type === EVENT_TYPE && payload?.run_id === run.id && payload.key === key;
}
