import { boolean, byType, type Check, object, oneOf, pattern, refuse, string } from "./checks.ts";
import { LIMITS } from "./limits.ts";

const MRKDWN_DATE_FORMATS = [
  "date_num",
  "date",
  "date_short",
  "date_long",
  "date_pretty",
  "date_short_pretty",
  "date_long_pretty",
  "time",
  "time_secs",
  "ago",
];
const RICH_TEXT_DATE_FORMATS = [...MRKDWN_DATE_FORMATS, "day_divider_pretty", "date_slash", "date_long_full"];

const DATE_TOKEN = /<!date[^>]*>?/g;
const WELL_FORMED_DATE =
  /^<!date\^(?<unix>\d+)\^(?<format>[^^|>]+)(?:\^https?:\/\/[^|>]+)?\|(?<fallback>[^>]+)>$/;

/**
 * Date tokens in mrkdwn: `<!date^unix^{format}^optional link|fallback>`.
 * Slack shows a broken one as it stands; we refuse it, as nobody means to send that.
 */
const dateTokens: Check = (value, at, context) => {
  if (typeof value !== "string") return;
  for (const [token] of value.matchAll(DATE_TOKEN)) {
    const format = WELL_FORMED_DATE.exec(token)?.groups?.format;
    if (format === undefined || !usesOnly(MRKDWN_DATE_FORMATS, format))
      refuse(context, at, "invalid_date", `malformed date token: ${token}`);
  }
};

function usesOnly(known: readonly string[], format: string): boolean {
  const used = [...format.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? "");
  return used.length > 0 && used.every((name) => known.includes(name));
}

/** The `format` of a rich_text date element. */
export const dateFormat: Check = (value, at, context) => {
  if (typeof value !== "string" || !usesOnly(RICH_TEXT_DATE_FORMATS, value))
    refuse(context, at, "invalid_date", "must use at least one date format, and only known ones");
};

/** Text with Slack's own markup, e.g. the `text` of a message. */
export function markup(max: number, min = 1): Check {
  const length = string({ min, max });
  return (value, at, context) => {
    length(value, at, context);
    dateTokens(value, at, context);
  };
}

/** A text object that has to be `plain_text`. */
export function plainText(max: number = LIMITS.text): Check {
  return object({ type: oneOf("plain_text"), text: string({ max }) }, { emoji: boolean });
}

/** A text object that has to be `mrkdwn`. */
function mrkdwn(max: number): Check {
  return object({ type: oneOf("mrkdwn"), text: markup(max) }, { verbatim: boolean });
}

/** A text object of either type. */
export function anyText(max: number = LIMITS.text): Check {
  return byType({ plain_text: plainText(max), mrkdwn: mrkdwn(max) });
}

/** An absolute URL; `protocols` with the colon, as in `new URL().protocol`. */
export function url(...protocols: readonly string[]): Check {
  const accepted = protocols.length > 0 ? protocols : ["http:", "https:"];
  const length = string({ max: LIMITS.url });
  return (value, at, context) => {
    length(value, at, context);
    if (typeof value !== "string" || value === "") return;
    if (!URL.canParse(value) || !accepted.includes(new URL(value).protocol) || /\s/.test(value))
      refuse(context, at, "invalid_url", `must be a URL that starts with ${accepted.join(" or ")}`);
  };
}

export const userId = pattern(/^[UW][A-Z0-9]+$/, "the id of a user");
export const usergroupId = pattern(/^S[A-Z0-9]+$/, "the id of a user group");
export const channelId = pattern(/^[CG][A-Z0-9]+$/, "the id of a channel");
export const conversationId = pattern(/^[CGDUW][A-Z0-9]+$/, "the id of a conversation");
export const teamId = pattern(/^[TE][A-Z0-9]+$/, "the id of a workspace");
