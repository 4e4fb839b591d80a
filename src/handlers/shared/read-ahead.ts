import type { PersonalSettings } from "../../store/settings.ts";
import type { HandlerContext } from "./context.ts";

/** Bolt's `context` of a delivery, as far as it's ours. */
export type Ahead = {
  /** What whoever typed a command chose for themselves. */
  settings?: Promise<PersonalSettings>;
};

/**
 * Whoever types a command waits for its ack: what nearly every command reads is asked for as soon as it's known whose,
 * all in one round trip. Changes nothing.
 */
export function readAhead(
  { settings: store, argaCache }: Pick<HandlerContext, "settings" | "argaCache">,
  body: Record<string, unknown>,
): Ahead {
  const { command, team_id: team, user_id: user } = body as Record<string, string | undefined>;
  if (command === undefined || !team || !user) return {};
  const settings = store.of({ team, user });
  // Whoever reads it hears of it.
  settings.catch(() => {});
  void argaCache.plan.peekSafely();
  void argaCache.catalog.peekSafely();
  return { settings };
}
