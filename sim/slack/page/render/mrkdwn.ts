import { dateHtml } from "./dates.ts";
import { withEmoji } from "./emoji.ts";
import { escapeHtml, Html, html, safeUrl } from "./html.ts";
import { channelName, userName, type Viewer } from "./viewer.ts";

/** Stands for finished HTML while the text around it is worked on; never part of a message. */
const HELD = /\uE000(\d+)\uE001/g;

interface Piece {
  readonly viewer: Viewer;
  readonly held: Html[];
}

/**
 * Slack's mrkdwn as HTML. Only `&`, `<` and `>` come as entities; nothing of the text gets into the page unescaped:
 * code, links and mentions are made first and held aside, the rest is escaped, then emphasised, then put together.
 */
export function mrkdwn(text: string, viewer: Viewer): Html {
  const piece: Piece = { viewer, held: [] };
  const clean = text.replaceAll(/[\uE000\uE001]/g, "");
  const withoutCode = clean
    .replaceAll(/```\n?([\s\S]+?)\n?```\n?/g, (_, code: string) =>
      hold(piece, html`<pre>${decode(code)}</pre>`),
    )
    .replaceAll(/`([^`\n]+)`/g, (_, code: string) => hold(piece, html`<code>${decode(code)}</code>`));
  const withoutTokens = withoutCode
    .replaceAll(/<([^<>\n]+)>/g, (_, token: string) => hold(piece, tokenHtml(token, viewer)))
    .replaceAll(/https?:\/\/[^\s<>|*~`\uE000]+[^\s<>|*~`\uE000.,;:!?)_]/g, (url) =>
      hold(piece, link(decode(url), decode(url))),
    );
  return new Html(putBack(lines(emphasised(escapeHtml(withEmoji(decode(withoutTokens))))), piece.held));
}

function hold({ held }: Piece, part: Html): string {
  held.push(part);
  return `\uE000${held.length - 1}\uE001`;
}

/** Held parts may hold others: code inside of a link's label. */
function putBack(text: string, held: readonly Html[]): string {
  const back = text.replaceAll(HELD, (_, index: string) => held[Number(index)]?.text ?? "");
  return back === text ? text : putBack(back, held);
}

function decode(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function emphasised(escaped: string): string {
  const mark = (text: string, sign: string, tag: string) => {
    const around = new RegExp(
      `(^|[\\s(\\[{"'“>_*~-])\\${sign}(\\S|\\S[^\\n]*?\\S)\\${sign}(?=$|[\\s)\\]}"'”.,:;!?<_*~-])`,
      "gm",
    );
    return text.replaceAll(around, `$1<${tag}>$2</${tag}>`);
  };
  return mark(mark(mark(escaped, "*", "b"), "_", "i"), "~", "s");
}

function lines(text: string): string {
  const quoted = text.replaceAll(/(?:^&gt; ?.*(?:\n|$))+/gm, (block) => {
    const inner = block.trimEnd().replaceAll(/^&gt; ?/gm, "");
    return `<blockquote>${inner}</blockquote>`;
  });
  return quoted.replaceAll("\n", "<br>");
}

/** What stands between `<` and `>`: a mention, a date, a link. */
function tokenHtml(token: string, viewer: Viewer): Html {
  const [target = "", ...rest] = token.split("|");
  const label = rest.length > 0 ? decode(rest.join("|")) : undefined;
  if (target.startsWith("@"))
    return mention("@", userName(viewer, target.slice(1)), viewer.me === target.slice(1));
  if (target.startsWith("#")) return mention("#", label || channelName(viewer, target.slice(1)));
  if (target.startsWith("!")) return special(target.slice(1), label, viewer);
  const isLink = /^(https?:|mailto:|slack:)/i.test(target);
  return isLink ? link(decode(target), label ?? decode(target)) : html`${`<${decode(token)}>`}`;
}

function special(target: string, label: string | undefined, viewer: Viewer): Html {
  const [command = "", unix, format, url] = target.split("^");
  if (command === "date" && unix && format) return date({ unix: Number(unix), format, url }, label, viewer);
  if (command === "subteam") return mention("@", (label ?? unix ?? "group").replace(/^@/, ""));
  return mention("@", command, ["here", "channel", "everyone"].includes(command));
}

interface DateToken {
  unix: number;
  format: string;
  url: string | undefined;
}

function date({ unix, format, url }: DateToken, fallback: string | undefined, viewer: Viewer): Html {
  if (!Number.isFinite(unix)) return html`${fallback}`;
  return dateHtml({ unix, format, ...(url && { link: decode(url) }) }, viewer);
}

export function mention(sign: string, name: string, mine = false): Html {
  return html`<span class="mention${mine ? " mine" : ""}">${sign}${name}</span>`;
}

export function link(url: string, label: string): Html {
  return html`<a href="${safeUrl(url.replaceAll(/[\uE000\uE001]/g, ""))}" target="_blank" rel="noreferrer">${withEmoji(label)}</a>`;
}
