import type { KnownBlock, ModalView } from "@slack/types";
import type { SecretGroup } from "../kinds/kind.ts";
import { LIMITS } from "./limits.ts";
import { cut, plain, quote, section } from "./text.ts";

const TITLE = "Credentials";

const modal = (blocks: KnownBlock[]): ModalView => ({
  type: "modal",
  title: plain(TITLE, LIMITS.modalTitle),
  close: plain("Close", LIMITS.modalTitle),
  blocks: blocks.slice(0, LIMITS.modalBlocks),
});

/** Opened at once, while Arga is asked: a trigger lives three seconds. */
export const credentialsLoading = (): ModalView => modal([section("Getting the credentials from Arga…")]);

export const credentialsFailed = (why: string): ModalView =>
  modal([section("I couldn't get the credentials. Close this and try again."), quote(why)]);

/** Seen by the one who pressed, and gone when closed. */
export function credentials(groups: readonly SecretGroup[]): ModalView {
  if (groups.length === 0) return modal([section("Arga has no credentials for this run.")]);
  // With many twins there is no room for a block of addresses and one of variables for each.
  const isRoomy = groups.length * 3 < LIMITS.modalBlocks;
  const blocks = groups.flatMap(({ title, facts, variables }) => {
    const head = { type: "header", text: plain(title, LIMITS.headerText) } as const;
    const addresses = facts.map(({ name, value }) => `${name}: ${value}`);
    const environment = variables.map(({ name, value }) => `${name}=${value}`);
    return isRoomy
      ? [head, ...copyable(addresses), ...copyable(environment)]
      : [head, ...copyable([...addresses, ...environment])];
  });
  const hint = section("Only you can see these. I don't store them, and they work until the run ends.");
  return modal([hint, ...blocks.slice(0, LIMITS.modalBlocks - 1)]);
}

const ROW_LIMIT = 2_800;

/** Values as they are, to be copied: rich text neither formats nor links. */
const copyable = (lines: readonly string[]): KnownBlock[] =>
  packed(lines.map((line) => cut(line, ROW_LIMIT))).map((text) => ({
    type: "rich_text",
    elements: [{ type: "rich_text_preformatted", elements: [{ type: "text", text }] }],
  }));

/** Lines put together into as few pieces as fit. */
function packed(lines: readonly string[]): string[] {
  const pieces: string[] = [];
  for (const line of lines) {
    const last = pieces.at(-1);
    if (last !== undefined && last.length + line.length < ROW_LIMIT)
      pieces[pieces.length - 1] = `${last}\n${line}`;
    else pieces.push(line);
  }
  return pieces;
}
