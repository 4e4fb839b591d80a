import { asSeen, unescaped } from "../../kinds/markup.ts";
import { looksLikeAddress } from "../../kinds/targets.ts";
import type { TestPrefill } from "../../views/forms.ts";
import type { SourceMessage } from "../shared/handlers.ts";

/** An address longer than this fits into no field. */
const URL_LIMIT = 3_000;

/** What a message says for a test: its first link, and the rest of its text as a person reads it. */
export function prefillOf({ text, channel, ts, threadTs }: SourceMessage): TestPrefill {
  const url = firstLink(text);
  const what = readable(url === undefined ? text : withoutFirst(text));
  return {
    ...(url !== undefined && url.length <= URL_LIMIT ? { url } : {}),
    ...(what ? { what } : {}),
    from: { channel, threadTs: threadTs ?? ts },
  };
}

/** `<https://…>`, `<https://…|label>`; or an address as it is, where Slack left it alone. */
const LINK = /<(https?:\/\/[^<>|]+)(?:\|([^<>]*))?>|https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)\]'"]/i;

function firstLink(text: string): string | undefined {
  const match = LINK.exec(text);
  return match ? unescaped(match[1] ?? match[0]).trim() : undefined;
}

/** The words of a link are part of the sentence, unless they are the address again. */
const withoutFirst = (text: string): string =>
  text.replace(LINK, (_, _url?: string, label = "") =>
    looksLikeAddress(unescaped(label).trim()) ? "" : label,
  );

/** Slack's markup as plain words. */
const readable = (text: string): string =>
  asSeen(text)
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/ ([.,;:!?])(?=\s|$)/g, "$1")
    .trim();
