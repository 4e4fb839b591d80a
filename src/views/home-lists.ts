import type { KnownBlock } from "@slack/types";
import { duration } from "../kinds/durations.ts";
import type { Plan } from "../kinds/preflight.ts";
import type { TestEntry } from "../store/arga-cache.ts";
import { heading, pageOf, turns } from "./home-paging.ts";
import type { HomeData } from "./home-scene.ts";
import { described } from "./subscriptions.ts";
import { runButton } from "./tests.ts";
import { code, note, safe, section } from "./text.ts";
import { MAY_BE_OLD } from "./words.ts";

/** Lines on one page of a list. */
const SIZES = { tests: 5, subscriptions: 5 };

/** The saved tests, each with a button to run it. */
export function testsBlocks({ tests, pages, connections }: HomeData): KnownBlock[] {
  const page = pageOf(tests?.value ?? [], pages.tests, SIZES.tests);
  const head = heading("Saved tests", page);
  if (!tests) return [head, note(notKnown(connections.arga?.trouble !== undefined))];
  if (tests.value.length === 0) return [head, note("None yet. Save one in Arga's web app.")];
  const old = !tests.isFresh && connections.arga?.trouble ? [note(MAY_BE_OLD)] : [];
  return [head, ...page.shown.map(testBlock), ...turns("tests", page), ...old];
}

const notKnown = (isAway: boolean): string => (isAway ? "Arga isn't answering." : "Asking Arga…");

function testBlock(test: TestEntry): KnownBlock {
  const facts = [safe(test.url ?? "", 120), safe(test.repo ?? "", 100)].filter(Boolean).join(" · ");
  const words = `*${safe(test.name, 120) || safe(test.id, 100) || "(unnamed)"}*`;
  const block = section([words, facts || safe(test.prompt ?? "", 120)].filter(Boolean).join("\n"));
  return /^\S{1,150}$/.test(test.id) ? { ...block, accessory: runButton(test) } : block;
}

/** What channels are notified of. */
export function subscriptionBlocks({ subscriptions, pages }: HomeData): KnownBlock[] {
  const page = pageOf(subscriptions, pages.subscriptions, SIZES.subscriptions);
  const head = heading("Channel notifications", page);
  const hint = `Use ${code("/arga notify")} in a channel to change its notifications.`;
  if (page.shown.length === 0) return [head, note(`No channel gets run notifications yet. ${hint}`)];
  const lines = page.shown.map((each) => section(`${channelOf(each.channel)} ${described(each)}`));
  return [head, ...lines, ...turns("subscriptions", page), note(hint)];
}

const channelOf = (id: string): string => (/^[CG]\w{1,20}$/.test(id) ? `<#${id}>` : "Direct message");

/** What the account's plan still allows. */
export function planWords({ plan, connections }: HomeData): string {
  if (!plan) return `*Plan*  ${notKnown(connections.arga?.trouble !== undefined)}`;
  const old = !plan.isFresh && connections.arga?.trouble ? " · may be out of date" : "";
  const { name } = plan.value;
  const limits = allowed(plan.value) || "no limits";
  return `*Plan*  ${name ? `${safe(name, 40)} · ` : ""}${limits}${old}`;
}

function allowed({ runsLeft, runsLimit, maxTwins, maxTtlMinutes }: Plan): string {
  const of = runsLimit === undefined ? "" : ` of ${runsLimit}`;
  return [
    runsLeft === undefined ? "" : `${Math.max(0, runsLeft)}${of} runs left this month`,
    maxTwins === undefined ? "" : `up to ${maxTwins} ${maxTwins === 1 ? "twin" : "twins"} in a run`,
    maxTtlMinutes === undefined ? "" : `up to ${duration(maxTtlMinutes)} a run`,
  ]
    .filter(Boolean)
    .join(" · ");
}
