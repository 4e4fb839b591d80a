import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/** This bot's version, from the nearest package.json, of its sources and of the built files alike. */
export const VERSION: string = versionIn(findPackageJSON("..", import.meta.url));

function versionIn(path: string | undefined): string {
  const { version } = JSON.parse(readFileSync(path ?? "package.json", "utf8")) as { version: string };
  return version;
}
