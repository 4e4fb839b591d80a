/** What a run is: the one record that Slack and Arga are both brought in line with (docs/design.md). */

/** The name of a kind of run. Which there are, `kinds/index.ts` says; a record may be of one that came later. */
export type Kind = string;

/** What a person may ask for once a run exists. */
const ACTIONS = ["extend", "lock", "reset", "teardown", "cancel", "save"] as const;
export type Action = (typeof ACTIONS)[number];

/** A Slack user; `name` is shown where a mention would ping. */
export interface Person {
  id: string;
  name: string;
}

/** Names one run; everything that is queued or pressed carries just this. */
export interface RunRef {
  /** Slack team id: many workspaces may share one bot. */
  team: string;
  /** The bot's own short id. */
  id: string;
}

export type Outcome =
  /** A test or validation did all it was to do, and found nothing wrong. */
  | "passed"
  /** Someone asked for its end. */
  | "torn_down"
  /** Its time was up. */
  | "expired"
  /** Arga could not provide it, or lost it; of a test or validation: something was found to be wrong. */
  | "failed"
  /** Arga, or Slack before anything was created, said no. */
  | "refused"
  /** Stopped by a person, before Arga was asked for anything or while it was at work. */
  | "cancelled"
  /** We lost contact: how it ended, if it did, Arga doesn't say in words that we know. */
  | "lost"
  /** The answer to the create was lost: it may exist or not. */
  | "unknown";

/** Times are milliseconds since the epoch throughout. */
export type Phase =
  /** Not asked of Arga yet. `checked`: its names were found in Arga's catalog. */
  | { name: "requested"; checked: boolean }
  /** The intent to create is written; a create may be on its way. Never sent a second time from here. */
  | { name: "creating"; attempt: string; since: number }
  | { name: "starting"; since: number }
  /** A test or validation is at work. */
  | { name: "running"; since: number }
  | { name: "ready"; since: number }
  /** Its end was asked of Arga, which takes a while. */
  | { name: "ending"; since: number }
  | { name: "ended"; at: number; outcome: Outcome; why?: string };

export type PhaseName = Phase["name"];

/** How Arga knows the run. */
export interface ArgaRun {
  id: string;
  /** Made over the legacy routes, and to be followed there. */
  legacy?: true;
  /** Arga's own word for its state, shown as it is. */
  status: string;
  dashboardUrl?: string;
  /** undefined until Arga says. */
  isPublic?: boolean;
  /** What can be opened; never holds a secret. */
  links: { label: string; url: string }[];
  /** Of a list that shows many runs at once: what it said of this one last, in short. */
  stamp?: string;
}

/** One thing that a test or validation does, or says. All of it is Arga's words. */
export interface Step {
  /** Unique in the run, and the same however often Arga shows it. */
  key: string;
  text: string;
  /** A `note` is no step: something that was said in between. */
  state: "running" | "done" | "failed" | "note";
  detail?: string;
  /** When it was, by Arga's clock. */
  at?: number;
  tookMs?: number;
}

/** How far a test or validation is: enough for its card. The whole story is in Arga's logs. */
export interface Progress {
  /** The newest. */
  last: Step[];
  /** Keys of those that are over and were reported, oldest first. */
  reportedKeys: string[];
  /** Steps so far, and how many there will be where Arga says. */
  count: number;
  total?: number;
  /** The first that failed. */
  failed?: Step;
}

/** What the thread tells of the steps that are over: one message, edited as they come. */
export interface Story {
  /** The newest, in their order. */
  steps: Step[];
  /** How many came before them. */
  earlier: number;
  /** The message, once it stands there, and how many steps it had at its last edit, at the time `at`. */
  posted?: { ts: string; count: number; at: number };
}

/** What Arga has to show of a failure; gone once the thread shows it. */
export interface Proof {
  files: ProofFile[];
  /** They are, or were, on their way into the thread. */
  sharingSince?: number;
}

export interface ProofFile {
  /** At Arga; without query. */
  url: string;
  name: string;
  /** Slack's, once Slack has it. */
  fileId?: string;
  /** It can't be shown in Slack. */
  isLink?: true;
}

/** The run that this one repeats, as it ended. */
export interface PreviousRun {
  id: string;
  outcome: Outcome;
  tookMs?: number;
}

export interface Deadline {
  at: number;
  /** Reckoned by us, because Arga does not say when it ends. */
  supposed?: true;
  /** When the thread is to be reminded of this deadline. */
  remindAt: number;
  reminded: boolean;
}

/** What keeps the run from going on, as far as it is known. Cleared by the next success. */
export interface Trouble {
  with: "arga" | "slack";
  text: string;
  since: number;
}

/** Something a person asked for, worked off in order; it ends in a message to that person. */
export interface ActionRequest {
  /** Slack's trigger id: the same delivery twice is the same request. */
  key: string;
  action: Action;
  /** For `extend`: the run is to end this many minutes from the moment Arga hears of it. */
  minutes?: number;
  /** For `save`: what the saved test is to be called. */
  name?: string;
  /** For `extend`: an earlier end is meant. */
  shorten?: boolean;
  by: Person;
  at: number;
  /** Where the answer goes. */
  reply: ReplyTo;
  state:
    | { name: "pending" }
    /** Sent, or about to be; `deadline` was the run's end before. */
    | { name: "sending"; since: number; deadline?: number }
    /** Arga said yes, perhaps with the new end; its new state is still to be read. */
    | { name: "sent"; endsAt?: number };
}

/** How to reach one person alone. Slack takes 5 posts in 30 minutes at a `response_url`. */
export interface ReplyTo {
  user: string;
  channel: string;
  /** In that thread. */
  threadTs?: string;
  url?: string;
  /** When the `response_url` was issued. */
  at: number;
  /** Pressed on the card or in its thread, which show what became of it: only what they don't show is told alone. */
  isAtCard?: true;
}

/** What is still to be said. Removed when Slack confirmed it. */
export type Message = ThreadMessage | ReplyMessage | SubscriberMessage | SourceThreadMessage;

export interface ThreadMessage {
  to: "thread";
  /** Unique in the run; Slack carries it as metadata, so a repeated post is recognised. */
  key: string;
  what: ThreadEvent;
  /** A post is, or was, on its way: read the thread back before posting again. */
  sendingSince?: number;
}

export interface ReplyMessage {
  to: "person";
  key: string;
  what: Reply;
  reply: ReplyTo;
  since: number;
  sendingSince?: number;
}

/** What a channel may have subscribed to. */
export const EVENTS = ["completed", "failed", "ready", "expiring"] as const;
export type RunEvent = (typeof EVENTS)[number];

/** For the channels that subscribed to it; which ones is looked up when it is its turn. */
export interface SubscriberMessage {
  to: "subscribers";
  key: string;
  what: { type: "event"; event: RunEvent };
  sendingSince?: number;
}

/** A thread in a channel, by the message that it belongs to. */
export interface Thread {
  channel: string;
  threadTs: string;
}

/** For the thread of the message that the run was asked from. */
export interface SourceThreadMessage {
  to: "source";
  key: string;
  what: { type: "ended" };
  sendingSince?: number;
}

/** What a thread says. */
export type ThreadEvent =
  | { type: "ready" }
  /** Arga had no machine for it at first; it's created once more. `why` is Arga's word for it. */
  | { type: "retried"; why: string }
  /** Steps that are over, the first since `since`. Of the run's {@link Story} it is what that began with. */
  | { type: "steps"; steps: Step[]; since: number; isStory?: true }
  | { type: "reminder"; deadline: number }
  | { type: "acted"; action: Action; by: Person; deadline?: number; name?: string }
  /** Others may do from now on what its requester may. */
  | { type: "shared"; by: Person; with: Person[] }
  /** What shows its failure, where Slack couldn't take it. */
  | { type: "proof"; files: ProofFile[] }
  | { type: "ended" };

/** What one person gets to hear. */
export type Reply =
  | { type: "rejected"; why: string; tryThis?: string; button?: string }
  | { type: "done"; action: Action; deadline?: number; name?: string }
  | { type: "not_done"; action: Action; why: string }
  | { type: "unclear"; action: Action }
  /** Nothing can be posted in the channel for now; it goes on being tried. */
  | { type: "card_delayed"; why?: string }
  /** Its end, when the channel does not take messages any more. */
  | { type: "channel_closed" }
  /** Its end, to who wants to hear of it so. */
  | { type: "ended" };

type Card =
  | { state: "due" }
  | { state: "sending"; since: number }
  | PostedCard
  /** The run was refused before its card was posted. */
  | { state: "none" };

/** `hash` and `shown` are what Slack was sent last, at the time `at`. */
export interface PostedCard {
  state: "posted";
  ts: string;
  hash: string;
  shown: PhaseName;
  /** It names a step that failed. */
  failed?: true;
  at: number;
}

/** Hours in which nobody is mentioned: `22:00`, in an IANA time zone. */
export interface QuietHours {
  from: string;
  until: string;
  zone: string;
}

/** How its requester wants to hear of a run, as it was when they asked for it; what isn't there is as for everybody. */
export interface Telling {
  remindBeforeMs?: number;
  /** Of the end they hear in a direct message, and not by a mention. */
  end?: "message";
  quiet?: QuietHours;
}

export interface Run extends RunRef {
  /** Shape of the record, for those who upgrade it. */
  v: 1;
  /** Counts writes; a write of another version than was read is refused. */
  version: number;
  channel: string;
  /** The thread that its card stands in, if it does not stand in the channel itself. */
  threadTs?: string;
  /** In a private channel or a direct message: not listed elsewhere. */
  hidden: boolean;
  /** The thread of a message that it was started from; the end is posted there too. */
  sourceThread?: Thread;
  kind: Kind;
  /** What was asked for; its shape is its kind's. */
  spec: unknown;
  requester: Person;
  /** Who may do what the requester may. */
  sharedWith?: Person[];
  requestedAt: number;
  /** How long it was asked to last, in minutes. */
  ttlMinutes?: number;
  reply: ReplyTo;
  telling?: Telling;
  /** The run that this one starts again. */
  previous?: PreviousRun;
  phase: Phase;
  arga?: ArgaRun;
  /** When Arga took it. */
  startedAt?: number;
  /** From there to its end. */
  tookMs?: number;
  progress?: Progress;
  story?: Story;
  proof?: Proof;
  /** Who asked for its end. */
  endedBy?: Person;
  /** When Arga showed something new of it last. */
  newsAt?: number;
  deadline?: Deadline;
  trouble?: Trouble;
  actionRequests: ActionRequest[];
  /** What happens once: keys of the action requests that were taken, and of what was said; newest last. */
  seenKeys: string[];
  outbox: Message[];
  card: Card;
}

/** Nothing is left to be asked of Arga or said in Slack; how the card looks is another matter. */
export const isDelivered = (run: Run): boolean =>
  run.outbox.length === 0 && run.actionRequests.length === 0 && run.proof === undefined;

/** It ended, as a card shows; what was refused before it had one was told to its person alone. */
export const isResult = ({ phase, card }: Run): boolean => phase.name === "ended" && card.state !== "none";
