import type { Json } from "../types.ts";

/** Something that Slack brings to the app, before it is put into the form of a transport. */
export interface Outgoing {
  readonly envelope: "slash_commands" | "interactive" | "events_api";
  /** For the log: the command, the payload's or the event's type. */
  readonly name: string;
  readonly payload: Json;
  /** Events alone: the how manieth retry, from 1. */
  readonly retry?: { attempt: number; reason: string };
}

/** The exact thing that went out, so that it can go out again. */
export type Sealed =
  | { transport: "http"; headers: Readonly<Record<string, string>>; body: string }
  | { transport: "socket"; envelope: Json & { envelope_id: string } };

/** What came back. `failure` is in the words of Slack's X-Slack-Retry-Reason. */
export interface Answer {
  readonly ackMs: number;
  readonly timedOut: boolean;
  readonly status?: number;
  readonly body?: string | Json;
  readonly failure?: string;
  /** The app asked not to be tried again. */
  readonly noRetry?: true;
}
