import type { KnownBlock } from "@slack/types";
import { kindOf } from "../kinds/index.ts";
import type { Plan } from "../kinds/preflight.ts";
import type { Week } from "../notices/week.ts";
import type { Digest } from "../store/digests.ts";
import type { Content } from "./card.ts";
import { tookWords } from "./progress.ts";
import { code, counted, note, safe, section, time } from "./text.ts";

/** The digest that a channel gets once a week, and what is said about it. No one is mentioned. */

/** A week in figures. `plan`: what Arga said last of what is left. */
export function weekMessage(week: Week, plan: Plan | undefined): Content {
  const { kinds, passed, failed, flaky, slowest, twinMinutes } = week;
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const head = `Your week with Arga: ${total === 0 ? "nothing ran" : counted(total, "run")}`;
  const tests = passed + failed;
  const rate = tests === 0 ? undefined : `${passed} of ${tests} passed (${percent(passed, tests)})`;
  const what = kinds.map(({ kind, count }) => counted(count, kindOf({ kind }).noun)).join(", ");
  const blocks: KnownBlock[] = [
    section(`*${head}*${what ? `\n${what}` : ""}`),
    ...(rate ? [section(`*Tests and validations*  ${rate}`)] : []),
    ...list("Flaky", flaky, ({ title, failed: times, of }) => `${safe(title, 80)}: failed ${times} of ${of}`),
    ...list("Slowest", slowest, ({ title, meanMs, of }) =>
      [`${safe(title, 80)}: ${tookWords(meanMs)}`, ...(of > 1 ? [`on average of ${of}`] : [])].join(" "),
    ),
    note([...leftOf(twinMinutes, plan), spanOf(week)].join(" · ")),
  ];
  return { text: [head, ...(rate ? [rate] : [])].join(", "), blocks };
}

/** All of some is never rounded up to all. */
const percent = (part: number, of: number): string => `${Math.floor((100 * part) / of)} %`;

function list<T>(head: string, all: readonly T[], line: (each: T) => string): KnownBlock[] {
  return all.length > 0 ? [section(`*${head}*\n${all.map((each) => `• ${line(each)}`).join("\n")}`)] : [];
}

function leftOf(twinMinutes: number, plan: Plan | undefined): string[] {
  const { runsLeft, runsLimit } = plan ?? {};
  const of = runsLimit === undefined ? "" : ` of ${runsLimit.toLocaleString("en-US")}`;
  return [
    ...(twinMinutes > 0 ? [counted(twinMinutes, "twin-minute")] : []),
    ...(runsLeft === undefined ? [] : [`${Math.max(0, runsLeft)}${of} runs left this month`]),
  ];
}

const DAY = "{date_short}";

const spanOf = ({ from, until }: Week): string => `${time(from, DAY)} – ${time(until, DAY)}`;

/** What a channel's list says of its digest. */
export const digestLine = ({ by, dueAt }: Digest): string =>
  `*Weekly digest* · next ${time(dueAt)} · by ${safe(by.name, 60)} · ${code("/arga notify digest off")} ends it`;

/** What `/arga notify digest weekly` is answered with; `isNew` is false if the channel got it already. */
export function digestOn(digest: Digest, isNew: boolean): Content {
  const words = isNew ? "This channel gets a weekly digest." : "This channel gets a weekly digest already.";
  return { text: words, blocks: [section(words), section(digestLine(digest))] };
}

/** What `/arga notify digest off` is answered with. */
export function digestOff(): Content {
  const words = "This channel gets no weekly digest any more.";
  return { text: words, blocks: [section(words)] };
}
