import { allKinds, kindOf, kindsInWords } from "../kinds/index.ts";
import type { ListedRun } from "../kinds/kind.ts";
import type { Kind, Outcome, Person, Run, RunEvent, SubscriberMessage } from "../runs/run.ts";

/** Channel notifications: who wants to hear of what, and what there is to say. Pure. */

/** What is to be heard of. */
export interface Filters {
  events: RunEvent[];
  /** Empty: every kind. */
  kinds: Kind[];
  /** `owner/repo`. */
  repo?: string;
  /** Only runs of this user. */
  mine?: string;
  /** Runs that were started elsewhere as well. */
  all?: true;
}

export interface Subscription extends Filters {
  /** Small, and unique in its channel. */
  id: number;
  team: string;
  channel: string;
  by: Person;
  at: number;
  /** The channel is known to be open to all; otherwise its subscriptions are shown nowhere else. */
  isPublic?: true;
}

/** Something to notify a channel of: all that its message needs, and no secret. */
export interface Notice {
  /** The bot's short id of the run; Arga's id where it was started elsewhere. */
  run: string;
  /** Unique in the run. */
  key: string;
  kind: Kind;
  event: RunEvent;
  title: string;
  outcome?: Outcome;
  why?: string;
  tookMs?: number;
  /** How the run ended that this one repeats. */
  previous?: Outcome;
  requester?: Person;
  /** Where the run's card is. */
  channel?: string;
  /** No other channel may hear of it. */
  hidden?: true;
  /** To the card. */
  link?: string;
  dashboardUrl?: string;
  repo?: string;
  /** When the run ends, while it goes on. */
  endsAt?: number;
  /** When it happened, by the clock of whoever saw it. */
  at: number;
  elsewhere?: true;
  sample?: true;
  /** Nothing happened to a run: this is what the channel hears of from now on. */
  announced?: Filters;
}

/** One message's worth of notices: one, or the digest of many. */
export interface Batch {
  /** Unique to the message, which carries it as metadata. */
  key: string;
  /** Those that are shown, in that order. */
  notices: Notice[];
  /** How many there are of each, shown or not. */
  counts: Partial<Record<RunEvent, number>>;
}

/** Characters of a title, and of a reason. */
const LIMITS = { title: 200, why: 500 };

/** What channels hear of a run: as it stands now, for something that happened to it. */
export function noticeOf(run: Run, { key, what }: Pick<SubscriberMessage, "key" | "what">): Notice {
  const kind = kindOf(run);
  const spec = kind.spec(run);
  const repo = kind.repository?.(spec);
  return {
    run: run.id,
    key,
    kind: run.kind,
    event: what.event,
    title: kind.title(spec).slice(0, LIMITS.title),
    requester: run.requester,
    channel: run.channel,
    ...(run.hidden ? { hidden: true as const } : {}),
    ...(run.arga?.dashboardUrl ? { dashboardUrl: run.arga.dashboardUrl } : {}),
    ...(repo ? { repo } : {}),
    ...momentOf(run),
  };
}

function momentOf(run: Run): Pick<Notice, "at" | "outcome" | "why" | "tookMs" | "previous" | "endsAt"> {
  const { phase, deadline } = run;
  const endsAt = deadline ? { endsAt: deadline.at } : {};
  if (phase.name !== "ended") return { at: "since" in phase ? phase.since : run.requestedAt, ...endsAt };
  const why = phase.why ?? failureOf(run);
  return {
    at: phase.at,
    outcome: phase.outcome,
    ...(why ? { why: why.slice(0, LIMITS.why) } : {}),
    ...(run.tookMs === undefined ? {} : { tookMs: run.tookMs }),
    ...(run.previous ? { previous: run.previous.outcome } : {}),
  };
}

/** The step at which it failed, where Arga gives no reason of its own. */
function failureOf({ progress }: Run): string | undefined {
  if (!progress?.failed) return undefined;
  const { text, detail } = progress.failed;
  return detail ? `${text}: ${detail}` : text;
}

/**
 * What channels hear of a run that was started elsewhere; undefined while it goes on, or if there is no telling since
 * when. Nobody knows who may see it: neither its reason nor its address is repeated.
 */
export function noticeOfListedRun(kind: Kind, { id, seen, title, changedAt }: ListedRun): Notice | undefined {
  if (seen.state !== "ended" || changedAt === undefined) return undefined;
  const outcome = seen.outcome ?? "failed";
  const event = outcome === "failed" ? "failed" : "completed";
  return {
    run: id,
    key: `notice:${event}`,
    kind,
    event,
    title: title.slice(0, LIMITS.title),
    outcome,
    ...(seen.tookMs === undefined ? {} : { tookMs: seen.tookMs }),
    ...(seen.arga.dashboardUrl ? { dashboardUrl: seen.arga.dashboardUrl } : {}),
    at: changedAt,
    elsewhere: true,
  };
}

/** Shows a channel what a notice looks like. `key`: whoever asks twice with the same gets one. */
export const sampleNotice = (by: Person, key: string, now: number): Notice => ({
  run: "sample",
  key: `sample:${key}`,
  kind: "twin",
  event: "failed",
  title: "Sample twin",
  outcome: "failed",
  why: "Arga's reason goes here.",
  tookMs: 5 * 60_000,
  requester: by,
  at: now,
  sample: true,
});

/** Tells a channel why there will be notices in it. Said again, it is the same. */
export const announcementOf = ({ id, at, by, events, kinds, repo, mine, all }: Subscription): Notice => ({
  run: "subscription",
  key: `subscribed:${id}:${at}`,
  kind: "twin",
  event: "ready",
  title: "Notifications",
  requester: by,
  at,
  announced: {
    events,
    kinds,
    ...(repo ? { repo } : {}),
    ...(mine ? { mine } : {}),
    ...(all ? { all } : {}),
  },
});

/** Whether a subscription's channel is to hear of something. */
export function wants(subscription: Subscription, notice: Notice): boolean {
  const { events, kinds, repo, mine } = subscription;
  return (
    mayHear(subscription, notice) &&
    events.includes(notice.event) &&
    (kinds.length === 0 || kinds.includes(notice.kind)) &&
    (repo === undefined || repo.toLowerCase() === notice.repo?.toLowerCase()) &&
    (mine === undefined || mine === notice.requester?.id)
  );
}

/** A hidden run is no other channel's business; what ended elsewhere before anyone asked is no news. */
function mayHear({ channel, all, at }: Subscription, notice: Notice): boolean {
  if (notice.hidden && notice.channel !== channel) return false;
  return !notice.elsewhere || (all === true && notice.at > at);
}

/** More are of no use in one channel. */
export const SUBSCRIPTIONS_LIMIT = 20;

/** Whether two ask for the same. */
export const isSame = (one: Filters, other: Filters): boolean => fingerprint(one) === fingerprint(other);

const fingerprint = ({ events, kinds, repo, mine, all }: Filters): string =>
  JSON.stringify([[...events].sort(), [...kinds].sort(), repo?.toLowerCase(), mine, all]);

/** Adds one with the smallest free number. Returns the list itself if it has the same already, or is full. */
export function subscribed(
  list: readonly Subscription[],
  wanted: Omit<Subscription, "id">,
): readonly Subscription[] {
  if (list.length >= SUBSCRIPTIONS_LIMIT || list.some((each) => isSame(each, wanted))) return list;
  const taken = new Set(list.map(({ id }) => id));
  let id = 1;
  while (taken.has(id)) id++;
  return [...list, { ...wanted, id }].sort((a, b) => a.id - b.id);
}

/** What in filters contradicts itself, so that there would never be a notice. */
interface Conflict {
  field: "events" | "kinds" | "repo" | "only";
  why: string;
}

/** Why these filters would let nothing, or nothing of what was asked for, pass. */
export function conflictOf(filters: Filters): Conflict | undefined {
  const { events, kinds, repo } = filters;
  const chosen = allKinds.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  if (repo !== undefined && !chosen.some((kind) => kind.repository))
    return { field: "repo", why: `Runs of the kind ${kindsInWords(kinds)} have no repository.` };
  const isEnd = events.some(isOfEnds);
  // What can't be torn down comes to an end by itself, and is never ready.
  if (!isEnd && !chosen.some(({ actions }) => actions.includes("teardown")))
    return { field: "events", why: `Runs of the kind ${kindsInWords(kinds)} only complete or fail.` };
  return filters.all ? conflictOfExternal(filters) : undefined;
}

const isOfEnds = (event: RunEvent): boolean => event === "completed" || event === "failed";

/** Of a run that was started elsewhere, a list of all runs is all that there is to see. */
function conflictOfExternal({ events, kinds, repo, mine }: Filters): Conflict | undefined {
  const listed = allKinds.filter(({ listRuns }) => listRuns).map(({ kind }) => kind);
  const names = kindsInWords(listed);
  if (mine !== undefined)
    return {
      field: "only",
      why: "I can't tell who started a run elsewhere. Choose either your own runs or all of them.",
    };
  if (repo !== undefined)
    return { field: "repo", why: "I can't tell which repository a run started elsewhere belongs to." };
  if (kinds.length > 0 && !listed.some((kind) => kinds.includes(kind)))
    return { field: "kinds", why: `Of runs started elsewhere, I only see the kind ${names}.` };
  if (!events.some(isOfEnds))
    return { field: "events", why: "Of runs started elsewhere, I only see how they end." };
  return undefined;
}
