/**
 * Every size limit of Block Kit, views and message metadata, in one table.
 * Lengths count UTF-16 units (never fewer than Slack's own count), counts are items, sizes are bytes.
 * Source: docs.slack.dev/reference/block-kit and docs.slack.dev/surfaces, autumn 2026.
 */
export const LIMITS = {
  payload: {
    blocks: { message: 50, modal: 100, home: 100 },
    /** Summed over all markdown blocks of a message. */
    markdown: 12_000,
    /** Slack's figure is unpublished; public reports put the refusal at about 13 200 characters of text. */
    messageText: 13_200,
    tables: 1,
    charts: 2,
    focusOnLoad: 1,
  },
  message: {
    /** chat.postMessage cuts longer texts instead of refusing them. */
    textKept: 40_000,
    /** chat.update refuses longer texts. */
    updatedText: 4_000,
    /** Slack's figure is unpublished; 8 KB is our choice. */
    metadataBytes: 8 * 1024,
  },
  view: {
    bytes: 250 * 1000,
    title: 24,
    submit: 24,
    close: 24,
    privateMetadata: 3000,
    callbackId: 255,
    externalId: 255,
  },
  id: { block: 255, action: 255 },
  text: 3000,
  url: 3000,
  confirm: { title: 100, text: 300, confirm: 30, deny: 30 },
  option: { text: 75, value: 150, description: 75 },
  optionGroup: { label: 75 },
  placeholder: 150,
  button: { text: 75, value: 2000, label: 75 },
  select: { options: 100, groups: 100 },
  choices: { options: 10 },
  overflow: { options: 5 },
  plainTextInput: { length: 3000 },
  richTextInput: { lines: 100 },
  fileInput: { files: 10 },
  image: { alt: 2000, title: 2000 },
  actions: { elements: 25 },
  card: { title: 150, subtitle: 150, body: 200, actions: 2 },
  carousel: { cards: 10 },
  container: { title: 150, subtitle: 150, blocks: 10 },
  context: { elements: 10 },
  contextActions: { elements: 5 },
  header: { text: 150, level: 4 },
  input: { label: 2000, hint: 2000 },
  richText: { indent: 8 },
  section: { fields: 10, field: 2000 },
  table: { rows: 100, cells: 20, characters: 10_000 },
  dataTable: { dataRows: 100, pageSize: 100 },
  chart: { title: 50, label: 20, points: 20, axisLabel: 50, series: 6, segments: 6 },
  video: { title: 199, author: 49 },
} as const;
