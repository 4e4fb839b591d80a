import type { Tier } from "../rate-limits.ts";
import type { Json, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";
import type { Args } from "./args.ts";

/** How an argument is read: forms carry everything as text, `json` ones as JSON text. */
export type ArgKind = "string" | "number" | "boolean" | "json";

/** What a call touched, for the log. */
export interface Notes {
  channel?: string;
  ts?: string;
  messageBefore?: SlackMessage;
}

export interface Call {
  readonly world: World;
  readonly args: Args;
  readonly notes: Notes;
}

/** One Web API method. */
export interface Method {
  readonly token: "bot" | "app" | "none";
  /** Any one of them is enough to call it at all; what it touches may ask for a certain one. */
  readonly scopes: readonly string[];
  readonly tier: Tier;
  /** Reads may be called with GET. */
  readonly read?: true;
  readonly args: Readonly<Record<string, ArgKind>>;
  readonly required?: readonly string[];
  /** @returns the fields beside `ok: true` @throws Refusal */
  run(call: Call): Json;
}

export type Methods = Readonly<Record<string, Method>>;
