/**
 * What a person reads, as text that a person can read in a snapshot: each block on lines of its own, with every word,
 * button, option and question in it. What it doesn't know stands as JSON, so that nothing is left out.
 */

type Part = Record<string, unknown>;

interface Readable {
  text?: string;
  blocks: readonly object[];
  plainer?: readonly object[];
  /** Of a modal. */
  title?: object;
  submit?: object;
  close?: object;
  callback_id?: string;
  private_metadata?: string;
}

/** What stands in a file of snapshots: scenes, each under its name. */
export const scenes = (all: readonly (readonly [string, Readable])[]): string =>
  `${all.map(([name, readable]) => `## ${name}\n${rendered(readable)}`).join("\n\n")}\n`;

/**
 * A message: its text for notifications, its blocks, and those for a workspace that refuses the newer ones. A view: its
 * title and buttons, and its blocks.
 */
function rendered({ text, blocks, plainer, title, ...modal }: Readable): string {
  const { submit, close, callback_id = "", private_metadata = "" } = modal;
  return [
    ...(title ? [["modal", callback_id, words(title), private_metadata].filter(Boolean).join(" ")] : []),
    ...(title ? [`  ${[submit, close].filter(Boolean).map(words).join(" ")}`] : []),
    ...(text === undefined ? [] : [`text: ${text}`]),
    ...linesOf(blocks),
    ...(plainer ? ["or, plainer:", ...linesOf(plainer)] : []),
  ].join("\n");
}

const linesOf = (blocks: readonly object[]): string[] => blocks.flatMap((block) => blockLines(block as Part));

/** The hash at its end says what is offered, which stands below; whether it changes has tests of its own. */
const named = ({ type, block_id }: Part): string =>
  block_id === undefined ? String(type) : `${type} (${String(block_id).replace(/[0-9a-f]{8}$/, "#")})`;

function blockLines(block: Part): string[] {
  const { type, block_id: _, ...rest } = block;
  const name = named(block);
  switch (type) {
    case "divider":
      return [name];
    case "header":
      return [`${name}: ${words(rest.text)}`];
    case "section": {
      const { text, accessory, ...more } = rest;
      return [`${name}: ${words(text)}`, ...others(more), ...(accessory ? element(accessory as Part) : [])];
    }
    case "context":
      return (rest.elements as Part[]).map((each) => `${name}: ${words(each)}`);
    case "actions":
      return [`${name}:`, ...(rest.elements as Part[]).flatMap(element)];
    case "input": {
      const { label, element: asks, hint, optional, ...more } = rest;
      return [
        `${name}: ${words(label)}${optional ? " (optional)" : ""}`,
        ...element(asks as Part),
        ...(hint ? [`  hint ${words(hint)}`] : []),
        ...others(more),
      ];
    }
    case "plan": {
      const { title, tasks, ...more } = rest;
      return [`${name}: ${title}`, ...(tasks as Part[]).flatMap(task), ...others(more)];
    }
    default:
      return [`${name}: ${JSON.stringify(rest)}`];
  }
}

const others = (rest: Part): string[] =>
  Object.keys(rest).length === 0 ? [] : [`  ${JSON.stringify(rest)}`];

/** `plain_text` is marked; of mrkdwn, whether Slack may link and ping by itself. */
function words(text: unknown): string {
  const { type, text: said, verbatim } = text as { type: string; text: string; verbatim?: boolean };
  if (type === "plain_text") return `"${said}"`;
  return verbatim ? said.replaceAll("\n", "\n  ") : `(not verbatim) ${said}`;
}

function task({ type, task_id, title, status, ...rest }: Part): string[] {
  return [`  ${type} ${task_id}, ${status}: ${title}`, ...others(rest)];
}

function element(part: Part): string[] {
  const { type, action_id, text, placeholder, style, url, confirm, options, ...rest } = part;
  const { value, initial_option, ...more } = rest;
  const head = [
    `  ${type} ${action_id}`,
    ...[text, placeholder].filter(Boolean).map(words),
    ...[style, url, value].filter(Boolean).map(String),
    ...(initial_option ? [`now ${(initial_option as Part).value}`] : []),
  ].join(" ");
  const asked = confirm as Part | undefined;
  return [
    head,
    ...((options ?? []) as Part[]).map(option),
    ...(asked
      ? [
          `    asks ${words(asked.title)} ${words(asked.text)}`,
          `    answers ${words(asked.confirm)} ${words(asked.deny)} ${asked.style ?? ""}`.trimEnd(),
        ]
      : []),
    ...others(more),
  ];
}

const option = ({ text, value, url, ...rest }: Part): string =>
  [`    ${value}: ${words(text)}`, url, ...others(rest)].filter(Boolean).join(" ");
