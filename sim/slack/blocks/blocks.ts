import { chart } from "./charts.ts";
import {
  anyOf,
  below,
  boolean,
  byType,
  type Check,
  integer,
  isObject,
  list,
  object,
  oneOf,
  type Rule,
  refuse,
  type Surface,
  string,
} from "./checks.ts";
import { hasImageSource, imageElement, imageSource } from "./composition.ts";
import { elementIn } from "./elements.ts";
import { LIMITS } from "./limits.ts";
import { richText } from "./richText.ts";
import { dataTableFields, tableFields } from "./tables.ts";
import { anyText, plainText, url } from "./text.ts";

type Fields = Readonly<Record<string, Check>>;

interface Shape {
  required?: Fields;
  optional?: Fields;
  rules?: readonly Rule[];
}

interface Block {
  check: Check;
  surfaces: readonly Surface[];
}

const EVERYWHERE: readonly Surface[] = ["message", "modal", "home"];
const MESSAGE_AND_HOME: readonly Surface[] = ["message", "home"];
const MESSAGE: readonly Surface[] = ["message"];

function block(type: string, shape: Shape, surfaces: readonly Surface[] = EVERYWHERE): [string, Block] {
  const check = object(
    { type: oneOf(type), ...shape.required },
    { block_id: string({ max: LIMITS.id.block }), ...shape.optional },
    ...(shape.rules ?? []),
  );
  return [type, { check, surfaces }];
}

const actions = block("actions", {
  required: { elements: list(elementIn("actions"), { max: LIMITS.actions.elements }) },
});

const alert = block(
  "alert",
  {
    required: { text: anyText() },
    optional: { level: oneOf("default", "info", "warning", "error", "success") },
  },
  ["modal"],
);

const card = block(
  "card",
  {
    optional: {
      hero_image: imageElement,
      icon: imageElement,
      title: anyText(LIMITS.card.title),
      subtitle: anyText(LIMITS.card.subtitle),
      body: anyText(LIMITS.card.body),
      actions: list(elementIn("card"), { max: LIMITS.card.actions }),
    },
    rules: [anyOf("hero_image", "title", "actions", "body")],
  },
  MESSAGE_AND_HOME,
);

const carousel = block(
  "carousel",
  { required: { elements: list(anyBlock([card]), { max: LIMITS.carousel.cards }) } },
  MESSAGE_AND_HOME,
);

const context = block("context", {
  required: {
    elements: list(byType({ image: imageElement, plain_text: anyText(), mrkdwn: anyText() }), {
      max: LIMITS.context.elements,
    }),
  },
});

const contextActions = block(
  "context_actions",
  { required: { elements: list(elementIn("context_actions"), { max: LIMITS.contextActions.elements }) } },
  MESSAGE,
);

const dataTable = block("data_table", dataTableFields, MESSAGE);

const dataVisualization = block(
  "data_visualization",
  { required: { title: string({ max: LIMITS.chart.title }), chart } },
  MESSAGE_AND_HOME,
);

const divider = block("divider", {});

/** Slack writes this one itself, for remote files: an app can send it nowhere. */
const file = block("file", { required: { source: oneOf("remote"), external_id: string() } }, []);

const header = block("header", {
  required: { text: plainText(LIMITS.header.text) },
  optional: { level: integer({ min: 1, max: LIMITS.header.level }) },
});

const image = block("image", {
  required: { alt_text: string({ max: LIMITS.image.alt }) },
  optional: { title: plainText(LIMITS.image.title), ...imageSource },
  rules: [hasImageSource],
});

const filesDispatchNothing: Rule = ({ element, dispatch_action }, at, found) => {
  if (dispatch_action === true && isObject(element) && element.type === "file_input")
    refuse(found, below(at, "dispatch_action"), "not_allowed_here", "file_input cannot dispatch actions");
};

const input = block("input", {
  required: { label: plainText(LIMITS.input.label), element: elementIn("input") },
  optional: { hint: plainText(LIMITS.input.hint), optional: boolean, dispatch_action: boolean },
  rules: [filesDispatchNothing],
});

/** The limit holds for the sum of all markdown blocks, and is checked there. */
const markdown = block("markdown", { required: { text: string() } }, MESSAGE);

const source = object({ type: oneOf("url"), url: url(), text: string() });
const taskFields = {
  optional: { details: richText, output: richText, sources: list(source, { min: 0 }) },
  status: oneOf("pending", "in_progress", "complete", "error"),
};

const taskCard = block(
  "task_card",
  {
    required: { task_id: string(), title: string(), status: taskFields.status },
    optional: taskFields.optional,
  },
  MESSAGE,
);

/** Inside a plan, the documentation's own example leaves out `type` and `status`. */
const planTask = object(
  { task_id: string(), title: string() },
  {
    type: oneOf("task_card"),
    block_id: string({ max: LIMITS.id.block }),
    status: taskFields.status,
    ...taskFields.optional,
  },
);

const plan = block(
  "plan",
  { required: { title: string() }, optional: { tasks: list(planTask, { min: 0 }) } },
  MESSAGE,
);

const richTextBlock: [string, Block] = ["rich_text", { check: richText, surfaces: EVERYWHERE }];

const section = block("section", {
  optional: {
    text: anyText(),
    fields: list(anyText(LIMITS.section.field), { max: LIMITS.section.fields }),
    accessory: elementIn("accessory"),
    expand: boolean,
  },
  rules: [anyOf("text", "fields")],
});

const table = block("table", tableFields, MESSAGE);

const httpsUrl = url("https:");
const video = block("video", {
  required: {
    video_url: httpsUrl,
    thumbnail_url: url(),
    alt_text: string(),
    title: plainText(LIMITS.video.title),
  },
  optional: {
    title_url: httpsUrl,
    author_name: string({ max: LIMITS.video.author }),
    provider_name: string(),
    provider_icon_url: url(),
    description: plainText(),
  },
});

const collapsedIsCollapsible: Rule = ({ default_collapsed, is_collapsible }, at, found) => {
  if (default_collapsed === true && is_collapsible !== true)
    refuse(found, below(at, "default_collapsed"), "invalid_value", "requires is_collapsible to be true");
};

const children = [
  actions,
  context,
  divider,
  file,
  header,
  image,
  input,
  richTextBlock,
  section,
  table,
  video,
];
const container = block(
  "container",
  {
    required: { child_blocks: list(anyBlock(children), { max: LIMITS.container.blocks }) },
    optional: {
      title: plainText(LIMITS.container.title),
      rich_text_title: richText,
      subtitle: anyText(LIMITS.container.subtitle),
      icon: imageElement,
      width: oneOf("narrow", "standard", "wide", "full"),
      is_collapsible: boolean,
      default_collapsed: boolean,
      has_header_divider: boolean,
    },
    rules: [anyOf("title", "rich_text_title"), collapsedIsCollapsible],
  },
  MESSAGE_AND_HOME,
);

/** Passes blocks of the given kinds, each only on its own surfaces. */
function anyBlock(blocks: readonly [string, Block][]): Check {
  return byType(Object.fromEntries(blocks.map(([type, entry]) => [type, onSurface(type, entry)])));
}

function onSurface(type: string, { check, surfaces }: Block): Check {
  return (value, at, found) => {
    if (surfaces.includes(found.surface)) return check(value, at, found);
    refuse(found, below(at, "type"), "not_allowed_here", `${type} is not allowed in a ${found.surface}`);
  };
}

/** Any block that Slack knows. */
export const blockOfAnyType = anyBlock([
  ...children,
  alert,
  card,
  carousel,
  container,
  contextActions,
  dataTable,
  dataVisualization,
  markdown,
  plan,
  taskCard,
]);
