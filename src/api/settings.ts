import { ArgaMisconfigured } from "./errors.ts";

/** @throws {ArgaMisconfigured} for what no HTTP client could connect to. */
export function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ["http:", "https:"].includes(url.protocol)) return url;
  // Not quoted: a name and a password may stand in it.
  throw misconfigured("The address of Arga's API must be a URL that starts with https:// or http://.");
}

/**
 * Keys are sent in a header, and headers take no line ends and hardly anything beyond ASCII. An empty one is let
 * through: Arga has routes that ask for none, and refuses it elsewhere.
 * @throws {ArgaMisconfigured} without the key.
 */
export function checkKey(key: string): void {
  const at = key.search(/[^\x21-\x7e]/);
  if (at === -1) return;
  throw misconfigured(
    `The API key can't be sent: character ${at + 1} of ${key.length} is a space, a line break or not ASCII. Copy the key again.`,
  );
}

const misconfigured = (message: string): ArgaMisconfigured =>
  new ArgaMisconfigured(message, { route: "settings", sent: "no" });
