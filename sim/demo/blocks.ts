import type { Block, Json } from "../slack/types.ts";
import { mrkdwn, plain, type Reader } from "./mrkdwn.ts";
import { unbroken, wrap } from "./screen.ts";

/** A block as lines; `same` when the version before had it too. */
export interface Drawn {
  lines: string[];
  same: boolean;
}

/** What is seen of a message, block by block; `before` is the version that it replaces. */
export function drawBlocks(
  blocks: readonly Block[],
  reader: Reader & { room: number },
  before: readonly Block[] = [],
): Drawn[] {
  const known = new Set(before.map((block) => JSON.stringify(block)));
  return blocks.map((block) => ({
    lines: linesOf(block, reader)
      .flatMap((text) => text.split("\n"))
      .flatMap((line) => wrap(line, reader.room)),
    same: known.has(JSON.stringify(block)),
  }));
}

function linesOf(block: Block, reader: Reader): string[] {
  switch (block.type) {
    case "section":
      return [textOf(block.text, reader)];
    case "header":
      return [reader.ink.bold(textOf(block.text, reader))];
    case "context":
      return [
        reader.ink.dim(
          objects(block.elements)
            .map((part) => textOf(part, reader))
            .join("  "),
        ),
      ];
    case "actions":
      return [
        objects(block.elements)
          .map((element) => control(element, reader))
          .join("  "),
      ];
    case "rich_text":
      return objects(block.elements).flatMap((part) => richText(part).split("\n").map(reader.ink.code));
    default:
      return [`(${String(block.type)})`];
  }
}

/** A text object; its kind says how to read it. */
function textOf(value: unknown, reader: Reader): string {
  const { type, text } = objectOf(value);
  return type === "mrkdwn" ? mrkdwn(String(text), reader) : plain(String(text));
}

/** A button or a menu; what it says, in brackets. */
function control(element: Json, { ink }: Reader): string {
  const { type, style, url } = element;
  const isMenu = type === "static_select";
  const words = labelOf(element);
  const sign = isMenu ? " ▾" : url === undefined ? "" : " ↗";
  const label = unbroken(`[ ${words}${sign} ]`);
  if (style === "danger") return ink.danger(label);
  return style === "primary" ? ink.good(label) : label;
}

/** What an element says on its face. */
export const labelOf = (element: Json): string =>
  element.type === "overflow" ? "⋯" : plain(String(objectOf(element.text ?? element.placeholder).text ?? ""));

function richText(part: Json): string {
  return objects(part.elements)
    .map(({ text }) => String(text ?? ""))
    .join("");
}

export const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.map(objectOf) : []);

const objectOf = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
