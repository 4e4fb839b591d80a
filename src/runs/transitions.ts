import type {
  Action,
  Answer,
  ArgaSide,
  Deadline,
  Message,
  Outcome,
  PersonalMessage,
  Phase,
  Run,
  Story,
  Trouble,
  Wish,
} from "./run.ts";

/**
 * Every way a run can change: pure, each `(run, what happened, now) → run`, with whatever must be told put
 * into the outbox in the same step. Called again for what already happened, they change nothing.
 */

/** Deadlines nearer than this are the same: Arga's clock and ours, and its rounding, differ by as much. */
const SAME_DEADLINE_MS = 1_000;
const TAKEN_LIMIT = 200;
const END_KEY = "ended";
const TOLD = /^(ready|unheard|reminder:\d+(\.\d+)?)$/;

/** What a look at Arga found. */
export interface Observation {
  /** undefined: Arga's word for it is not known here, so the run stays in the phase that it is in. */
  state?: "starting" | "ready" | "ending" | "ended";
  outcome?: Outcome;
  why?: string;
  arga: Omit<ArgaSide, "id" | "legacy">;
  /** When Arga ends it, as Arga says. */
  endsAt?: number;
}

/** Its names are in Arga's catalog: the card may be posted. */
export const checked = (run: Run): Run =>
  run.phase.name === "requested" && !run.phase.checked
    ? untroubled({ ...run, phase: { name: "requested", checked: true } })
    : run;

/** It will not be tried: said to the requester alone while there is no card, and on the card otherwise. */
export function rejected(run: Run, why: string, now: number, tryThis?: string): Run {
  if (run.phase.name !== "requested") return run;
  // A card that may stand in the channel must say so itself.
  if (run.card.state !== "due") return end(run, "refused", now, why);
  const answer: Answer = { type: "rejected", why, ...(tryThis ? { tryThis } : {}) };
  const silent: Run = {
    ...run,
    card: { state: "none" },
    phase: { name: "ended", at: now, outcome: "refused", why },
  };
  return answered(silent, { key: "rejected", what: answer, reply: run.reply, since: now });
}

/** The intent to create, written before the request leaves. */
export const creating = (run: Run, attempt: string, now: number): Run => ({
  ...run,
  phase: { name: "creating", attempt, since: now },
});

/** The create certainly had no effect and may be sent again. */
export const notCreated = (run: Run): Run =>
  run.phase.name === "creating" ? { ...run, phase: { name: "requested", checked: true } } : run;

export const created = (run: Run, arga: Pick<ArgaSide, "id" | "legacy" | "status">, now: number): Run =>
  run.phase.name === "creating"
    ? untroubled({ ...run, arga: { ...arga, links: [] }, phase: { name: "starting", since: now } })
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
  const known = run.arga.isPublic === undefined ? {} : { isPublic: run.arga.isPublic };
  const arga: ArgaSide = { ...known, ...seen.arga, id, ...(legacy ? { legacy } : {}) };
  const next = withDeadline(untroubled({ ...run, arga }), seen.endsAt, now, remindBeforeMs);
  if (seen.state === "ended") return end(next, seen.outcome ?? "failed", now, seen.why);
  if (seen.state === undefined || seen.state === next.phase.name) return next;
  const phase: Phase = { name: seen.state, since: now };
  const moved: Run = { ...next, phase };
  if (seen.state !== "ready" || run.taken.includes("ready")) return moved;
  return told({ ...moved, taken: [...run.taken, "ready"] }, "ready", { type: "ready" });
}

/** The end that an extension was answered with, where a look at the run does not show one. */
export function extendedTo(run: Run, endsAt: number | undefined, now: number, remindBeforeMs: number): Run {
  if (endsAt === undefined || (run.deadline && !run.deadline.supposed)) return run;
  return { ...run, deadline: { ...deadlineOf(endsAt, now, remindBeforeMs), supposed: true } };
}

/** The public URLs were revoked, whether or not a look shows it. */
export const locked = (run: Run): Run =>
  run.arga ? { ...run, arga: { ...run.arga, isPublic: false } } : run;

function withDeadline(run: Run, endsAt: number | undefined, now: number, remindBeforeMs: number): Run {
  if (endsAt === undefined || (run.deadline && Math.abs(run.deadline.at - endsAt) < SAME_DEADLINE_MS))
    return run;
  return { ...run, deadline: deadlineOf(endsAt, now, remindBeforeMs) };
}

/** A time that is shorter than the usual notice is reminded of at its half (contract, section 2). */
export function deadlineOf(at: number, now: number, remindBeforeMs: number): Deadline {
  const left = at - now;
  const remindAt = left > remindBeforeMs ? at - remindBeforeMs : now + left / 2;
  return { at, remindAt, reminded: false };
}

/** The thread is told once for each deadline; an extension is a new one. */
export function reminded(run: Run, now: number): Run {
  const { deadline, phase } = run;
  if (phase.name !== "ready" || !deadline || deadline.reminded) return run;
  if (now < deadline.remindAt || now >= deadline.at) return run;
  const key = `reminder:${deadline.at}`;
  const next: Run = { ...run, deadline: { ...deadline, reminded: true } };
  if (run.taken.includes(key)) return next;
  return told({ ...next, taken: [...run.taken, key] }, key, { type: "reminder", deadline: deadline.at });
}

/** The first word of a trouble stays until it is over: since when counts. */
export const troubled = (run: Run, trouble: Trouble): Run =>
  run.trouble?.with === trouble.with && run.trouble.text === trouble.text
    ? run
    : { ...run, trouble: { ...trouble, since: run.trouble?.since ?? trouble.since } };

/** Its card could not be posted for a while: the requester is told so, once, in the only way that is left. */
export function unheard(run: Run, now: number): Run {
  if (run.card.state === "posted" || run.card.state === "none" || run.taken.includes("unheard")) return run;
  const next: Run = { ...run, taken: [...run.taken, "unheard"] };
  const what: Answer = { type: "unheard", ...(run.trouble ? { why: run.trouble.text } : {}) };
  return answered(next, { key: "unheard", what, reply: run.reply, since: now });
}

/** Takes a wish, once. */
export function wished(run: Run, wish: Wish): Run {
  if (run.taken.includes(wish.key)) return run;
  return {
    ...run,
    wishes: [...run.wishes, wish],
    taken: bounded([...run.taken, wish.key]),
  };
}

/** What was told stays remembered; of the wishes, the newest. */
function bounded(taken: string[]): string[] {
  const wishes = taken.filter((key) => !TOLD.test(key)).slice(-TAKEN_LIMIT);
  return taken.filter((key) => TOLD.test(key) || wishes.includes(key));
}

export const wishMoved = (run: Run, key: string, state: Wish["state"]): Run => ({
  ...run,
  wishes: run.wishes.map((wish) => (wish.key === key ? { ...wish, state } : wish)),
});

/**
 * It was done and Arga's new state is in the record: the thread and the person are told. Whoever asked for the very
 * same meanwhile gets the same answer, and Arga is not asked again.
 */
export function wishDone(run: Run, wish: Wish, now: number): Run {
  if (!isOpen(run, wish)) return run;
  const end = wish.action === "extend" && run.deadline ? { deadline: run.deadline.at } : {};
  const same = run.wishes.filter((other) => other.key !== wish.key && isSameWish(other, wish));
  const story: Story = { type: "acted", action: wish.action, by: wish.by, ...end };
  const what: Answer = { type: "done", action: wish.action, ...end };
  return [wish, ...same].reduce(
    (next, { key, reply }) => answered(without(next, key), { key: `done:${key}`, what, reply, since: now }),
    told(run, `acted:${wish.key}`, story),
  );
}

const isSameWish = (other: Wish, wish: Wish): boolean =>
  other.state.name === "pending" && other.action === wish.action && other.minutes === wish.minutes;

export function wishRefused(run: Run, wish: Wish, why: string, now: number): Run {
  if (!isOpen(run, wish)) return run;
  const what: Answer = { type: "not_done", action: wish.action, why };
  return answered(without(run, wish.key), {
    key: `not_done:${wish.key}`,
    what,
    reply: wish.reply,
    since: now,
  });
}

/** Nobody can tell whether it was done, and doing it twice would do harm. */
export function wishUnclear(run: Run, wish: Wish, now: number): Run {
  if (!isOpen(run, wish)) return run;
  const what: Answer = { type: "unclear", action: wish.action };
  return answered(without(run, wish.key), {
    key: `unclear:${wish.key}`,
    what,
    reply: wish.reply,
    since: now,
  });
}

/** Two workers may settle the same wish after a stall; the second finds it settled. */
const isOpen = (run: Run, wish: Wish): boolean => run.wishes.some(({ key }) => key === wish.key);

const without = (run: Run, key: string): Run => ({
  ...run,
  wishes: run.wishes.filter((wish) => wish.key !== key),
});

function end(run: Run, outcome: Outcome, now: number, why?: string): Run {
  if (run.phase.name === "ended") return run;
  const phase: Phase = { name: "ended", at: now, outcome, ...(why ? { why } : {}) };
  return told(dropReminders({ ...run, phase }), END_KEY, { type: "ended" });
}

/** A reminder that was not posted in time must not follow the end. */
const dropReminders = (run: Run): Run => ({
  ...run,
  outbox: run.outbox.filter(
    (message) => message.what.type !== "reminder" || message.sendingSince !== undefined,
  ),
});

const told = (run: Run, key: string, what: Story): Run => push(run, { to: "thread", key, what });

const answered = (run: Run, message: Omit<PersonalMessage, "to">): Run =>
  push(run, { to: "person", ...message });

/** The end is the last thing that a thread is told, whatever becomes known after it. */
function push(run: Run, message: Message): Run {
  if (run.outbox.some((other) => other.key === message.key)) return run;
  const end = run.outbox.findIndex((other) => other.key === END_KEY && other.sendingSince === undefined);
  return { ...run, outbox: end < 0 ? [...run.outbox, message] : run.outbox.toSpliced(end, 0, message) };
}

/** The card was put on its way, was confirmed at `ts`, or will be tried anew. */
export const cardMoved = (run: Run, card: Run["card"]): Run => ({ ...run, card });

export function messageMoved(run: Run, key: string, sendingSince: number | undefined): Run {
  const outbox = run.outbox.map((message) => {
    if (message.key !== key) return message;
    const { sendingSince: _, ...rest } = message;
    return sendingSince === undefined ? rest : { ...rest, sendingSince };
  });
  return run.phase.name === "ended" ? dropReminders({ ...run, outbox }) : { ...run, outbox };
}

export const messageSent = (run: Run, key: string): Run => ({
  ...run,
  outbox: run.outbox.filter((message) => message.key !== key),
});

/** It ended long ago and Slack will not have the rest: it is let go. */
export const forsaken = (run: Run): Run => ({ ...run, outbox: [], wishes: [], card: { state: "none" } });

/** It ended, and its channel takes no messages any more (archived, or the bot was removed): the requester is told alone. */
export function unseen(run: Run, now: number): Run {
  if (run.phase.name !== "ended" || run.card.state === "none") return run;
  const outbox = run.outbox.filter((message) => message.to === "person");
  const what: Answer = { type: "ended_unseen" };
  const message = { key: "ended_unseen", what, reply: run.reply, since: now };
  return answered({ ...run, outbox, card: { state: "none" } }, message);
}

/** Things go on: what kept them from it is over. */
export function untroubled(run: Run): Run {
  if (!run.trouble) return run;
  const { trouble: _, ...rest } = run;
  return rest;
}

/** Whether an action makes sense for what the run is now; if not, why, in words for the person who asked. */
export function obstacle(
  run: Run,
  wish: Pick<Wish, "action" | "minutes" | "shorten">,
  now: number,
): string | undefined {
  if (run.phase.name === "ended") return "it has already ended";
  if (wish.action !== "teardown" && run.phase.name === "ending") return "it is already being torn down";
  if (wish.action === "teardown" && run.phase.name === "ending") return "its teardown is already under way";
  const obstacles: Partial<Record<Action, () => string | undefined>> = {
    lock: () => (run.arga?.isPublic === false ? "it is not public any more" : needsReady(run)),
    reset: () => needsReady(run),
    extend: () => extendObstacle(run, wish, now),
  };
  return obstacles[wish.action]?.();
}

/** When it ends as far as is known: as Arga says, or else as was asked. ms since the epoch. */
export const expectedEnd = (run: Run): number | undefined =>
  run.deadline?.at ?? (run.ttlMinutes === undefined ? undefined : run.requestedAt + run.ttlMinutes * 60_000);

const needsReady = (run: Run): string | undefined =>
  run.phase.name === "ready" ? undefined : "it is not ready yet; try again once the card says so";

function extendObstacle(run: Run, wish: Pick<Wish, "minutes" | "shorten">, now: number): string | undefined {
  if (!run.arga) return "Arga has not taken it yet; try again once the card says so";
  const end = expectedEnd(run);
  if (end === undefined || wish.shorten || wish.minutes === undefined) return undefined;
  const left = end - now;
  if (wish.minutes * 60_000 > left) return undefined;
  const minutes = Math.ceil(left / 60_000);
  return `${wish.minutes} minutes from now is sooner than its present end, in ${minutes} minutes; extending counts from now. Ask for more than ${minutes}, or add \`--shorten\` to \`/arga extend ${run.id} ${wish.minutes}\` if an earlier end is meant`;
}
