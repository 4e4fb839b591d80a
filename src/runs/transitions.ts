import { expectedEnd } from "./actions.ts";
import {
  CARD_DELAYED_KEY,
  END_KEY,
  queueReply,
  queueSourceThread,
  queueSubscriberMessage,
  queueThreadMessage,
  withoutReminders,
} from "./outbox.ts";
import { progressed, recapped, withTotal } from "./progress.ts";
import { proofShown } from "./proof.ts";
import { isQuiet } from "./quiet.ts";
import type {
  ArgaRun,
  Deadline,
  Outcome,
  Phase,
  ProofFile,
  Reply,
  Run,
  RunEvent,
  Step,
  Trouble,
} from "./run.ts";

/**
 * Every way a run can change: pure, each `(run, what happened, now) → run`, with whatever must be said put
 * into the outbox in the same step. Called again for what already happened, they change nothing.
 */

/** Deadlines nearer than this are the same: Arga's clock and ours, and its rounding, differ by as much. */
const SAME_DEADLINE_MS = 1_000;

/** What a look at Arga found. */
export interface Observation {
  /** undefined: Arga's word for it is not known here, so the run stays in the phase that it is in. */
  state?: "starting" | "running" | "ready" | "ending" | "ended";
  outcome?: Outcome;
  why?: string;
  arga: Omit<ArgaRun, "id" | "legacy">;
  /** When Arga ends it, as Arga says. */
  endsAt?: number;
  /** What it did so far, all of it or some. */
  steps?: readonly Step[];
  /** The same, from a source that may name steps otherwise than the stream that reported them already. */
  recap?: readonly Step[];
  /** How many steps it has in all. */
  totalSteps?: number;
  /** From its beginning to its end, by Arga's clock. */
  tookMs?: number;
  /** Of one that failed: what shows it. Looked for when it's needed, because most ends that a list has are old. */
  proof?: () => readonly ProofFile[];
  /** Arga's word for its state is one that no source has. */
  isOdd?: boolean;
}

/** Its channel is private: it's shown nowhere else. */
export const madePrivate = (run: Run): Run => (run.hidden ? run : { ...run, hidden: true });

/** Arga has all that it names, and `spec` has what the names stand for: the card may be posted. */
export const checked = (run: Run, spec: unknown = run.spec): Run =>
  run.phase.name === "requested" && !run.phase.checked
    ? untroubled({ ...run, spec, phase: { name: "requested", checked: true } })
    : run;

/**
 * It will not be tried: said to the requester alone while there is no card, and on the card otherwise. `button` runs
 * `tryThis`, where that is what was asked for.
 */
export function rejected(
  run: Run,
  why: string,
  now: number,
  { tryThis, button }: { tryThis?: string | undefined; button?: string | undefined } = {},
): Run {
  if (run.phase.name !== "requested") return run;
  // A card that may stand in the channel must say so itself.
  if (run.card.state !== "due") return end(run, "refused", now, why);
  const answer: Reply = {
    type: "rejected",
    why,
    ...(tryThis ? { tryThis } : {}),
    ...(button ? { button } : {}),
  };
  const silent: Run = {
    ...run,
    card: { state: "none" },
    phase: { name: "ended", at: now, outcome: "refused", why },
  };
  return queueReply(silent, { key: "rejected", what: answer, reply: run.reply, since: now });
}

/** The intent to create, written before the request leaves. */
export const creating = (run: Run, attempt: string, now: number): Run => ({
  ...run,
  phase: { name: "creating", attempt, since: now },
});

/** The create certainly had no effect and may be sent again. */
export const notCreated = (run: Run): Run =>
  run.phase.name === "creating" ? { ...run, phase: { name: "requested", checked: true } } : run;

export const created = (run: Run, arga: Pick<ArgaRun, "id" | "legacy" | "status">, now: number): Run =>
  run.phase.name === "creating"
    ? untroubled({
        ...run,
        arga: { ...arga, links: [] },
        phase: { name: "starting", since: now },
        startedAt: now,
      })
    : run;

/** Arga said no to the create, in its own words. */
export const createRefused = (run: Run, why: string, now: number): Run =>
  end(untroubled(run), "refused", now, why);

/** The answer to the create was lost. It is not sent again; a person decides. */
export const createUnknown = (run: Run, why: string, now: number): Run =>
  end(untroubled(run), "unknown", now, why);

export const cancelled = (run: Run, now: number): Run => end(run, "cancelled", now);

/** Brings the record in line with what Arga shows. `remindBeforeMs` sets when a new deadline is reminded of. */
export function observed(run: Run, seen: Observation, now: number, remindBeforeMs: number): Run {
  if (run.phase.name === "ended" || !run.arga) return run;
  const { id, legacy } = run.arga;
  // Always in the same place: a look that shows nothing new must leave the very same record.
  const isPublic = seen.arga.isPublic ?? run.arga.isPublic;
  const known = isPublic === undefined ? {} : { isPublic };
  const arga: ArgaRun = { ...known, ...bounded(seen.arga), id, ...(legacy ? { legacy } : {}) };
  const dated = withDeadline(untroubled({ ...run, arga }), seen.endsAt, now, remindBeforeMs);
  const counted = withTotal(dated, seen.totalSteps);
  const next = recapped(progressed(counted, seen.steps ?? [], now), seen.recap ?? [], now);
  if (isWorthAnotherTry(run, seen, now)) return createdAnew(next, seen.why ?? "");
  if (seen.state === "ended") return endedAs(next, seen, now);
  // A cancelled run goes on for a moment; what is asked for is shown all the same.
  if (seen.state === undefined || seen.state === next.phase.name || isWindingUp(next, now)) return next;
  const phase: Phase = { name: seen.state, since: now };
  const moved: Run = { ...next, phase };
  if (seen.state !== "ready" || run.seenKeys.includes("ready")) return moved;
  const ready = queueThreadMessage({ ...moved, seenKeys: [...run.seenKeys, "ready"] }, "ready", {
    type: "ready",
  });
  return queueSubscriberMessage(ready, "ready");
}

function endedAs(run: Run, seen: Observation, now: number): Run {
  const ended = end(tookAs(run, seen), seen.outcome ?? "failed", now, seen.why?.slice(0, WHY_LIMIT));
  const files = seen.proof?.() ?? [];
  return files.length === 0 ? ended : { ...ended, proof: { files: [...files] } };
}

/** Arga's word for a lack of machines that is over in a moment. */
const NO_MACHINE = /\bwarm VM unavailable\b/i;
/** That it was created once more; nobody waits for a second try for longer than this, in ms. */
const RETRIED_KEY = "retried";
const RETRY_WITHIN_MS = 5 * 60_000;

/** Arga couldn't provide it, for certain, for the first time and for a reason that passes; nobody asked it to do anything. */
const isWorthAnotherTry = (run: Run, { state, outcome, why = "" }: Observation, now: number): boolean =>
  state === "ended" &&
  outcome === "failed" &&
  run.phase.name === "starting" &&
  run.seenKeys.every((key) => key === CARD_DELAYED_KEY) &&
  now - run.requestedAt < RETRY_WITHIN_MS &&
  NO_MACHINE.test(why.slice(0, WHY_LIMIT));

/** As it was before the create. What failed is over at Arga, so that there are never two. */
function createdAnew(run: Run, why: string): Run {
  const { arga: _, startedAt: __, tookMs: ___, deadline: ____, progress: _____, ...asked } = run;
  const again: Run = {
    ...asked,
    phase: { name: "requested", checked: true },
    seenKeys: [...run.seenKeys, RETRIED_KEY],
  };
  return queueThreadMessage(again, RETRIED_KEY, { type: "retried", why: why.slice(0, WHY_LIMIT) });
}

/** Characters of Arga's words that a record keeps, and how many links: it must stay small, whatever Arga says. */
const WHY_LIMIT = 2_000;
const STATUS_LIMIT = 100;
const LINKS_LIMIT = 50;

const bounded = (arga: Observation["arga"]): Observation["arga"] => ({
  ...arga,
  status: arga.status.slice(0, STATUS_LIMIT),
  links: arga.links.slice(0, LINKS_LIMIT),
});

/** Milliseconds that Arga may take from its yes to showing it. */
const WINDING_UP_MS = 15_000;

const isWindingUp = ({ phase }: Run, now: number): boolean =>
  phase.name === "ending" && now - phase.since < WINDING_UP_MS;

const tookAs = (run: Run, { tookMs }: Observation): Run => (tookMs === undefined ? run : { ...run, tookMs });

/** Its end was asked of Arga, and Arga said yes. */
export const ending = (run: Run, now: number): Run =>
  run.phase.name === "ended" || run.phase.name === "ending"
    ? run
    : { ...run, phase: { name: "ending", since: now } };

/** The end that an extension was answered with, where a look at the run does not show one. */
export function extendedTo(run: Run, endsAt: number | undefined, now: number, remindBeforeMs: number): Run {
  if (endsAt === undefined || (run.deadline && !run.deadline.supposed)) return run;
  return {
    ...run,
    deadline: { ...deadlineOf(endsAt, now, remindBefore(run, remindBeforeMs)), supposed: true },
  };
}

/** The public URLs were revoked, whether or not a look shows it. */
export const locked = (run: Run): Run =>
  run.arga ? { ...run, arga: { ...run.arga, isPublic: false } } : run;

function withDeadline(run: Run, endsAt: number | undefined, now: number, remindBeforeMs: number): Run {
  if (endsAt === undefined || (run.deadline && Math.abs(run.deadline.at - endsAt) < SAME_DEADLINE_MS))
    return run;
  return { ...run, deadline: deadlineOf(endsAt, now, remindBefore(run, remindBeforeMs)) };
}

/** Its requester's own choice, or everybody's. */
const remindBefore = ({ telling }: Run, usual: number): number => telling?.remindBeforeMs ?? usual;

/** A time that is shorter than the usual notice is reminded of at its half (docs/operations.md#settings). */
export function deadlineOf(at: number, now: number, remindBeforeMs: number): Deadline {
  const left = at - now;
  const remindAt = left > remindBeforeMs ? at - remindBeforeMs : now + left / 2;
  return { at, remindAt, reminded: false };
}

/** The thread is reminded once of each deadline; an extend makes a new one. */
export function reminded(run: Run, now: number): Run {
  const { deadline, phase } = run;
  if (phase.name !== "ready" || !deadline || deadline.reminded) return run;
  if (now < deadline.remindAt || now >= deadline.at) return run;
  const key = `reminder:${deadline.at}`;
  const next: Run = { ...run, deadline: { ...deadline, reminded: true } };
  if (run.seenKeys.includes(key)) return next;
  const story = queueThreadMessage({ ...next, seenKeys: [...run.seenKeys, key] }, key, {
    type: "reminder",
    deadline: deadline.at,
  });
  return queueSubscriberMessage(story, "expiring", `:${deadline.at}`);
}

/** What a look at Arga makes of a run, with the reminder that may be due by now. A look that found nothing new changes nothing. */
export function lookedAt(run: Run, seen: Observation, now: number, remindBeforeMs: number): Run {
  const shown = observed(run, seen, now, remindBeforeMs);
  // Where Arga says nothing of the end, what was asked for counts from the request: a reminder is better than none.
  const isEndless = shown.phase.name === "ready" && !shown.deadline;
  const dated = isEndless ? extendedTo(shown, expectedEnd(shown), now, remindBeforeMs) : shown;
  const next = reminded(dated, now);
  return JSON.stringify(next) === JSON.stringify(run) ? run : { ...next, newsAt: now };
}

/** The first word of a trouble stays until it is over: since when counts. */
export const troubled = (run: Run, trouble: Trouble): Run =>
  run.trouble?.with === trouble.with && run.trouble.text === trouble.text
    ? run
    : { ...run, trouble: { ...trouble, since: run.trouble?.since ?? trouble.since } };

/** Its card could not be posted for a while: the requester is told so, once, in the only way that is left. */
export function cardDelayed(run: Run, now: number): Run {
  if (run.card.state === "posted" || run.card.state === "none" || run.seenKeys.includes(CARD_DELAYED_KEY))
    return run;
  const next: Run = { ...run, seenKeys: [...run.seenKeys, CARD_DELAYED_KEY] };
  const what: Reply = { type: "card_delayed", ...(run.trouble ? { why: run.trouble.text } : {}) };
  return queueReply(next, { key: CARD_DELAYED_KEY, what, reply: run.reply, since: now });
}

function end(run: Run, outcome: Outcome, now: number, why?: string): Run {
  if (run.phase.name === "ended") return run;
  const phase: Phase = { name: "ended", at: now, outcome, ...(why ? { why } : {}) };
  const took = run.tookMs ?? (run.startedAt === undefined ? undefined : now - run.startedAt);
  const next = { ...run, phase, ...(took === undefined ? {} : { tookMs: took }), ...endedBy(run, outcome) };
  const told = queueThreadMessage(withoutReminders(next), END_KEY, { type: "ended" });
  const ended = queueSourceThread(queueDirectEnd(told, now));
  const event = eventOf(ended, outcome);
  return event ? queueSubscriberMessage(ended, event) : ended;
}

/** Arga may show the end before its yes to whoever asked for it was written down. */
function endedBy(run: Run, outcome: Outcome): Pick<Run, "endedBy"> {
  if (run.endedBy || (outcome !== "torn_down" && outcome !== "cancelled")) return {};
  const asked = run.actionRequests.find(
    ({ action, state }) => (action === "teardown" || action === "cancel") && state.name !== "pending",
  );
  return asked ? { endedBy: asked.by } : {};
}

/** To a person who asked for it so; not of what they did themselves, nor in their quiet hours. */
function queueDirectEnd(run: Run, now: number): Run {
  const { telling, endedBy, requester } = run;
  if (telling?.end !== "message" || endedBy?.id === requester.id) return run;
  if (telling.quiet && isQuiet(telling.quiet, now)) return run;
  const reply = { user: requester.id, channel: requester.id, at: now };
  return queueReply(run, { key: "ended:direct", what: { type: "ended" }, reply, since: now });
}

/** What channels hear of an end. What Arga never had, or may not have, did not end. */
function eventOf(run: Run, outcome: Outcome): RunEvent | undefined {
  if (!run.arga || outcome === "refused" || outcome === "unknown") return undefined;
  return outcome === "failed" || outcome === "lost" ? "failed" : "completed";
}

/** The card was put on its way, was confirmed at `ts`, or will be tried anew. */
export const cardMoved = (run: Run, card: Run["card"]): Run => ({ ...run, card });

/** It ended long ago and Slack will not have the rest: it is let go. */
export const abandoned = (run: Run): Run => ({
  ...proofShown(run),
  outbox: [],
  actionRequests: [],
  card: { state: "none" },
});

/** It ended, and its channel takes no messages any more (archived, or the bot was removed): the requester is told alone. */
export function channelClosed(run: Run, now: number): Run {
  if (run.phase.name !== "ended" || run.card.state === "none") return run;
  const outbox = run.outbox.filter((message) => message.to !== "thread");
  const what: Reply = { type: "channel_closed" };
  const message = { key: "ended_unseen", what, reply: run.reply, since: now };
  return queueReply({ ...proofShown(run), outbox, card: { state: "none" } }, message);
}

/** Things go on: what kept them from it is over. */
export function untroubled(run: Run): Run {
  if (!run.trouble) return run;
  const { trouble: _, ...rest } = run;
  return rest;
}
