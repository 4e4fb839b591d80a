import { globSync, readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";
import { expect, test, vi } from "vitest";

/**
 * No pattern of ours takes more than linear time, whatever it's given: people, Slack and Arga write what it's given. The
 * checker's own JavaScript is used, not its binaries: it's the same everywhere.
 */

vi.stubEnv("RECHECK_BACKEND", "pure");
const { check } = await import("recheck");

interface Pattern {
  pattern: string;
  flags: string;
}

function patternsIn(node: unknown, found: Pattern[] = []): Pattern[] {
  if (typeof node !== "object" || node === null) return found;
  if ("regex" in node && node.regex) found.push(node.regex as Pattern);
  for (const part of Object.values(node)) patternsIn(part, found);
  return found;
}

async function problemOf({ pattern, flags }: Pattern): Promise<string[]> {
  const result = await check(pattern, flags, { timeout: 20_000 });
  return result.status === "safe" ? [] : [`/${pattern}/${flags} ${result.status}`];
}

test("patterns that take the square of a text's length are found", async () => {
  expect(await problemOf({ pattern: "\\.+$", flags: "" })).toEqual(["/\\.+$/ vulnerable"]);
}, 60_000);

test("no regular expression of src takes more than linear time", async () => {
  const patterns = new Map<string, Pattern>();
  for (const file of globSync("src/**/*.ts")) {
    const { program } = parseSync(file, readFileSync(file, "utf8"));
    for (const found of patternsIn(program)) patterns.set(`${found.pattern} ${found.flags}`, found);
  }
  expect(patterns.size).toBeGreaterThan(100);
  const problems: string[] = [];
  for (const pattern of patterns.values()) problems.push(...(await problemOf(pattern)));
  expect(problems).toEqual([]);
}, 180_000);
