import type { Button, KnownBlock } from "@slack/types";
import { suffixed } from "../slack/ids.ts";
import type { ListName } from "../store/app-home-record.ts";
import { LIMITS } from "./limits.ts";
import { plain } from "./text.ts";

/** One page of a list. */
interface Page<T> {
  shown: readonly T[];
  /** From 0; the last one there is, if the list became shorter. */
  page: number;
  /** How many stand before the first that is shown, and behind the last. */
  before: number;
  after: number;
}

export function pageOf<T>(all: readonly T[], page: number, size: number): Page<T> {
  const last = Math.max(0, Math.ceil(all.length / size) - 1);
  const here = Math.min(Math.max(0, Math.trunc(page) || 0), last);
  const shown = all.slice(here * size, (here + 1) * size);
  const before = here * size;
  return { shown, page: here, before, after: all.length - before - shown.length };
}

/** A list's name, and which part of it is shown. */
export function heading(words: string, { shown, before, after }: Page<unknown>): KnownBlock {
  const all = before + shown.length + after;
  const range = before + after > 0 ? ` · ${before + 1} to ${before + shown.length} of ${all}` : "";
  return { type: "header", text: plain(`${words}${range}`, LIMITS.headerText) };
}

/** Buttons to the pages before and behind; `home.page` takes `list:page`. */
export function turns(list: ListName, { page, before, after }: Page<unknown>): KnownBlock[] {
  const button = (to: number, words: string, name: string): Button => ({
    type: "button",
    action_id: suffixed("home.page", name),
    text: plain(words, LIMITS.buttonText),
    value: `${list}:${to}`,
  });
  const elements = [
    ...(before > 0 ? [button(page - 1, "Previous", "previous")] : []),
    ...(after > 0 ? [button(page + 1, `and ${after} more`, "next")] : []),
  ];
  return elements.length > 0 ? [{ type: "actions", block_id: `home:${list}`, elements }] : [];
}
