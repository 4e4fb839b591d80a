import type { KnownBlock, ModalView, PlainTextOption, SectionBlock } from "@slack/types";
import { allKinds, kindNames, kindsInWords } from "../kinds/index.ts";
import type { Filters, Subscription } from "../notices/notices.ts";
import { EVENTS, type RunEvent } from "../runs/run.ts";
import { channelError } from "../slack/channel-errors.ts";
import type { ActionId, ViewId } from "../slack/ids.ts";
import type { ChannelTrouble } from "../store/channel-outbox.ts";
import type { Digest } from "../store/digests.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { capitalized, code, note, plain, plural, safe, section } from "./text.ts";
import { digestLine } from "./week.ts";
import { EVENT_WORDS } from "./words.ts";

/** What a channel has subscribed to, and the form to change it. */

/** What there is to say of a channel. */
export interface ChannelNotices {
  subscriptions: readonly Subscription[];
  trouble?: ChannelTrouble | undefined;
  digest?: Digest | undefined;
}

/** A subscription in words, without its number. */
export const described = (subscription: Subscription): string =>
  [
    filtersInWords(subscription, subscription.by.name),
    ...(subscription.mine ? [] : [`by ${safe(subscription.by.name, 60)}`]),
  ].join(" · ");

/** What is heard of, in words; `who`: whose runs, where it is only theirs. */
export const filtersInWords = ({ events, kinds, repo, mine, all }: Filters, who: string): string =>
  [
    `*${events.map((event) => EVENT_WORDS[event].words).join(", ")}*`,
    kinds.length > 0 ? `only ${kindsInWords(kinds, plural)}` : "all kinds of run",
    ...(repo ? [safe(repo, 100)] : []),
    ...(mine ? [`only runs by ${safe(who, 60)}`] : []),
    ...(all ? ["also runs started elsewhere"] : []),
  ].join(" · ");

/** With the number by which it is removed. */
export const numbered = (subscription: Subscription): string =>
  `\`${subscription.id}\` ${described(subscription)}`;

const NOTHING = `This channel gets no run notifications. Try ${code("/arga notify on failed")}`;

const HEAD = "*This channel's notifications*";

/** What `/arga notify list` shows. */
export function subscriptionList({ subscriptions, trouble, digest }: ChannelNotices): Content {
  const rest = [...digestBlocks(digest), ...troubleBlocks(trouble)];
  if (subscriptions.length === 0) return content([section(NOTHING), ...rest], "No run notifications");
  const hint = `${code("/arga notify off 1")} removes one · ${code("/arga notify test")} posts a sample`;
  return content(
    [section(HEAD), ...subscriptions.map((each) => section(numbered(each))), ...rest],
    `${subscriptions.length} ${subscriptions.length === 1 ? "subscription" : "subscriptions"}`,
    hint,
  );
}

const content = (blocks: KnownBlock[], text: string, hint?: string): Content => ({
  text: `${text} in this channel`,
  blocks: [...blocks, ...(hint ? [note(hint)] : [])],
});

/** What a new subscription is answered with; `isNew` is false if there was the same already. */
export function subscribedTo(subscription: Subscription, isNew: boolean, trouble?: ChannelTrouble): Content {
  const words = isNew ? "Subscribed:" : "Already subscribed:";
  const hint = `${code(`/arga notify off ${subscription.id}`)} removes it · ${code("/arga notify test")} posts a sample`;
  const blocks = [section(`${words} ${numbered(subscription)}`), ...troubleBlocks(trouble), note(hint)];
  return { text: `${words} ${numbered(subscription)}`, blocks };
}

/** What was removed. */
export function unsubscribedFrom(removed: readonly Subscription[]): Content {
  const words = removed.length > 1 ? `Removed all ${removed.length}:` : "Removed:";
  return {
    text: `${words} ${removed.map(({ id }) => id).join(", ")}`,
    blocks: [section(words), ...removed.map((each) => section(numbered(each)))],
  };
}

/** What `/arga notify test` says beside the sample: what this channel gets, and what it doesn't. */
export function sampleOnItsWay({ subscriptions, trouble }: ChannelNotices): Content {
  const words = "A sample is on its way. If it doesn't show up, `/arga notify list` says why.";
  const heard =
    subscriptions.length > 0
      ? [section(HEAD), ...subscriptions.map((each) => section(numbered(each)))]
      : [section(`These are sample values. ${NOTHING}`)];
  const missing = subscriptions.length > 0 ? gapsOf(subscriptions) : [];
  const gaps = section(`*It doesn't get*\n${[...missing, ALWAYS].map((gap) => `• ${gap}`).join("\n")}`);
  return { text: words, blocks: [section(words), ...troubleBlocks(trouble), ...heard, gaps] };
}

const ALWAYS = "runs in other private channels and direct messages, ever";

/** What none of a channel's subscriptions lets through. */
function gapsOf(subscriptions: readonly Subscription[]): string[] {
  const events = EVENTS.filter((event) => !subscriptions.some((each) => each.events.includes(event)));
  const kinds = kindNames.filter(
    (kind) => !subscriptions.some((each) => each.kinds.length === 0 || each.kinds.includes(kind)),
  );
  const repos = [...new Set(subscriptions.map(({ repo }) => repo))].filter((repo) => repo !== undefined);
  const people = [...new Set(subscriptions.filter(({ mine }) => mine).map(({ by }) => safe(by.name, 60)))];
  return [
    ...(events.length > 0
      ? [`runs that are ${events.map((event) => EVENT_WORDS[event].words).join(", ")}`]
      : []),
    ...(kinds.length > 0 ? [kindsInWords(kinds, plural)] : []),
    ...(subscriptions.every(({ repo }) => repo)
      ? [`runs without a repository, or with one other than ${repos.map((r) => safe(r, 100)).join(", ")}`]
      : []),
    ...(subscriptions.every(({ mine }) => mine) ? [`runs by anyone but ${people.join(", ")}`] : []),
    ...(subscriptions.some(({ all }) => all) ? [] : ["runs started elsewhere (`--all`)"]),
  ];
}

function digestBlocks(digest: Digest | undefined): SectionBlock[] {
  if (!digest) return [];
  const { trouble } = digest;
  return [section(digestLine(digest)), ...(trouble ? [couldNot("the last digest", trouble)] : [])];
}

const couldNot = (what: string, { error }: ChannelTrouble): SectionBlock =>
  section(`:warning: I couldn't post ${what}: ${channelError(error).words}`);

function troubleBlocks(trouble: ChannelTrouble | undefined): SectionBlock[] {
  return trouble ? [couldNot("the last notice", trouble)] : [];
}

/** The inputs of the form: each is a block with one element of the same name. */
export const FIELDS = { events: "events", kinds: "kinds", repo: "repo", only: "only" } as const;

/** This channel's subscriptions, each with a button that removes it, and a form that adds one. */
export function notifyModal(channel: string, notices: ChannelNotices, said?: string): ModalView {
  const { subscriptions, trouble, digest } = notices;
  const head = subscriptions.length > 0 ? HEAD : "This channel gets no run notifications yet.";
  return {
    type: "modal",
    callback_id: "arga_notify" satisfies ViewId,
    private_metadata: channel,
    title: plain("Notifications", LIMITS.modalTitle),
    submit: plain("Subscribe", LIMITS.modalTitle),
    close: plain("Close", LIMITS.modalTitle),
    blocks: [
      ...(said ? [section(said)] : []),
      section(head),
      ...subscriptions.map(removable),
      ...digestBlocks(digest),
      ...troubleBlocks(trouble),
      { type: "divider" },
      section("*Add a subscription*"),
      ...form(),
    ],
  };
}

/** The number may be another's by the time of the press; together with its moment it is this one's. */
export const removalOf = ({ id, at }: Subscription): string => `${id}@${at}`;

const removable = (subscription: Subscription): SectionBlock => ({
  ...section(numbered(subscription)),
  accessory: {
    type: "button",
    action_id: "notify.remove" satisfies ActionId,
    value: removalOf(subscription),
    text: plain("Remove", LIMITS.buttonText),
  },
});

const option = (value: string, words: string): PlainTextOption => ({
  value,
  text: plain(words, LIMITS.optionText),
});

const eventOption = (event: RunEvent): PlainTextOption => option(event, EVENT_WORDS[event].option);

function form(): KnownBlock[] {
  return [
    {
      ...input(FIELDS.events, "Notify when a run is"),
      element: {
        type: "checkboxes",
        action_id: FIELDS.events,
        options: EVENTS.map(eventOption),
        initial_options: [eventOption("completed"), eventOption("failed")],
      },
    },
    {
      ...input(FIELDS.kinds, "Kinds of run"),
      optional: true,
      element: {
        type: "multi_static_select",
        action_id: FIELDS.kinds,
        placeholder: plain("All kinds", LIMITS.placeholder),
        options: allKinds.map(({ kind, noun }) => option(kind, capitalized(noun))),
      },
    },
    {
      ...input(FIELDS.repo, "Repository"),
      optional: true,
      element: {
        type: "plain_text_input",
        action_id: FIELDS.repo,
        placeholder: plain("owner/name", LIMITS.placeholder),
      },
    },
    {
      ...input(FIELDS.only, "Whose runs"),
      optional: true,
      element: {
        type: "checkboxes",
        action_id: FIELDS.only,
        options: [
          option("mine", "Only runs I start"),
          option("all", "Also runs started elsewhere (web app, CLI, CI)"),
        ],
      },
    },
  ];
}

const input = (name: string, label: string) =>
  ({ type: "input", block_id: name, label: plain(label, LIMITS.inputLabel) }) as const;
