import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/** Of this bot, as the package says that this file belongs to, built or not. */
export const VERSION: string = versionIn(findPackageJSON("..", import.meta.url));

function versionIn(path: string | undefined): string {
  const { version } = JSON.parse(readFileSync(path ?? "package.json", "utf8")) as { version: string };
  return version;
}
