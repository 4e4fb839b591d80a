import type { Directory } from "../directory.ts";

/** A URL without the punctuation that ends a sentence, a name after @ or #, or one of the three special characters. */
const TOKENS = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"]|(?<![\w/&])[@#][\w.-]*\w|[&<>]/g;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** `&`, `<` and `>` as Slack has them in all text. */
function entities(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}

/** What Slack makes of text that a person types into a message: tags for people, channels and URLs, entities for the rest. */
export function markedUp(directory: Directory, text: string): string {
  return text.replaceAll(TOKENS, (token) => tagOf(directory, token, ""));
}

/**
 * The same for a command's text with `should_escape`. The page on it (docs.slack.dev/interactivity/
 * implementing-slash-commands) is not consistent about labels; people have one here, private channels an empty one.
 */
export function escapedCommand(directory: Directory, text: string): string {
  return text.replaceAll(TOKENS, (token) => tagOf(directory, token, `|${token.slice(1)}`));
}

function tagOf(directory: Directory, token: string, personLabel: string): string {
  const name = token.slice(1);
  if (token.startsWith("http")) return `<${entities(token)}>`;
  if (token.startsWith("@")) return personTag(directory, name, personLabel) ?? token;
  if (token.startsWith("#")) return channelTag(directory, name) ?? token;
  return entities(token);
}

function personTag(directory: Directory, name: string, label: string): string | undefined {
  const user = directory.users().find((one) => one.name === name);
  return user && `<@${user.id}${label}>`;
}

function channelTag(directory: Directory, name: string): string | undefined {
  const channel = directory.channels().find((one) => one.name === name && one.kind !== "im");
  return channel && `<#${channel.id}|${channel.kind === "private" ? "" : channel.name}>`;
}
