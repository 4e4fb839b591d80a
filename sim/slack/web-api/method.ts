import type { Tier } from "../rate-limits.ts";
import type { Json, SlackMessage } from "../types.ts";
import type { World } from "../world.ts";
import type { Args, ArgsOf } from "./args.ts";

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
export interface Method extends ArgsOf {
  readonly token: "bot" | "app" | "none";
  /** Any one of them is enough to call it at all; what it touches may ask for a certain one. */
  readonly scopes: readonly string[];
  readonly tier: Tier;
  /** Reads may be called with GET. */
  readonly read?: true;
  /** @returns the fields beside `ok: true` @throws Refusal */
  run(call: Call): Json;
}

export type Methods = Readonly<Record<string, Method>>;
