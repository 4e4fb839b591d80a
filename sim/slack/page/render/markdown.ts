import { withEmoji } from "./emoji.ts";
import { escapeHtml, Html, html } from "./html.ts";
import { link } from "./mrkdwn.ts";

type Draw = (lines: readonly string[]) => Html;

/** What the lines of a paragraph look like, and how it is drawn; the first that fits counts. */
const PARAGRAPHS: readonly (readonly [RegExp, Draw])[] = [
  [/^#{1,6} /, ([line = ""]) => html`<p class="heading"><b>${inline(line.replace(/^#+ /, ""))}</b></p>`],
  [/^(-{3,}|\*{3,})$/, () => html`<hr>`],
  [
    /^> ?/,
    (lines) => html`<blockquote>${joined(lines.map((line) => line.replace(/^> ?/, "")))}</blockquote>`,
  ],
  [/^\s*[-*+] /, (lines) => html`<ul>${lines.map((line) => item(line.replace(/^\s*[-*+] /, "")))}</ul>`],
  [/^\s*\d+[.)] /, (lines) => html`<ol>${lines.map((line) => item(line.replace(/^\s*\d+[.)] /, "")))}</ol>`],
];

const FENCE = /^```/;
const single = /^#{1,6} |^(-{3,}|\*{3,})$/;

/** The standard Markdown of a markdown block, as far as Slack draws it. */
export function markdown(text: string): Html {
  const parts: Html[] = [];
  let rest = text.split("\n");
  while (rest.length > 0) {
    const taken = takeParagraph(rest);
    parts.push(paragraph(rest.slice(0, taken)));
    rest = rest.slice(taken);
  }
  return html`<div class="rich markdown">${parts}</div>`;
}

/** How many of the lines belong to the first paragraph, at least one. */
function takeParagraph([first = "", ...rest]: readonly string[]): number {
  if (FENCE.test(first)) {
    const end = rest.findIndex((line) => FENCE.test(line));
    return end < 0 ? rest.length + 1 : end + 2;
  }
  if (single.test(first) || first.trim() === "") return 1;
  const end = rest.findIndex(
    (line) => line.trim() === "" || FENCE.test(line) || kindOf(line) !== kindOf(first),
  );
  return end < 0 ? rest.length + 1 : end + 1;
}

function kindOf(line: string): number {
  return PARAGRAPHS.findIndex(([form]) => form.test(line));
}

function paragraph(lines: readonly string[]): Html {
  const [first = ""] = lines;
  if (FENCE.test(first)) return html`<pre>${lines.filter((line) => !FENCE.test(line)).join("\n")}</pre>`;
  if (first.trim() === "") return html``;
  const draw = PARAGRAPHS[kindOf(first)]?.[1];
  return draw ? draw(lines) : html`<p class="line">${joined(lines)}</p>`;
}

function joined(lines: readonly string[]): Html {
  return html`${lines.map((line, index) => html`${index > 0 && html`<br>`}${inline(line)}`)}`;
}

function item(line: string): Html {
  return html`<li>${inline(line)}</li>`;
}

/** Code first, then links, then emphasis, each on what the one before left over. */
function inline(text: string): Html {
  return around(text, /`([^`]+)`/g, ([, code = ""]) => html`<code>${code}</code>`, withLinks);
}

function withLinks(text: string): Html {
  const named = /\[([^\]]+)\]\((\S+?)\)|(https?:\/\/[^\s<>)]+)/g;
  return around(text, named, ([, label, url, bare = ""]) => link(url ?? bare, label ?? bare), emphasis);
}

function emphasis(text: string): Html {
  const escaped = escapeHtml(withEmoji(text));
  return new Html(
    escaped
      .replaceAll(/(\*\*|__)(?=\S)(.+?)(?<=\S)\1/g, "<b>$2</b>")
      .replaceAll(/(?<![\w*])([*_])(?=\S)(.+?)(?<=\S)\1(?![\w*])/g, "<i>$2</i>")
      .replaceAll(/~~(?=\S)(.+?)(?<=\S)~~/g, "<s>$1</s>"),
  );
}

type Found = (match: RegExpMatchArray) => Html;

/** The text with what matches drawn one way, and what stands around it another way. */
function around(text: string, form: RegExp, found: Found, other: (text: string) => Html): Html {
  const parts: Html[] = [];
  let end = 0;
  for (const match of text.matchAll(form)) {
    parts.push(other(text.slice(end, match.index)), found(match));
    end = match.index + match[0].length;
  }
  return html`${parts}${other(text.slice(end))}`;
}
