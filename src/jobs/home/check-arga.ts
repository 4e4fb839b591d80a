import { ArgaError, ArgaUnauthorized, NotArga } from "../../api/errors.ts";
import { messageOf } from "../../base/errors.ts";
import type { ArgaCheck } from "../../store/app-home.ts";
import type { Outlook } from "../reconciler.ts";
import type { HomeSide } from "./deps.ts";

/** What Arga was asked this long ago is not asked again for the sake of Homes, in ms. */
export const RECENT_MS = 10_000;
/** While Arga is in trouble and anyone looks, it is asked this often, in ms. */
const RETRY_MS = 12_000;
/** Milliseconds that Arga may take. Nobody waits for it: what is known is shown. */
const PATIENCE_MS = 8_000;

/**
 * Asks Arga for what Homes show of it, once for all of a workspace's Homes, and has those that somebody looks at
 * shown anew.
 */
export async function askArga(side: HomeSide, team: string): Promise<Outlook | undefined> {
  const before = await side.homes.arga();
  const isRecent = before !== undefined && Date.now() - before.at < RECENT_MS;
  const check = isRecent ? before : await asked(side, before);
  // The process drains: another one asks.
  if (!check) return { next: Date.now() };
  if (!isRecent) await side.homes.argaAnswered(check);
  const lookers = await side.homes.lookers(team);
  await Promise.all(lookers.map((id) => side.queues.poke("home", { team, id })));
  return check.trouble && lookers.length > 0 ? { next: Date.now() + RETRY_MS } : undefined;
}

async function asked(side: HomeSide, before: ArgaCheck | undefined): Promise<ArgaCheck | undefined> {
  const { plan, tests, catalog } = side.knowledge;
  const late = AbortSignal.timeout(PATIENCE_MS);
  const signal = AbortSignal.any([side.signal, late]);
  const [account] = await Promise.allSettled([plan.ask(signal), tests.ask(signal), catalog.fresh(signal)]);
  if (side.signal.aborted) return undefined;
  const at = Date.now();
  if (account.status === "fulfilled" || isAnswer(account.reason)) return { at };
  const why = late.aborted
    ? `Arga has not answered within ${PATIENCE_MS / 1000} seconds.`
    : messageOf(account.reason);
  return { at, trouble: { why, since: before?.trouble?.since ?? at } };
}

/** A refusal is an answer, unless it says that nothing can be asked at all. What is not Arga's trouble is thrown. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof ArgaError)) throw error;
  if (error instanceof ArgaUnauthorized || error instanceof NotArga) return false;
  return error.sent === "refused";
}
