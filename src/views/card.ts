import { createHash } from "node:crypto";
import type { KnownBlock } from "@slack/types";
import { kindOf } from "../kinds/index.ts";
import type { Outcome, Run } from "../runs/run.ts";
import { actions, type ViewContext } from "./buttons.ts";
import { comparison, effort, failure, lastNote, stepCount, stepList, stepPlan } from "./progress.ts";
import { cutMarkup, duration, link, mention, note, quote, safe, section, time } from "./text.ts";

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
/** A wish that takes longer than this shows on the card. */
export const WISH_SHOWS_MS = 1_500;

/** The one message that shows what a run is now: a pure function of its record and the time. */
export function card(run: Run, context: ViewContext): Content {
  const plan = stepPlan(run);
  const blocks = cardBlocks(run, context, [...plan, ...lastNote(run)]);
  return {
    text: cardText(run),
    blocks,
    ...(plan.length > 0 ? { plainer: cardBlocks(run, context, stepList(run)) } : {}),
  };
}

function cardText(run: Run): string {
  const kind = kindOf(run);
  const title = safe(kind.title(kind.spec(run)), 200);
  const steps = run.phase.name === "ended" ? effort(run) : stepCount(run);
  const state = `${signOf(run).words}${steps ? `, ${steps}` : ""}`;
  return cutMarkup(`${title}: ${state} (for ${safe(run.requester.name)}, ${run.id})`, 400);
}

function cardBlocks(run: Run, context: ViewContext, steps: readonly KnownBlock[]): KnownBlock[] {
  const kind = kindOf(run);
  const spec = kind.spec(run);
  const title = safe(kind.title(spec), 200);
  const state = signOf(run);
  const lines = [endLine(run), ...linkLines(run), comparison(run), wishLine(run, context.now)];
  const buttons = actions(run, kind.availableActions(run), context);
  const silence = silenceOf(run, context.now);
  return [
    section(`${state.sign} *${title}* — ${state.words}`),
    ...lines.filter((line) => line !== undefined).map(section),
    ...failure(run),
    ...(run.phase.name === "ended" && run.phase.why ? [quote(run.phase.why)] : []),
    ...steps,
    ...(silence ? [section(`:warning: ${silence}`)] : []),
    note([forWhom(run), ...kind.details(spec).map((detail) => safe(detail)), `\`${run.id}\``].join(" · ")),
    ...(buttons ? [buttons] : []),
  ];
}

/** What a card looks like, in short: equal hashes need no edit. */
export const hashOf = (content: Content): string =>
  createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 16);

/** When a card will look different without anything having happened; ms since the epoch. */
export function changesAt(run: Run, now: number): number | undefined {
  if (run.phase.name === "ended") return undefined;
  const moments = [
    run.requestedAt + SILENCE_MS,
    ...(run.trouble ? [run.trouble.since + SILENCE_MS] : []),
    ...run.actionRequests.map((wish) => wish.at + WISH_SHOWS_MS),
  ];
  const ahead = moments.filter((at) => at > now);
  return ahead.length > 0 ? Math.min(...ahead) : undefined;
}

/** A mention would ping when the card is posted; an edit pings nobody. */
const forWhom = (run: Run): string =>
  `for ${run.card.state === "posted" ? mention(run.requester.id) : safe(run.requester.name, 80)}`;

const OUTCOMES: Record<Outcome, { sign: string; words: string }> = {
  passed: { sign: ":white_check_mark:", words: "passed" },
  torn_down: { sign: ":black_circle:", words: "torn down" },
  expired: { sign: ":black_circle:", words: "ended: its time was up" },
  failed: { sign: ":red_circle:", words: "failed" },
  refused: { sign: ":red_circle:", words: "not started" },
  cancelled: { sign: ":black_circle:", words: "cancelled" },
  lost: { sign: ":grey_question:", words: "not heard of any more" },
  unknown: { sign: ":grey_question:", words: "unknown: Arga's answer was lost" },
};

/** A run's state: a sign and words. */
export function signOf(run: Run): { sign: string; words: string } {
  switch (run.phase.name) {
    case "requested":
      return { sign: ":hourglass_flowing_sand:", words: "requested" };
    case "creating":
      return { sign: ":hourglass_flowing_sand:", words: "asking Arga for it" };
    case "starting":
      return {
        sign: ":large_yellow_circle:",
        words: safe((run.arga?.status || "starting").replaceAll("_", " "), 60),
      };
    case "running":
      return {
        sign: ":large_blue_circle:",
        words: safe((run.arga?.status || "running").replaceAll("_", " "), 60),
      };
    case "ready":
      return { sign: ":large_green_circle:", words: readyWords(run) };
    case "ending":
      return {
        sign: ":hourglass_flowing_sand:",
        words: isTimed(run) ? "being torn down" : "being cancelled",
      };
    case "ended":
      return OUTCOMES[run.phase.outcome];
  }
}

/** Twins and sandboxes run for a time; tests and validations until they are done. */
const isTimed = (run: Run): boolean => run.ttlMinutes !== undefined;

/** Arga's own word stands beside ours where it says something else. */
function readyWords({ arga }: Run): string {
  const word =
    arga && arga.status !== "ready" ? ` (Arga says: ${safe(arga.status.replaceAll("_", " "), 60)})` : "";
  return `${arga?.isPublic === false ? "ready, not public" : "ready"}${word}`;
}

function endLine(run: Run): string | undefined {
  if (run.phase.name === "ended") return endedLine(run, run.phase);
  return run.deadline && run.phase.name !== "ending" ? `Ends ${time(run.deadline.at)}` : undefined;
}

function endedLine(run: Run, { at, outcome }: { at: number; outcome: Outcome }): string {
  if (outcome === "unknown") {
    const runs = link("https://app.argalabs.com", "Arga's dashboard");
    return `It may have been created, so it is not asked for again by itself. Look at ${runs}; if it is not there, press Try again.`;
  }
  const why = outcome === "cancelled" && !run.arga ? " before anything was created" : "";
  const done = isTimed(run) ? undefined : effort(run);
  return `Ended ${time(at)}${why}${done ? ` · ${done}` : ""}`;
}

/** Characters of links in one section, and on a card. */
const LINKS = { section: 2_900, card: 6_000 };

function linkLines(run: Run): string[] {
  if ((run.phase.name !== "ready" && run.phase.name !== "running") || !run.arga) return [];
  const lines: string[] = [];
  let total = 0;
  for (const { label, url } of run.arga.links) {
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

function wishLine(run: Run, now: number): string | undefined {
  const slow = run.actionRequests.filter((wish) => now - wish.at >= WISH_SHOWS_MS);
  if (slow.length === 0 || run.phase.name === "ended") return undefined;
  return slow
    .map((wish) => {
      const what =
        wish.action === "extend" ? `extend to ${duration(wish.minutes ?? 0)} from now` : wish.action;
      return `:hourglass_flowing_sand: ${what}, asked by ${safe(wish.by.name, 80)}, is under way`;
    })
    .join("\n");
}

function silenceOf(run: Run, now: number): string | undefined {
  const { phase, trouble } = run;
  if (phase.name === "ended") return undefined;
  const isWaiting = phase.name === "requested" || phase.name === "creating";
  const why = trouble ? ` ${safe(trouble.text, 400)}` : "";
  if (isWaiting && now - run.requestedAt >= SILENCE_MS)
    return `Nothing has happened since ${time(run.requestedAt)}.${why || " Arga has not answered yet."}`;
  if (trouble && now - trouble.since >= SILENCE_MS)
    return `What this card shows is from ${time(trouble.since)}.${why}`;
  return undefined;
}
