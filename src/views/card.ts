import { createHash } from "node:crypto";
import type { KnownBlock } from "@slack/types";
import { duration } from "../kinds/durations.ts";
import { describeRun, type RunDescription } from "../kinds/index.ts";
import type { Outcome, Run } from "../runs/run.ts";
import { actions, type ViewContext } from "./buttons.ts";
import {
  comparison,
  effort,
  elapsed,
  failedStep,
  lastNote,
  listedSteps,
  reason,
  stepList,
  stepNow,
  stepPlan,
} from "./progress.ts";
import { isTimed, stateOf } from "./state.ts";
import { capitalized, cutMarkup, link, mention, note, safe, section, time } from "./text.ts";
import { ACTION_WORDS, UNCONFIRMED } from "./words.ts";

/** A message's content; metadata and channel are added where it is sent. */
export interface Content {
  /** For notifications and screen readers, and for a workspace that refuses the blocks. */
  text: string;
  blocks: KnownBlock[];
  /** Instead of the blocks, for a workspace that refuses the newer ones of them. */
  plainer?: KnownBlock[];
}

/** The form that every workspace takes, for messages to one person: they are not tried twice. */
export const basicContent = ({ text, blocks, plainer }: Content): Pick<Content, "text" | "blocks"> => ({
  text,
  blocks: plainer ?? blocks,
});

/** "Nothing happened" is said this long after the request, or after Arga stopped answering, in ms. */
export const SILENCE_MS = 30_000;
/** An action request that takes longer than this shows on the card, in ms. */
const REQUEST_SHOWS_MS = 1_500;

/** The one message that shows what a run is now: a pure function of its record and the time. */
export function card(run: Run, context: ViewContext): Content {
  const about = describeRun(run);
  const plan = stepPlan(run);
  return {
    text: cardText(run, about),
    blocks: cardBlocks(run, about, context, [...plan, ...lastNote(run)]),
    ...(plan.length > 0 ? { plainer: cardBlocks(run, about, context, stepList(run)) } : {}),
  };
}

function cardText(run: Run, about: RunDescription): string {
  const title = safe(about.title, 200);
  const done = run.phase.name === "ended" ? effort(run) : undefined;
  const failed = failedStep(run);
  const step = failed ? `. Failed step: ${safe(failed.text, 100)}` : "";
  const state = `${stateWords(run)}${done ? `, ${done}` : ""}${step}`;
  return cutMarkup(`${title}: ${state} (for ${safe(run.requester.name)}, ${run.id})`, 400);
}

/** `running, step 2 of 3 · 14 s`. */
function stateWords(run: Run): string {
  const { words } = stateOf(run);
  if (run.phase.name !== "running") return words;
  const [step, time] = [stepNow(run), elapsed(run)];
  return `${words}${step ? `, ${step}` : ""}${time ? ` · ${time}` : ""}`;
}

function cardBlocks(
  run: Run,
  about: RunDescription,
  context: ViewContext,
  steps: readonly KnownBlock[],
): KnownBlock[] {
  const lines = [endLine(run), ...linkLines(run, about), comparison(run), requestLine(run, context.now)];
  const buttons = actions(run, about, context);
  const silence = silenceOf(run, context.now);
  return [
    section(`${stateOf(run).sign} ${headline(about)} — ${stateWords(run)}`),
    ...lines.filter((line) => line !== undefined).map(section),
    ...reason(run, listedSteps(run)),
    ...steps,
    ...(silence ? [section(`:warning: ${silence}`)] : []),
    note(
      [
        forWhom(run),
        ...timeAsked(run, about),
        ...about.details.map((detail) => safe(detail)),
        `\`${run.id}\``,
      ].join(" · "),
    ),
    ...(buttons ? [buttons] : []),
  ];
}

/** What is done stands out: where, which many cards have alike, follows in the weight of the rest. */
function headline({ title, pages }: RunDescription): string {
  const where = pages.map(({ label }) => ` · ${label}`).find((end) => title.endsWith(end)) ?? "";
  const what = safe(title.slice(0, title.length - where.length), 200);
  return where && what ? `*${what}* · ${safe(where.slice(3), 200)}` : `*${safe(title, 200)}*`;
}

/** What a card looks like, in short: equal hashes need no edit. */
export const hashOf = (content: Content): string =>
  createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 16);

/** When a card will look different without anything having happened; ms since the epoch. */
export function changesAt(run: Run, now: number): number | undefined {
  if (run.phase.name === "ended") return undefined;
  const moments = [
    ...(isWaiting(run) ? [run.requestedAt + SILENCE_MS] : []),
    ...(run.trouble ? [run.trouble.since + SILENCE_MS] : []),
    ...run.actionRequests.map(({ at }) => at + REQUEST_SHOWS_MS),
  ];
  const ahead = moments.filter((at) => at > now);
  return ahead.length > 0 ? Math.min(...ahead) : undefined;
}

/** A mention would ping when the card is posted; an edit pings no one. */
const forWhom = (run: Run): string =>
  `for ${run.card.state === "posted" ? mention(run.requester.id) : safe(run.requester.name, 80)}`;

/** Until it's known when it ends; an extension would make it wrong. */
const timeAsked = ({ deadline, phase }: Run, { asked }: RunDescription): string[] =>
  asked === undefined || deadline || phase.name === "ended" ? [] : [asked];

function endLine(run: Run): string | undefined {
  if (run.phase.name === "ended") return endedLine(run, run.phase);
  return run.deadline && run.phase.name !== "ending" ? `Ends ${time(run.deadline.at)}` : undefined;
}

function endedLine(run: Run, { at, outcome }: { at: number; outcome: Outcome }): string {
  if (outcome === "unknown") {
    const dashboard = link("https://app.argalabs.com", "dashboard");
    return `${UNCONFIRMED} If it isn't in the ${dashboard}, press *Try again*.`;
  }
  const why = outcome === "cancelled" && !run.arga ? " before anything was created" : "";
  const by = outcome === "torn_down" || outcome === "cancelled" ? run.endedBy : undefined;
  // What heads the steps is not said twice.
  const done = isTimed(run) || stepPlan(run).length > 0 ? undefined : effort(run);
  return `Ended ${time(at)}${by ? ` by ${safe(by.name, 80)}` : ""}${why}${done ? ` · ${done}` : ""}`;
}

/** Characters of links in one section, and on a card. */
const LINKS = { section: 2_900, card: 6_000 };

/** What it's about, always; what it runs, while it does. */
function linkLines(run: Run, about: RunDescription): string[] {
  const isUp = run.phase.name === "ready" || run.phase.name === "running";
  const pages = about.pages.map(({ label, url }) => ({ label: `${label} ↗`, url }));
  const opens = (isUp ? (run.arga?.links ?? []) : []).map(({ label, url }) => ({
    label: `Open ${label} ↗`,
    url,
  }));
  const named = new Set(pages.map(({ url }) => url));
  const lines: string[] = [];
  let total = 0;
  for (const { label, url } of [...pages, ...opens.filter((each) => !named.has(each.url))]) {
    const words = link(url, label);
    total += words.length + 3;
    if (words === "" || words.length > LINKS.section || total > LINKS.card) continue;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + words.length <= LINKS.section)
      lines[lines.length - 1] = `${last} · ${words}`;
    else lines.push(words);
  }
  return lines;
}

function requestLine(run: Run, now: number): string | undefined {
  const slow = run.actionRequests.filter(({ at }) => now - at >= REQUEST_SHOWS_MS);
  if (slow.length === 0 || run.phase.name === "ended") return undefined;
  return slow
    .map(({ action, minutes, by }) => {
      const end = action === "extend" ? ` to ${duration(minutes ?? 0)} from now` : "";
      return `:hourglass_flowing_sand: ${capitalized(ACTION_WORDS[action].doing)}${end} · asked by ${safe(by.name, 80)}`;
    })
    .join("\n");
}

/** For Arga to take it. */
const isWaiting = ({ phase }: Run): boolean => phase.name === "requested" || phase.name === "creating";

function silenceOf(run: Run, now: number): string | undefined {
  const { phase, trouble } = run;
  if (phase.name === "ended") return undefined;
  const why = trouble ? ` ${safe(trouble.text, 400)}` : "";
  if (isWaiting(run) && now - run.requestedAt >= SILENCE_MS)
    return `Nothing has happened since ${time(run.requestedAt)}.${why || " Arga hasn't answered yet."}`;
  if (trouble && now - trouble.since >= SILENCE_MS) return `Last updated ${time(trouble.since)}.${why}`;
  return undefined;
}
