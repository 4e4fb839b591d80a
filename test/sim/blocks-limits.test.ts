import { describe, expect, test } from "vitest";
import { LIMITS } from "../../sim/slack/blocks/limits.ts";
import {
  type Surface,
  validateBlocks,
  validateMessage,
  validateView,
} from "../../sim/slack/blocks/validate.ts";

type Json = Record<string, unknown>;

const plain = (text: string): Json => ({ type: "plain_text", text });
const mrkdwn = (text: string): Json => ({ type: "mrkdwn", text });
const letters = (count: number): string => "x".repeat(count);
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const link = (length: number): string => `https://arga.test/${letters(length - 18)}`;

const option = (index: number, more: Json = {}): Json => ({
  text: plain("Option"),
  value: `option-${index}`,
  ...more,
});
const options = (count: number): Json[] => times(count, (index) => option(index));
const section = (more: Json): Json => ({ type: "section", text: mrkdwn("Text"), ...more });
const actions = (element: Json): Json => ({ type: "actions", elements: [element] });
const button = (more: Json = {}): Json => ({ type: "button", text: plain("Press"), ...more });
const input = (element: Json, more: Json = {}): Json => ({
  type: "input",
  label: plain("Label"),
  element,
  ...more,
});
const select = (more: Json): Json => actions({ type: "static_select", options: options(1), ...more });
const confirm = (more: Json): Json =>
  actions(
    button({
      confirm: { title: plain("a"), text: plain("b"), confirm: plain("c"), deny: plain("d"), ...more },
    }),
  );
const image = { type: "image", alt_text: "alt", image_url: "https://arga.test/a.png" };
const row = (count: number): Json[] => times(count, () => ({ type: "raw_text", text: "x" }));
const table = (rows: Json[][], more: Json = {}): Json => ({ type: "table", rows, ...more });
const dataTable = (rows: number, more: Json = {}): Json => ({
  type: "data_table",
  caption: "c",
  rows: times(rows, () => row(2)),
  ...more,
});
const list = (more: Json): Json => ({
  type: "rich_text",
  elements: [{ type: "rich_text_list", style: "bullet", elements: [], ...more }],
});
const points = (count: number) => times(count, (index) => ({ label: `p${index}`, value: index }));
const categories = (count: number) => points(count).map(({ label }) => label);
const chart = (series: Json[], count = 1): Json => ({
  type: "data_visualization",
  title: "Chart",
  chart: { type: "bar", series, axis_config: { categories: categories(count) } },
});
const pie = (count: number): Json => ({
  type: "data_visualization",
  title: "Chart",
  chart: { type: "pie", segments: times(count, (index) => ({ label: `s${index}`, value: 1 })) },
});
const video = (more: Json): Json => ({
  type: "video",
  video_url: "https://arga.test/v",
  thumbnail_url: "https://arga.test/t.png",
  alt_text: "alt",
  title: plain("t"),
  ...more,
});
const container = (more: Json): Json => ({
  type: "container",
  title: plain("t"),
  child_blocks: [{ type: "divider" }],
  ...more,
});

/** A limit, and a block that is exactly as large as told. */
type Row = [name: string, limit: number, block: (size: number) => Json, surface?: Surface];

const rows: Row[] = [
  ["block_id", LIMITS.id.block, (n) => ({ type: "divider", block_id: letters(n) })],
  ["action_id", LIMITS.id.action, (n) => actions(button({ action_id: letters(n) }))],
  ["section text", LIMITS.text, (n) => section({ text: mrkdwn(letters(n)) })],
  ["section field", LIMITS.section.field, (n) => section({ fields: [mrkdwn(letters(n))] })],
  ["section fields", LIMITS.section.fields, (n) => section({ fields: times(n, () => plain("x")) })],
  ["header text", LIMITS.header.text, (n) => ({ type: "header", text: plain(letters(n)) })],
  ["header level", LIMITS.header.level, (n) => ({ type: "header", text: plain("x"), level: n })],
  [
    "actions elements",
    LIMITS.actions.elements,
    (n) => ({ type: "actions", elements: times(n, () => button()) }),
  ],
  [
    "context elements",
    LIMITS.context.elements,
    (n) => ({ type: "context", elements: times(n, () => mrkdwn("x")) }),
  ],
  [
    "context_actions elements",
    LIMITS.contextActions.elements,
    (n) => ({
      type: "context_actions",
      elements: times(n, () => ({ type: "icon_button", icon: "trash", text: plain("x") })),
    }),
  ],
  ["button text", LIMITS.button.text, (n) => actions(button({ text: plain(letters(n)) }))],
  ["button value", LIMITS.button.value, (n) => actions(button({ value: letters(n) }))],
  ["button url", LIMITS.url, (n) => actions(button({ url: link(n) }))],
  ["button label", LIMITS.button.label, (n) => actions(button({ accessibility_label: letters(n) }))],
  ["confirm title", LIMITS.confirm.title, (n) => confirm({ title: plain(letters(n)) })],
  ["confirm text", LIMITS.confirm.text, (n) => confirm({ text: mrkdwn(letters(n)) })],
  ["confirm yes", LIMITS.confirm.confirm, (n) => confirm({ confirm: plain(letters(n)) })],
  ["confirm no", LIMITS.confirm.deny, (n) => confirm({ deny: plain(letters(n)) })],
  ["option text", LIMITS.option.text, (n) => select({ options: [option(0, { text: plain(letters(n)) })] })],
  ["option value", LIMITS.option.value, (n) => select({ options: [option(0, { value: letters(n) })] })],
  [
    "option description",
    LIMITS.option.description,
    (n) => select({ options: [option(0, { description: plain(letters(n)) })] }),
  ],
  ["select options", LIMITS.select.options, (n) => select({ options: options(n) })],
  [
    "option groups",
    LIMITS.select.groups,
    (n) =>
      actions({
        type: "static_select",
        option_groups: times(n, () => ({ label: plain("g"), options: options(1) })),
      }),
  ],
  [
    "options of a group",
    LIMITS.select.options,
    (n) => actions({ type: "static_select", option_groups: [{ label: plain("g"), options: options(n) }] }),
  ],
  [
    "group label",
    LIMITS.optionGroup.label,
    (n) =>
      actions({ type: "static_select", option_groups: [{ label: plain(letters(n)), options: options(1) }] }),
  ],
  ["placeholder", LIMITS.placeholder, (n) => select({ placeholder: plain(letters(n)) })],
  ["overflow options", LIMITS.overflow.options, (n) => actions({ type: "overflow", options: options(n) })],
  ["checkboxes", LIMITS.choices.options, (n) => actions({ type: "checkboxes", options: options(n) })],
  ["radio buttons", LIMITS.choices.options, (n) => actions({ type: "radio_buttons", options: options(n) })],
  ["image alt text", LIMITS.image.alt, (n) => ({ ...image, alt_text: letters(n) })],
  ["image title", LIMITS.image.title, (n) => ({ ...image, title: plain(letters(n)) })],
  ["image url", LIMITS.url, (n) => ({ ...image, image_url: link(n) })],
  [
    "input label",
    LIMITS.input.label,
    (n) => input({ type: "plain_text_input" }, { label: plain(letters(n)) }),
  ],
  ["input hint", LIMITS.input.hint, (n) => input({ type: "plain_text_input" }, { hint: plain(letters(n)) })],
  [
    "input max_length",
    LIMITS.plainTextInput.length,
    (n) => input({ type: "plain_text_input", max_length: n }),
  ],
  [
    "input min_length",
    LIMITS.plainTextInput.length,
    (n) => input({ type: "plain_text_input", min_length: n }),
  ],
  [
    "input initial value",
    LIMITS.plainTextInput.length,
    (n) => input({ type: "plain_text_input", initial_value: letters(n) }),
  ],
  ["files", LIMITS.fileInput.files, (n) => input({ type: "file_input", max_files: n }), "modal"],
  [
    "rich text lines",
    LIMITS.richTextInput.lines,
    (n) => input({ type: "rich_text_input", max_lines: n }),
    "modal",
  ],
  [
    "rich text indent",
    LIMITS.richText.indent,
    (n) => list({ indent: n, elements: [{ type: "rich_text_section", elements: [] }] }),
  ],
  ["card title", LIMITS.card.title, (n) => ({ type: "card", title: mrkdwn(letters(n)) })],
  [
    "card subtitle",
    LIMITS.card.subtitle,
    (n) => ({ type: "card", title: plain("x"), subtitle: mrkdwn(letters(n)) }),
  ],
  ["card body", LIMITS.card.body, (n) => ({ type: "card", body: mrkdwn(letters(n)) })],
  ["card actions", LIMITS.card.actions, (n) => ({ type: "card", actions: times(n, () => button()) })],
  [
    "carousel cards",
    LIMITS.carousel.cards,
    (n) => ({ type: "carousel", elements: times(n, () => ({ type: "card", body: plain("x") })) }),
  ],
  ["container title", LIMITS.container.title, (n) => container({ title: plain(letters(n)) })],
  ["container subtitle", LIMITS.container.subtitle, (n) => container({ subtitle: mrkdwn(letters(n)) })],
  [
    "container blocks",
    LIMITS.container.blocks,
    (n) => container({ child_blocks: times(n, () => ({ type: "divider" })) }),
  ],
  ["table rows", LIMITS.table.rows, (n) => table(times(n, () => row(1)))],
  ["table cells", LIMITS.table.cells, (n) => table([row(n)])],
  [
    "table column settings",
    LIMITS.table.cells,
    (n) => table([row(1)], { column_settings: times(n, () => null) }),
  ],
  ["table text", LIMITS.table.characters, (n) => table([[{ type: "raw_text", text: letters(n) }]])],
  ["data table rows", LIMITS.dataTable.dataRows + 1, (n) => dataTable(n)],
  ["data table page", LIMITS.dataTable.pageSize, (n) => dataTable(2, { page_size: n })],
  ["data table header column", 1, (n) => dataTable(2, { row_header_column_index: n })],
  ["chart title", LIMITS.chart.title, (n) => ({ ...pie(1), title: letters(n) })],
  [
    "chart series",
    LIMITS.chart.series,
    (n) => chart(times(n, (index) => ({ name: `n${index}`, data: points(1) }))),
  ],
  ["chart points", LIMITS.chart.points, (n) => chart([{ name: "n", data: points(n) }], n)],
  ["chart name", LIMITS.chart.label, (n) => chart([{ name: letters(n), data: points(1) }])],
  ["chart segments", LIMITS.chart.segments, (n) => pie(n)],
  ["video title", LIMITS.video.title, (n) => video({ title: plain(letters(n)) })],
  ["video author", LIMITS.video.author, (n) => video({ author_name: letters(n) })],
];

describe("each limit of the table holds, to the unit", () => {
  test.each(rows)("%s (%i)", (_name, limit, block, surface = "message") => {
    expect(validateBlocks([block(limit)], surface)).toEqual([]);
    expect(validateBlocks([block(limit + 1)], surface)).not.toEqual([]);
  });

  const dividers = (count: number) => times(count, () => ({ type: "divider" }));

  test.each([
    ["message", LIMITS.payload.blocks.message],
    ["modal", LIMITS.payload.blocks.modal],
    ["home", LIMITS.payload.blocks.home],
  ] as const)("blocks of a %s (%i)", (surface, limit) => {
    expect(validateBlocks(dividers(limit), surface)).toEqual([]);
    expect(validateBlocks(dividers(limit + 1), surface)).toEqual([
      { code: "too_many", message: `no more than ${limit} items allowed`, pointer: "/blocks" },
    ]);
  });

  const modal = (more: Json): Json => ({ type: "modal", title: plain("t"), blocks: dividers(1), ...more });

  test.each<[string, number, (size: number) => Json]>([
    ["title", LIMITS.view.title, (n) => modal({ title: plain(letters(n)) })],
    ["submit", LIMITS.view.submit, (n) => modal({ submit: plain(letters(n)) })],
    ["close", LIMITS.view.close, (n) => modal({ close: plain(letters(n)) })],
    ["private_metadata", LIMITS.view.privateMetadata, (n) => modal({ private_metadata: letters(n) })],
    ["callback_id", LIMITS.view.callbackId, (n) => modal({ callback_id: letters(n) })],
    ["external_id", LIMITS.view.externalId, (n) => modal({ external_id: letters(n) })],
  ])("%s of a view (%i)", (_name, limit, view) => {
    expect(validateView(view(limit))).toEqual([]);
    expect(validateView(view(limit + 1))).not.toEqual([]);
  });

  test("250 KB of a view", () => {
    const big = modal({ blocks: times(90, () => section({ text: plain(letters(3000)) })) });
    expect(validateView(big)).toMatchObject([{ code: "view_too_large", pointer: "/view" }]);
  });

  test("12 000 characters of markdown, over all its blocks", () => {
    const markdown = (size: number) => ({ type: "markdown", text: letters(size) });
    expect(validateMessage({ blocks: [markdown(6000), markdown(6000)] })).toEqual([]);
    expect(validateMessage({ blocks: [markdown(6000), markdown(6001)] })).toMatchObject([
      { code: "msg_blocks_too_long" },
    ]);
  });

  test("the text of all blocks together", () => {
    const sections = (last: number) =>
      [3000, 3000, 3000, 3000, last].map((size) => section({ text: plain(letters(size)) }));
    expect(validateMessage({ blocks: sections(1200) })).toEqual([]);
    expect(validateMessage({ blocks: sections(1201) })).toMatchObject([{ code: "msg_blocks_too_long" }]);
  });

  test("one table and two charts in a message", () => {
    const charts = (count: number) => times(count, () => pie(2));
    expect(validateMessage({ blocks: [table([row(1)]), ...charts(2)] })).toEqual([]);
    expect(validateMessage({ blocks: [table([row(1)]), dataTable(2)] })).toMatchObject([
      { code: "only_one_table_allowed", pointer: "/blocks/1" },
    ]);
    expect(validateMessage({ blocks: charts(3) })).toMatchObject([
      { code: "too_many", pointer: "/blocks/2" },
    ]);
  });

  test("8 KB of metadata", () => {
    const metadata = (size: number) => ({ event_type: "run", event_payload: { note: letters(size) } });
    const frame = JSON.stringify(metadata(0)).length;
    const limit = LIMITS.message.metadataBytes - frame;
    expect(validateMessage({ text: "x", metadata: metadata(limit) })).toEqual([]);
    expect(validateMessage({ text: "x", metadata: metadata(limit + 1) })).toMatchObject([
      { code: "metadata_too_large" },
    ]);
  });
});
