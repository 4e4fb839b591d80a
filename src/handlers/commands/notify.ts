import { type Line, nearest, shown, UsageError } from "../../kinds/grammar.ts";
import { kindNames } from "../../kinds/index.ts";
import { repoOf } from "../../kinds/targets.ts";
import { conflictOf, type Filters, type Subscription, sampleNotice } from "../../notices/notices.ts";
import { EVENTS } from "../../runs/run.ts";
import type { ChannelRef } from "../../store/subscriptions.ts";
import type { Content } from "../../views/card.ts";
import {
  notifyModal,
  sampleOnItsWay,
  subscribedTo,
  subscriptionList,
  unsubscribedFrom,
} from "../../views/subscriptions.ts";
import { digestOff, digestOn } from "../../views/week.ts";
import {
  channelNotices,
  endDigest,
  startDigest,
  subscribe,
  unsubscribe,
} from "../operations/subscriptions.ts";
import type { HandlerContext, Interaction } from "../shared/context.ts";
import type { Command, CommandHandler } from "../shared/handlers.ts";
import { openModal } from "../shared/modals.ts";

const EXAMPLE = "/arga notify on failed";

export const notify: Command = {
  grammar: {
    name: "notify",
    group: "channel",
    operands: "[on EVENT… | off [N | all] | list | digest weekly | digest off | test]",
    says: `Tell this channel about runs that are ${EVENTS.join(", ")} (the first two unless you say). On its own it opens a form. A digest sums the runs up once a week. Anyone in the channel can add, list and remove.`,
    flags: {
      kind: { value: true, hint: "NAME,…", says: `only such runs: ${kindNames.join(", ")}` },
      repo: { value: true, hint: "o/r", says: "only runs of that repository" },
      mine: { value: false, says: "only runs you start" },
      all: { value: false, says: "also test runs started elsewhere: web app, CLI, CI" },
    },
    examples: [
      EXAMPLE,
      "/arga notify on completed failed --kind test --all",
      "/arga notify on failed --repo acme/shop",
      "/arga notify list",
      "/arga notify off 1",
      "/arga notify digest weekly",
      "/arga notify test",
    ],
  },
  async handle(context, interaction, { words: [word = "", ...rest], flags }) {
    const name = word.toLowerCase();
    if (name !== "on") refuseFlags(flags);
    const verb = VERBS.get(name);
    if (!verb) throw unknownVerb(word);
    return await verb(context, interaction, { words: rest, flags });
  },
  async open(context, interaction) {
    const { channel } = interaction.reply;
    const first = notifyModal(channel, await channelNotices(context, addressOf(interaction)));
    openModal(context, interaction, { first });
  },
};

/** By the word after `notify`. */
const VERBS: ReadonlyMap<string, CommandHandler> = new Map(Object.entries({ on, off, list, digest, test }));

function refuseFlags(flags: Line["flags"]): void {
  const [flag] = flags.keys();
  if (flag !== undefined) throw new UsageError(`--${flag} goes with \`/arga notify on\`.`, EXAMPLE);
}

function unknownVerb(word: string): UsageError {
  const isEvent = EVENTS.some((event) => event === word.toLowerCase());
  if (isEvent) return new UsageError(`Did you mean \`on ${word}\`?`, `/arga notify on ${word.toLowerCase()}`);
  const near = nearest(word, [...VERBS.keys()]);
  const known = "Use `on`, `off`, `list`, `digest` or `test`.";
  return near
    ? new UsageError(`${known} Did you mean \`${near}\`?`, `/arga notify ${near}`)
    : new UsageError(`There's no ${shown(word)} here. ${known}`, EXAMPLE);
}

/** The channel in which something was typed. */
const addressOf = ({ team, reply }: Interaction): ChannelRef => ({ team, channel: reply.channel });

async function list(context: HandlerContext, interaction: Interaction, line: Line): Promise<Content> {
  alone(line, "list");
  return subscriptionList(await channelNotices(context, addressOf(interaction)));
}

function alone({ words: [extra] }: Line, verb: string): void {
  if (extra !== undefined)
    throw new UsageError(`Unexpected argument ${shown(extra)}.`, `/arga notify ${verb}`);
}

async function on(
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
): Promise<Content | undefined> {
  const filters = filtersOf(line, interaction.actor.id);
  const conflict = conflictOf(filters);
  if (conflict) throw new UsageError(conflict.why, EXAMPLE);
  const added = await subscribe(context, interaction, addressOf(interaction), filters);
  if (!added) return undefined;
  const { trouble } = await context.boards.get(addressOf(interaction));
  return subscribedTo(added.subscription, added.isNew, trouble);
}

async function off(
  context: HandlerContext,
  interaction: Interaction,
  line: Line,
): Promise<Content | undefined> {
  const [which, extra] = line.words;
  if (extra !== undefined) throw new UsageError(`Unexpected argument ${shown(extra)}.`, "/arga notify off 1");
  const address = addressOf(interaction);
  const some = chosenOf(await context.subscriptions.of(address), which?.toLowerCase());
  // Their numbers may be others' by now; their moments are not.
  const removed = await unsubscribe(context, interaction, address, (each) =>
    some.some(({ id, at }) => each.id === id && each.at === at),
  );
  return removed && unsubscribedFrom(removed);
}

function chosenOf(all: readonly Subscription[], which: string | undefined): Subscription[] {
  const [only, ...others] = all;
  if (!only) throw new UsageError("This channel gets no run notifications yet.", EXAMPLE);
  if (which === "all" || (which === undefined && others.length === 0)) return [...all];
  const numbers = all.map(({ id }) => id).join(", ");
  if (which === undefined)
    throw new UsageError(
      `Which one? This channel has ${numbers}; \`/arga notify list\` shows them.`,
      `/arga notify off ${only.id}`,
    );
  const found = all.find(({ id }) => String(id) === which);
  if (found) return [found];
  throw new UsageError(
    `This channel has no subscription ${shown(which)}, only ${numbers}.`,
    `/arga notify off ${only.id}`,
  );
}

async function digest(
  context: HandlerContext,
  interaction: Interaction,
  { words: [word, extra] }: Line,
): Promise<Content | undefined> {
  const address = addressOf(interaction);
  const verb = word?.toLowerCase();
  if (extra !== undefined || (verb !== "weekly" && verb !== "off"))
    throw new UsageError("A digest is `weekly` or `off`.", "/arga notify digest weekly");
  if (verb === "weekly") {
    const started = await startDigest(context, interaction, address);
    return started && digestOn(started.digest, started.isNew);
  }
  if (await endDigest(context, interaction, address)) return digestOff();
  throw new UsageError("This channel gets no weekly digest.", "/arga notify digest weekly");
}

async function test(context: HandlerContext, interaction: Interaction, line: Line): Promise<Content> {
  alone(line, "test");
  const address = addressOf(interaction);
  const notices = await channelNotices(context, address);
  const { id, name } = interaction.actor;
  await context.boards.add(address, sampleNotice({ id, name }, interaction.key, Date.now()));
  // It's kept; what can't be enqueued now, the sweep finds.
  await context.queues
    .ensureEnqueued("notices", { team: address.team, id: address.channel })
    .catch((error: unknown) =>
      context.logger.warn({ err: error }, "Couldn't enqueue the sample; the sweep will pick it up"),
    );
  return sampleOnItsWay(notices);
}

/** What was typed after `on`. Throws {@link UsageError}. */
function filtersOf({ words, flags }: Line, user: string): Filters {
  const events = chosen(words, EVENTS, "an event");
  const repo = flags.get("repo");
  const kinds = flags.has("kind") ? chosen([flags.get("kind") ?? ""], kindNames, "a kind of run") : [];
  return {
    events: events.length > 0 ? events : ["completed", "failed"],
    kinds,
    ...(repo === undefined ? {} : { repo: repoOf(repo, "/arga notify on --repo acme/shop") }),
    ...(flags.has("mine") ? { mine: user } : {}),
    ...(flags.has("all") ? { all: true as const } : {}),
  };
}

/** Each once, in the order in which we name them; commas and spaces part them. */
function chosen<T extends string>(words: readonly string[], known: readonly T[], what: string): T[] {
  const typed = words.flatMap((word) => word.toLowerCase().split(/[,\s]+/)).filter((word) => word !== "");
  for (const word of typed) {
    if (known.some((each) => each === word)) continue;
    const near = nearest(word, known);
    const hint = near ? `Did you mean \`${near}\`?` : `Use ${known.join(", ")}.`;
    const flag = what === "an event" ? "" : "--kind ";
    throw new UsageError(
      `${shown(word)} isn't ${what}. ${hint}`,
      `/arga notify on ${flag}${near ?? known[1] ?? ""}`,
    );
  }
  return known.filter((each) => typed.includes(each));
}
