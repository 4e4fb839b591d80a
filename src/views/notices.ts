import type { ActionsBlock, KnownBlock } from "@slack/types";
import type { Batch, Filters, Notice } from "../notices/notices.ts";
import type { RunEvent } from "../runs/run.ts";
import { button, dashboardButton, isPage } from "./buttons.ts";
import type { Content } from "./card.ts";
import { LIMITS } from "./limits.ts";
import { tookWords } from "./progress.ts";
import { textContent } from "./replies.ts";
import { filtersInWords } from "./subscriptions.ts";
import { code, cutMarkup, link, note, quote, safe, section, time } from "./text.ts";
import { CONTROL_WORDS, EVENT_WORDS, OUTCOME_WORDS } from "./words.ts";

/** What channels are told about runs. No one is ever mentioned. */

/** The message for one notice, or the digest of many. */
export function noticeMessage(batch: Batch, now: number): Content {
  const [only, ...others] = batch.notices;
  if (only?.announced && others.length === 0) return textContent(announcement(only, only.announced));
  return only && others.length === 0 ? single(only, now) : digest(batch);
}

const signOf = ({ event, outcome }: Notice): string =>
  outcome === "passed" ? ":large_green_circle:" : EVENT_WORDS[event].sign;

function wordsOf({ event, outcome, endsAt }: Notice): string {
  // Lost is told to those who want to hear of failures, and isn't called one.
  if ((event === "completed" || event === "failed") && outcome) return OUTCOME_WORDS[outcome].words;
  if (event !== "expiring") return EVENT_WORDS[event].words;
  return endsAt === undefined ? "ends soon" : `ends ${time(endsAt)}`;
}

/** A notice that waited this long says when it was, in ms. */
const LATE_MS = 2 * 60_000;

function single(notice: Notice, now: number): Content {
  const { sample, why, event, endsAt } = notice;
  const title = safe(notice.title, 150);
  const words = wordsOf(notice);
  const end = event === "ready" && endsAt !== undefined ? ` until ${time(endsAt)}` : "";
  const facts = [
    ...factsOf(notice),
    ...(now - notice.at > LATE_MS ? [time(notice.at)] : []),
    ...linksOf(notice),
  ];
  const buttons = actionsOf(notice);
  const blocks: KnownBlock[] = [
    section(`${signOf(notice)} *${title}* — ${words}${end}`),
    ...(why ? [quote(why)] : []),
    note(facts.join(" · ")),
    ...(sample ? [note("This is a sample notice. There's no such run.")] : []),
    ...(buttons ? [buttons] : []),
  ];
  const about = sample ? "a sample" : factsOf(notice).join(", ");
  return { text: cutMarkup(`${title}: ${words}${end}${about ? ` (${about})` : ""}`, 400), blocks };
}

/** For whom, how long it took, of what. */
function factsOf({ requester, tookMs, previous, repo, elsewhere, event }: Notice): string[] {
  return [
    ...(requester ? [`for ${safe(requester.name, 60)}`] : []),
    ...(elsewhere ? ["started elsewhere"] : []),
    ...(tookMs === undefined ? [] : [`took ${tookWords(tookMs)}`]),
    ...(repo ? [safe(repo, 100)] : []),
    ...(previous && (event === "failed" || previous === "failed")
      ? [`last time: ${OUTCOME_WORDS[previous].words}`]
      : []),
  ];
}

/** A press on a run that this bot does not know would be answered with a refusal: it gets plain links. */
function linksOf(notice: Notice): string[] {
  return [
    ...(notice.link ? [link(notice.link, "card")] : []),
    ...(notice.elsewhere && isPage(notice.dashboardUrl) ? [link(notice.dashboardUrl, "dashboard")] : []),
    ...(notice.sample ? [] : [code(notice.elsewhere ? notice.run.slice(0, 8) : notice.run, 40)]),
  ];
}

function actionsOf({ run, event, dashboardUrl, elsewhere, sample }: Notice): ActionsBlock | undefined {
  if (elsewhere || sample) return undefined;
  const dashboard = dashboardButton(dashboardUrl);
  const elements = [
    ...(event === "failed" ? [button("run.rerun", CONTROL_WORDS.rerun.label)] : []),
    ...(dashboard ? [dashboard] : []),
  ];
  return elements.length > 0 ? { type: "actions", block_id: `run:${run}`, elements } : undefined;
}

const EVENTS_BY_WEIGHT: readonly RunEvent[] = ["failed", "expiring", "completed", "ready"];

/** Many at once: a line each, the worst first. */
function digest({ notices, counts }: Batch): Content {
  const present = EVENTS_BY_WEIGHT.filter((event) => counts[event]);
  const head = present.map((event) => `${counts[event]} ${EVENT_WORDS[event].words}`).join(" · ");
  const total = present.reduce((sum, event) => sum + (counts[event] ?? 0), 0);
  const lines = fitting(notices.map(lineOf));
  const more = total - lines.length;
  const titles = notices.map((notice) => safe(notice.title, 60)).join(", ");
  return {
    text: cutMarkup(`${head}: ${titles}`, 400),
    blocks: [
      section(`*${head}*`),
      ...packed(lines).map(section),
      note(`${more > 0 ? `and ${more} more · ` : ""}${total} notices in one message`),
    ],
  };
}

/** Why there will be notices in a channel, and who asked for them. */
function announcement({ requester }: Notice, announced: Filters): string {
  const who = requester?.name ?? "";
  const what = filtersInWords(announced, who);
  return `:bell: *${safe(who, 60) || "Someone"}* subscribed this channel to runs that are ${what}. ${code("/arga notify list")} shows all.`;
}

function lineOf(notice: Notice): string {
  if (notice.announced) return cutMarkup(announcement(notice, notice.announced), LINE_LIMIT);
  const why = notice.event === "failed" && notice.why ? `: ${safe(notice.why, 80)}` : "";
  const facts = [...factsOf(notice), ...linksOf(notice), ...(notice.sample ? ["a sample"] : [])];
  return cutMarkup(
    `${signOf(notice)} *${safe(notice.title, 80)}* — ${wordsOf(notice)}${why} · ${facts.join(" · ")}`,
    LINE_LIMIT,
  );
}

const LINE_LIMIT = 1_400;
/** Characters of all lines: Slack counts those of a whole message, and refuses it beyond 13,200. */
const LINES_LIMIT = 10_000;

function fitting(lines: readonly string[]): string[] {
  let room = LINES_LIMIT;
  return lines.filter((line) => {
    room -= line.length + 1;
    return room >= 0;
  });
}

/** Lines put together into as few sections as hold them. */
function packed(lines: readonly string[]): string[] {
  const pieces: string[] = [];
  for (const line of lines) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= LIMITS.sectionText)
      pieces[pieces.length - 1] = `${last}\n${line}`;
    else pieces.push(line);
  }
  return pieces;
}
