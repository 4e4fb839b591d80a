import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderPage } from "../../sim/slack/page/page.ts";
import { drawBlocks } from "../../sim/slack/page/render/blocks.ts";
import { formatDate } from "../../sim/slack/page/render/dates.ts";
import { markdown } from "../../sim/slack/page/render/markdown.ts";
import { drawMessages, messagePieces, type Piece } from "../../sim/slack/page/render/messages.ts";
import { mrkdwn } from "../../sim/slack/page/render/mrkdwn.ts";
import type { Viewer } from "../../sim/slack/page/render/viewer.ts";
import { drawConfirm, drawModal } from "../../sim/slack/page/render/views.ts";
import { drawPlace, drawSidebar, drawThread, type Workspace } from "../../sim/slack/page/render/workspace.ts";
import { renderMessagesHtml, renderViewHtml } from "../../sim/slack/page/still.ts";

/** Saturday, 22 November 2026, 12:00:00 in UTC. */
const NOON = Date.UTC(2026, 10, 22, 12) / 1000;

const viewer: Viewer = {
  me: "U1",
  now: NOON * 1000,
  timeZone: "UTC",
  users: [
    { id: "U1", name: "alice" },
    { id: "U2", name: "bob" },
    { id: "U0", name: "simbot", isBot: true },
  ],
  channels: [{ id: "C1", name: "dev" }],
};

const textOf = (pieces: readonly Piece[]) => pieces.map(({ html }) => html.text).join("");
const plain = (text: string) => ({ type: "plain_text", text });
const blocks = (...all: unknown[]) => drawBlocks(all, { viewer }).text;

/** The names of all tags, and of their attributes, that a browser would find. */
function tagsIn(html: string): string[] {
  return [...html.matchAll(/<([a-z0-9]+)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>/g)].flatMap(
    ([, tag = "", attributes = ""]) => [
      tag,
      ...[...attributes.matchAll(/([\w-]+)(?:="[^"]*")?/g)].map(([, name = ""]) => name),
    ],
  );
}

test("a select of conversations calls the direct one by the app's name; one of channels leaves it out", () => {
  const direct = { id: "D1", name: "dm:alice", kind: "im" };
  const drawn = (type: string) =>
    drawBlocks([{ type: "actions", elements: [{ type, action_id: "where" }] }], {
      viewer: { ...viewer, channels: [...viewer.channels, direct] },
    }).text;
  expect(drawn("conversations_select")).toContain('<option value="D1">simbot</option>');
  expect(drawn("channels_select")).toContain('<option value="C1">#dev</option>');
  expect(drawn("channels_select")).not.toContain("D1");
});

describe("mrkdwn", () => {
  test.each([
    ["*bold* _italic_ ~struck~", "<b>bold</b> <i>italic</i> <s>struck</s>"],
    ["*_both_*", "<b><i>both</i></b>"],
    ["2*3*4 and snake_case_name", "2*3*4 and snake_case_name"],
    ["`*code*`", "<code>*code*</code>"],
    ["```a\n<b>```", "<pre>a\n&lt;b&gt;</pre>"],
    ["a\nb", "a<br>b"],
    ["&gt; said\n&gt; again\nanswer", "<blockquote>said<br>again</blockquote>answer"],
    ["&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"],
    ["<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"],
    [
      "<@U2> in <#C1>, <@U9>",
      '<span class="mention">@bob</span> in <span class="mention">#dev</span>, <span class="mention">@U9</span>',
    ],
    ["<@U1>", '<span class="mention mine">@alice</span>'],
    ["<!here>", '<span class="mention mine">@here</span>'],
    [":rocket: :no_such:", "🚀 :no_such:"],
    [
      "<https://a.test/?x=1&amp;y=2|a *b*>",
      '<a href="https://a.test/?x=1&amp;y=2" target="_blank" rel="noreferrer">a *b*</a>',
    ],
    [
      "see https://a.test/x.",
      'see <a href="https://a.test/x" target="_blank" rel="noreferrer">https://a.test/x</a>.',
    ],
    ["<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"],
  ])("%j", (text, expected) => {
    expect(mrkdwn(text, viewer).text).toBe(expected);
  });

  test("dates are written for the viewer, with what is needed to write them anew", () => {
    expect(mrkdwn(`ends <!date^${NOON + 3600}^{date_short_pretty} at {time}|later>`, viewer).text).toBe(
      `ends <time data-unix="${NOON + 3600}" data-format="{date_short_pretty} at {time}" title="November 22, 2026 at 1:00:00 PM">today at 1:00 PM</time>`,
    );
  });

  test.each([
    ["mrkdwn", (text: string) => mrkdwn(text, viewer).text],
    ["markdown", (text: string) => markdown(text).text],
  ])("nothing in %s can put a tag or an attribute into the page", (_name, draw) => {
    const known =
      /^(a|b|i|s|u|br|hr|p|pre|code|ul|ol|li|span|time|blockquote|div|class|href|target|rel|title|data-unix|data-format)$/;
    const part = fc.constantFrom(
      "<",
      ">",
      '"',
      "'",
      "`",
      "```",
      "*",
      "_",
      "|",
      "^",
      "!date",
      "&lt;",
      "&",
      "\n",
      "{date}",
      "https://a.test/",
      "javascript:x",
      "onload=",
      "img src=x ",
      "[x](",
      ")",
      "\uE0000\uE001",
      "1",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        const html = draw(parts.join(""));
        expect(tagsIn(html).filter((name) => !known.test(name))).toEqual([]);
        expect(html).not.toMatch(/<(?!\/?[a-z0-9]+[\s>])/);
        expect(html).not.toMatch(/href="(?!https?:|mailto:|#)/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("dates", () => {
  test.each([
    ["{date_num}", 0, "2026-11-22"],
    ["{date}", 0, "November 22nd"],
    ["{date}", -300 * 86_400, "January 26th, 2026"],
    ["{date_short}", 0, "Nov 22"],
    ["{date_long}", 0, "Sunday, November 22nd"],
    ["{date_pretty}", -86_400, "yesterday"],
    ["{date_short_pretty}", 86_400, "tomorrow"],
    ["{date_long_pretty}", 3 * 86_400, "Wednesday, November 25th"],
    ["{time} {time_secs}", 3661, "1:01 PM 1:01:01 PM"],
    ["{ago}", -180, "3 minutes ago"],
    ["{ago}", 7200, "in 2 hours"],
    ["{ago}", 30, "in 30 seconds"],
    ["{day_divider_pretty} {no_such}", 0, "today {no_such}"],
  ])("%s %i s from now", (format, offset, expected) => {
    expect(formatDate(NOON + offset, format, viewer)).toBe(expected);
  });

  test("are the viewer's own: midnight is not at the same time for all", () => {
    const late = NOON + 11.5 * 3600;
    expect(formatDate(late, "{date_pretty}", { ...viewer, timeZone: "Europe/Berlin" })).toBe("tomorrow");
    expect(formatDate(late, "{date_pretty}", viewer)).toBe("today");
  });
});

describe("blocks", () => {
  test("an element says where it belongs and what it asks before it acts", () => {
    const confirm = {
      title: plain("Sure?"),
      text: plain("x"),
      confirm: plain("Yes"),
      deny: plain("No"),
      style: "danger",
    };
    const html = blocks({
      type: "actions",
      block_id: "run:1",
      elements: [
        { type: "button", action_id: "run.lock", value: "v", style: "danger", text: plain("Lock"), confirm },
      ],
    });
    expect(html).toContain(
      'class="button danger" data-element="button" data-block="run:1" data-action="run.lock"',
    );
    expect(html).toContain(' data-confirm="{&quot;title&quot;');
    expect(html).toContain(' data-value="v"');
    expect(drawConfirm(confirm, viewer).text).toContain(
      '<button class="button danger" value="confirm">Yes</button>',
    );
  });

  test("a select has its options, groups and initial option", () => {
    const option = (value: string) => ({ text: plain(`Option ${value}`), value });
    const html = blocks({
      type: "actions",
      block_id: "b",
      elements: [
        {
          type: "static_select",
          action_id: "s",
          option_groups: [{ label: plain("G"), options: [option("1"), option("2")] }],
          initial_option: option("2"),
        },
        { type: "users_select", action_id: "u", placeholder: plain("Who?") },
      ],
    });
    expect(html).toContain(
      '<optgroup label="G"><option value="1">Option 1</option><option value="2" selected>Option 2</option>',
    );
    expect(html).toContain(
      '<option value="" selected class="empty">Who?</option><option value="U1">@alice</option>',
    );
  });

  test("what is unknown is named, and images are not loaded", () => {
    expect(blocks({ type: "hologram" })).toContain('<span class="unknown">hologram</span>');
    const image = blocks({ type: "image", image_url: "https://a.test/x.png", alt_text: "A picture" });
    expect(image).toContain("A picture");
    expect(image).not.toMatch(/<img|src=/);
  });

  test("any JSON is drawn without a crash", () => {
    const types = [
      "header",
      "section",
      "actions",
      "context",
      "input",
      "rich_text",
      "table",
      "card",
      "container",
      "plan",
      "data_visualization",
      "markdown",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.dictionary(
          fc.constantFrom("text", "elements", "fields", "rows", "title", "element", "chart", "tasks"),
          fc.jsonValue(),
        ),
        (type, fields) => {
          expect(blocks({ ...fields, type })).toContain(`data-type="${type}"`);
        },
      ),
    );
  });
});

describe("messages", () => {
  const said = (seconds: number, more: object = {}) => ({
    ts: `${NOON + seconds}.000100`,
    channel: "C1",
    user: "U1",
    text: "Hello",
    ...more,
  });

  test("one author's messages stand together, days apart, and ephemeral ones alone", () => {
    const html = drawMessages(
      [said(-86_400), said(0), said(60), said(61, { ephemeral: true, kind: "ack" })],
      { viewer },
    ).text;
    expect(html.match(/class="day"><span>(\w+)/g)).toEqual([
      'class="day"><span>Yesterday',
      'class="day"><span>Today',
    ]);
    expect(html.match(/<article class="[^"]*"/g)).toEqual([
      '<article class="message"',
      '<article class="message"',
      '<article class="message continued"',
      '<article class="message ephemeral"',
    ]);
    expect(html).toContain("Only visible to you");
  });

  test("what Slack itself has to say is not put into the app's mouth", () => {
    const html = drawMessages(
      [said(0, { ephemeral: true, kind: "operation_timeout", text: "/arga failed" })],
      { viewer },
    ).text;
    expect(html).toContain("<b>Slackbot</b>");
    expect(html).not.toContain("<b>simbot</b>");
  });

  const workspace: Workspace = {
    team: { id: "T1", domain: "sim" },
    users: viewer.users,
    channels: [
      { id: "C1", name: "dev", kind: "public", members: ["U1", "U0"] },
      { id: "C2", name: "ops", kind: "private", members: ["U1"] },
    ],
    messages: {
      C1: [said(0), said(9, { user: "U0", thread_ts: `${NOON}.000100`, text: "In the thread" })],
      C2: [said(5, { channel: "C2" })],
    },
    ephemerals: [],
  };

  test("replies are counted in the channel and shown in the thread", () => {
    const where = { place: "C1", thread: `${NOON}.000100`, seen: {} };
    const channel = textOf(drawPlace(workspace, where, viewer));
    expect(channel).toContain("<b>1 reply</b>");
    expect(channel).not.toContain("In the thread");
    expect(textOf(drawThread(workspace, where, viewer) ?? [])).toContain("In the thread");
  });

  test("of a list that is drawn again, only what changed is drawn anew", () => {
    const memories = new WeakMap();
    const all = [said(0), said(1), said(2, { user: "U0" })];
    const drawn = { viewer, memories };
    const before = messagePieces(all, drawn).map(({ html }) => html);
    const edited = [said(0), all[1], all[2]].map((one, index) =>
      index === 0 ? { ...one, text: "Edited" } : one,
    );
    const after = messagePieces(edited as typeof all, drawn).map(({ html }) => html);
    // The first piece is the day.
    expect(after[1]?.text).toContain("Edited");
    expect(after.slice(2).map((one, index) => one === before[index + 2])).toEqual([true, true]);
    const replies = new Map([[all[2]?.ts ?? "", [said(3)]]]);
    expect(messagePieces(all, { ...drawn, replies }).at(-1)?.html.text).toContain("1 reply");
  });

  test("channels with something new are marked until they are seen", () => {
    const marked = (seen: Record<string, string>) =>
      drawSidebar(workspace, { place: "C1", seen }, "U1").text.includes(
        'class="place unread" data-place="C2"',
      );
    expect(marked({})).toBe(true);
    expect(marked({ C2: `${NOON + 5}.000100` })).toBe(false);
  });
});

describe("views", () => {
  const view = {
    id: "V1",
    title: plain("Start <twins>"),
    submit: plain("Go"),
    blocks: [
      {
        type: "input",
        block_id: "ttl",
        label: plain("Minutes"),
        element: { type: "number_input", action_id: "a" },
      },
    ],
    errors: { ttl: "At most 480" },
  };

  test("a modal shows its errors under the inputs they are about", () => {
    const html = drawModal(view, "simbot", viewer).text;
    expect(html).toContain("Start &lt;twins&gt;");
    expect(html).toMatch(
      /class="input wrong"[\s\S]*<p class="error" id="input-ttl-error" role="alert">At most 480<\/p>/,
    );
    expect(html).toContain('<button type="submit" class="button primary">Go</button>');
  });

  test("one without submit can only be closed", () => {
    const html = drawModal({ ...view, submit: undefined }, "simbot", viewer).text;
    expect(html).not.toContain('type="submit"');
    expect(html).toContain(">Close</button>");
  });
});

describe("documents", () => {
  test("the page is one document that loads nothing", () => {
    const page = renderPage({ commands: [{ command: "/arga", description: "</script><b>" }] });
    expect(page).toMatch(/^<!doctype html>/);
    // Its script draws files that are shared in the workspace; the document itself has none.
    const document = page.replace(/<script[\s\S]*<\/script>/, "");
    expect(document.length).toBeLessThan(page.length);
    expect(document).not.toMatch(/<(link|script|img|iframe)[^>]+(src|href)="(?!data:)/);
    expect(page).not.toMatch(/@import|url\(/);
    expect(page.match(/<\/script>/g)).toHaveLength(1);
    expect(page).toContain("/arga");
  });

  test("still pictures have no script", () => {
    const message = { user: "U1", text: "<script>alert(1)</script>" };
    for (const html of [
      renderMessagesHtml([message], viewer),
      renderViewHtml({ type: "home", blocks: [] }, viewer),
    ])
      expect(html).not.toContain("<script");
    expect(renderMessagesHtml([message], viewer)).toContain("&lt;script&gt;");
  });
});
