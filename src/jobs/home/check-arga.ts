import { ArgaError, ArgaUnauthorized, errorWords, NotArga } from "../../api/errors.ts";
import type { ArgaCheck } from "../../store/app-home.ts";
import type { ReconcileResult } from "../reconciler.ts";
import type { HomeDeps } from "./deps.ts";

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
export async function askArga(deps: HomeDeps, team: string): Promise<ReconcileResult | undefined> {
  const before = await deps.homes.arga();
  const isRecent = before !== undefined && Date.now() - before.at < RECENT_MS;
  const check = isRecent ? before : await asked(deps, before);
  // The process drains: another one asks.
  if (!check) return { requeueAt: Date.now() };
  if (!isRecent) await deps.homes.argaAnswered(check);
  const lookers = await deps.homes.viewers(team);
  await Promise.all(lookers.map((id) => deps.queues.enqueue("home", { team, id })));
  return check.trouble && lookers.length > 0 ? { requeueAt: Date.now() + RETRY_MS } : undefined;
}

async function asked(deps: HomeDeps, before: ArgaCheck | undefined): Promise<ArgaCheck | undefined> {
  const { plan, tests, catalog } = deps.argaCache;
  const late = AbortSignal.timeout(PATIENCE_MS);
  const signal = AbortSignal.any([deps.signal, late]);
  const [account] = await Promise.allSettled([
    plan.refresh(signal),
    tests.refresh(signal),
    catalog.get(signal),
  ]);
  if (deps.signal.aborted) return undefined;
  const at = Date.now();
  if (account.status === "fulfilled" || isAnswer(account.reason)) return { at };
  const why = late.aborted
    ? `Arga hasn't answered within ${PATIENCE_MS / 1000} seconds.`
    : errorWords(account.reason);
  return { at, trouble: { why, since: before?.trouble?.since ?? at } };
}

/** A refusal is an answer, unless it says that nothing can be asked at all. What is not Arga's trouble is thrown. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof ArgaError)) throw error;
  if (error instanceof ArgaUnauthorized || error instanceof NotArga) return false;
  return error.sent === "refused";
}
