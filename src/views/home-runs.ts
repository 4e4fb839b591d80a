import { createHash } from "node:crypto";
import type { KnownBlock } from "@slack/types";
import { describeRun, type RunDescription } from "../kinds/index.ts";
import type { Run } from "../runs/run.ts";
import { actions } from "./buttons.ts";
import { heading, pageOf, turns } from "./home-paging.ts";
import type { HomeData } from "./home-scene.ts";
import { effort, failedStep, furtherWords, stepCount } from "./progress.ts";
import { isTimed, stateOf } from "./state.ts";
import { capitalized, code, link, note, safe, section, time } from "./text.ts";
import { ACTION_WORDS } from "./words.ts";

/** Runs on one page of a list. */
const SIZES = { mine: 5, others: 6, recent: 6 };
/** A run that is live and one that ended have their buttons in blocks of different names. */
const BLOCKS = { live: 1, ended: 2 };

/** This person's live runs, each with the time left and its buttons. */
export function mineBlocks(scene: HomeData): KnownBlock[] {
  const page = pageOf(scene.mine, scene.pages.mine, SIZES.mine);
  const head = heading("Your runs", page);
  if (page.shown.length === 0)
    return [head, none(scene, `You have nothing running. ${code("/arga help")} shows what you can start.`)];
  return [head, ...page.shown.flatMap((run) => mineBlock(scene, run)), ...turns("mine", page)];
}

/** Where a filter hides all but a kind, there may be others. */
const none = ({ filter }: HomeData, words: string): KnownBlock =>
  note(filter.startsWith("kind:") ? "None of this kind." : words);

/** What a run's lines need of the scene. */
type Viewpoint = Pick<HomeData, "now" | "maxTtlMinutes" | "user" | "cardLink">;

function mineBlock(scene: Viewpoint, run: Run): KnownBlock[] {
  const about = described(run);
  const buttons = actions(run, about, scene, BLOCKS.live);
  const left = timeLeft(run, about, scene.now);
  const words = [headline(scene, run, about), facts([left, ...place(run)]), ...under(run)];
  return [section(words.filter(Boolean).join("\n")), ...(buttons ? [buttons] : [])];
}

/** Other people's live runs: what is shared with this person has its buttons, the rest is done where their card is. */
export function othersBlocks(scene: HomeData): KnownBlock[] {
  const page = pageOf(scene.others, scene.pages.others, SIZES.others);
  if (scene.filter === "mine") return [];
  const head = heading("Running in this workspace", page);
  if (page.shown.length === 0) return [head, none(scene, "No one else has anything running.")];
  const lines = page.shown.flatMap((run) => {
    const about = described(run);
    const whose = `for ${safe(run.requester.name, 60) || "someone"}`;
    const left = timeLeft(run, about, scene.now);
    const words = section(`${headline(scene, run, about)}\n${facts([whose, left, ...place(run)])}`);
    const isShared = run.sharedWith?.some(({ id }) => id === scene.user) ?? false;
    const buttons = isShared ? actions(run, about, scene, BLOCKS.live) : undefined;
    return [words, ...(buttons ? [buttons] : [])];
  });
  return [head, ...lines, ...turns("others", page)];
}

/** What ended lately, this person's with a button to start it again. */
export function recentBlocks(scene: HomeData): KnownBlock[] {
  const page = pageOf(scene.recent, scene.pages.recent, SIZES.recent);
  const head = heading("Recent results", page);
  if (page.shown.length === 0) return [head, none(scene, "No results in the last 30 days.")];
  return [head, ...page.shown.map((run) => recentBlock(scene, run)), ...turns("recent", page)];
}

function recentBlock(scene: Viewpoint, run: Run): KnownBlock {
  const about = described(run);
  const isMine = run.requester.id === scene.user;
  const whose = isMine ? "" : `for ${safe(run.requester.name, 60) || "someone"}`;
  const at = run.phase.name === "ended" ? time(run.phase.at, "{ago}") : "";
  const done = isTimed(run) ? undefined : effort(run);
  const words = [headline(scene, run, about), facts([done, at, whose, ...place(run)]), why(run)];
  const block = section(words.filter(Boolean).join("\n"));
  const controls = isMine ? about.controls.filter((name) => name === "rerun") : [];
  const again = actions(run, { ...about, controls }, scene, BLOCKS.ended);
  const [button] = again?.elements ?? [];
  return again?.block_id && button?.type === "button"
    ? { ...block, block_id: again.block_id, accessory: button }
    : block;
}

/** The title leads to the card. */
function headline({ cardLink }: Viewpoint, run: Run, { title }: Described): string {
  const { sign, words } = stateOf(run);
  const card = cardLink(run);
  return `${sign} *${card ? link(card, title) : safe(title, 100)}* — ${words}`;
}

type Described = Pick<RunDescription, "title" | "controls" | "asked" | "expectedEnd">;

/** What the run's kind says of it. A record that a newer version wrote is still listed, without buttons. */
function described(run: Run): Described {
  try {
    const about = describeRun(run);
    return {
      ...about,
      title: safe(about.title) ? about.title : about.noun,
      controls: about.controls.filter((name) => name !== "dashboard"),
    };
  } catch {
    return { title: `Run of an unknown kind (${run.kind})`, controls: [], expectedEnd: undefined };
  }
}

const facts = (all: readonly (string | undefined)[]): string => all.filter(Boolean).join(" · ");

/** Slack's own words for the time left: they stay right without an edit. */
function timeLeft(run: Run, { asked }: Described, now: number): string | undefined {
  const { deadline, phase } = run;
  if (phase.name === "running") return stepCount(run);
  if (!deadline) return asked && `for ${asked}`;
  if (phase.name === "ending") return undefined;
  return deadline.at > now
    ? `ends ${time(deadline.at, "{ago}")}, at ${time(deadline.at, "{time}")}`
    : "about to end";
}

/** Where it runs, and its name. A direct message has no name that could be shown. */
const place = ({ channel, id }: Run): string[] => [
  /^[CG]\w{1,20}$/.test(channel) ? `<#${channel}>` : "",
  code(id, 20),
];

/** What holds it up, or is under way. */
function under(run: Run): string[] {
  const [first, ...rest] = run.actionRequests.map(
    ({ action, by }) => `${capitalized(ACTION_WORDS[action].doing)} · asked by ${safe(by.name, 40)}`,
  );
  return [
    ...(run.trouble ? [`:warning: ${safe(run.trouble.text, 200)}`] : []),
    ...(first
      ? [`:hourglass_flowing_sand: ${first}${rest.length > 0 ? ` and ${rest.length} more` : ""}`]
      : []),
  ];
}

/** Why it did not go well, as far as Arga says. */
function why(run: Run): string | undefined {
  const step = failedStep(run);
  const failed = step ? safe(step.text, 120) : "";
  const reason = safe(furtherWords(run) ?? step?.detail ?? "", 200);
  return [failed ? `Failed step: ${failed}` : "", reason].filter(Boolean).join(" — ") || undefined;
}

/** All that Homes show of a run, in short; what only the time changes does not count. */
export function homeFingerprint(run: Run): string {
  const cardLink = ({ card }: Run): string | undefined =>
    card.state === "posted" ? LINK + card.ts : undefined;
  const view = { now: 0, maxTtlMinutes: 0, user: run.requester.id, cardLink };
  const blocks = run.phase.name === "ended" ? [recentBlock(view, run)] : mineBlock(view, run);
  const shown = JSON.stringify(run.sharedWith ? [blocks, run.sharedWith] : blocks);
  return createHash("sha256").update(shown).digest("base64url").slice(0, 16);
}

const LINK = "https://slack.com/";
