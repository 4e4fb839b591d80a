import { type Html, html, safeUrl } from "./html.ts";
import type { Viewer } from "./viewer.ts";

const DAY = 86_400;
const HALF_YEAR = 183 * DAY;

/** The instant to be written, in seconds, as seen from `now`. */
interface Instant {
  unix: number;
  now: number;
  timeZone: string | undefined;
}

type Writer = (instant: Instant) => string;

/** Slack's date formats: docs.slack.dev/messaging/formatting-message-text, and the types of rich_text. */
const WRITERS: Readonly<Record<string, Writer>> = {
  date_num: (instant) => isoDay(instant, instant.unix),
  date_slash: (instant) => write(instant, { day: "2-digit", month: "2-digit", year: "numeric" }),
  date: (instant) => longDay(instant),
  date_short: (instant) => write(instant, { month: "short", day: "numeric", ...year(instant) }),
  date_long: (instant) => `${write(instant, { weekday: "long" })}, ${longDay(instant)}`,
  date_long_full: (instant) => write(instant, { month: "long", day: "numeric", year: "numeric" }),
  date_pretty: (instant) => nearDay(instant) ?? longDay(instant),
  date_short_pretty: (instant) => nearDay(instant) ?? writeDate("date_short", instant),
  date_long_pretty: (instant) => nearDay(instant) ?? writeDate("date_long", instant),
  day_divider_pretty: (instant) => nearDay(instant) ?? writeDate("date_long", instant),
  time: (instant) => write(instant, { hour: "numeric", minute: "2-digit" }),
  time_secs: (instant) => write(instant, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: ({ unix, now }) => ago(unix - now),
};

/** `{date_short} at {time}` for an instant, as this viewer reads it; unknown formats are left standing. */
export function formatDate(unix: number, format: string, viewer: Pick<Viewer, "now" | "timeZone">): string {
  const instant = { unix, now: viewer.now / 1000, timeZone: viewer.timeZone };
  return format.replaceAll(/\{(\w+)\}/g, (token, name: string) => WRITERS[name]?.(instant) ?? token);
}

/** A date in the page, with what is needed to write it anew while time goes by. */
export function dateHtml(date: { unix: number; format: string; link?: string }, viewer: Viewer): Html {
  const { unix, format, link } = date;
  const exact = formatDate(unix, "{date_long_full} at {time_secs}", viewer);
  const text = html`<time data-unix="${unix}" data-format="${format}" title="${exact}">${formatDate(unix, format, viewer)}</time>`;
  return link ? html`<a href="${safeUrl(link)}" target="_blank" rel="noreferrer">${text}</a>` : text;
}

function writeDate(name: string, instant: Instant): string {
  return WRITERS[name]?.(instant) ?? "";
}

function write({ unix, timeZone }: Instant, options: Intl.DateTimeFormatOptions): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return formatter("en-US", { ...zone, ...options }).format(unix * 1000);
}

const FORMATTERS = new Map<string, Intl.DateTimeFormat>();

/** To make one takes far longer than to use it. */
function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const made = FORMATTERS.get(key) ?? new Intl.DateTimeFormat(locale, options);
  FORMATTERS.set(key, made);
  return made;
}

/** Slack leaves out the year of dates within half a year. */
function year({ unix, now }: Instant): Intl.DateTimeFormatOptions {
  return Math.abs(unix - now) < HALF_YEAR ? {} : { year: "numeric" };
}

function longDay(instant: Instant): string {
  const day = Number(write(instant, { day: "numeric" }));
  const { year: shown } = year(instant);
  return `${write(instant, { month: "long" })} ${day}${ordinal(day)}${shown ? `, ${write(instant, { year: shown })}` : ""}`;
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return "th";
  return { 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th";
}

function isoDay({ timeZone }: Instant, unix: number): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return formatter("sv-SE", { ...zone, dateStyle: "short" }).format(unix * 1000);
}

function nearDay(instant: Instant): string | undefined {
  const day = isoDay(instant, instant.unix);
  if (day === isoDay(instant, instant.now)) return "today";
  if (day === isoDay(instant, instant.now - DAY)) return "yesterday";
  return day === isoDay(instant, instant.now + DAY) ? "tomorrow" : undefined;
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", DAY],
  ["hour", 3600],
  ["minute", 60],
];

function ago(seconds: number): string {
  const words = new Intl.RelativeTimeFormat("en-US", { numeric: "always" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(Math.round(seconds), "second");
}
