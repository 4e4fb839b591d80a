import { globSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { parseSync } from "oxc-parser";
import { pino } from "pino";
import { beforeAll, expect, test, vi } from "vitest";

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

/** Whether a piece of code is `new RegExp(…)` or `RegExp(…)`. */
const isMade = (node: object): boolean =>
  "callee" in node && (node.callee as { name?: string } | null)?.name === "RegExp";

function countMade(node: unknown): number {
  if (typeof node !== "object" || node === null) return 0;
  return Object.values(node).reduce((sum, part) => sum + countMade(part), isMade(node) ? 1 : 0);
}

const programs = globSync("src/**/*.ts").map((file) => ({
  file,
  program: parseSync(file, readFileSync(file, "utf8")).program,
}));

/** What `new RegExp` of src made, by the place that it was made at. */
const made = new Map<string, Pattern>();

/** The first line of ours that is on the stack, without what stands before the folder. */
function placeOfCall(): string | undefined {
  const line = new Error().stack?.split("\n").find((each) => each.includes("/src/"));
  const [, path = "", at = ""] = /((?:\/[^/()]+)+\.ts)(:\d+:\d+)/.exec(line ?? "") ?? [];
  return path && `${relative(process.cwd(), path)}${at}`;
}

beforeAll(async () => {
  const watched = (make: () => RegExp): RegExp => {
    const regex = make();
    const place = placeOfCall();
    if (place) made.set(`${place} ${regex.source}`, { pattern: regex.source, flags: regex.flags });
    return regex;
  };
  const { RegExp: real } = globalThis;
  globalThis.RegExp = new Proxy(real, {
    construct: (target, args) => watched(() => Reflect.construct(target, args)),
    apply: (target, self, args) => watched(() => Reflect.apply(target, self, args)),
  });
  // All that make a pattern; that none is forgotten is looked at below.
  const { withoutKey } = await import("../../src/api/secrets.ts");
  const { textForBot } = await import("../../src/handlers/events/mentions.ts");
  const { boltApp } = await import("../../src/handlers/bolt-app.ts");
  const { BotTokens } = await import("../../src/slack/tokens.ts");
  const { SocketReceiver } = await import("../../src/slack/receivers/socket.ts");
  withoutKey("a_b");
  textForBot("<@U0BOT> help", "U0BOT");
  const logger = pino({ level: "silent" });
  const receiver = new SocketReceiver({
    logger,
    onAck: () => {},
    appToken: "xapp-1",
    apiUrl: "http://127.0.0.1/api/",
  });
  const identity = { team: "T1", botId: "B1", botUserId: "U0BOT" };
  boltApp({ context: { logger } as never, receiver, identity, tokens: new BotTokens("xoxb-1") });
  globalThis.RegExp = real;
});

async function problemOf({ pattern, flags }: Pattern): Promise<string[]> {
  const result = await check(pattern, flags, { timeout: 20_000 });
  // How far the check comes depends on the machine; whether its attack really takes long doesn't.
  if (
    result.status === "safe" ||
    (result.status === "vulnerable" && !isSlow(pattern, flags, result.attack.string))
  )
    return [];
  return [`/${pattern}/${flags} ${result.status}`];
}

/** In ms of processor time. What takes the square of such an attack's length takes several times that. */
const SLOW_MS = 50;

function isSlow(pattern: string, flags: string, attack: string): boolean {
  const before = process.cpuUsage();
  attack.replace(new RegExp(pattern, flags), "");
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 > SLOW_MS;
}

test("patterns that take the square of a text's length are found", async () => {
  expect(await problemOf({ pattern: "\\.+$", flags: "" })).toEqual(["/\\.+$/ vulnerable"]);
}, 60_000);

test("every pattern that src makes while it runs was seen", () => {
  const written = programs.flatMap(({ file, program }) => {
    const count = countMade(program);
    return count > 0 ? [[file, count] as const] : [];
  });
  const places = new Set([...made.keys()].map((key) => key.split(" ")[0] ?? ""));
  const seen = written.map(([file]) => [
    file,
    [...places].filter((place) => place.startsWith(`${file}:`)).length,
  ]);
  expect(seen).toEqual(written);
  expect(made.size).toBeGreaterThan(50);
});

test("no regular expression of src takes more than linear time", async () => {
  const patterns = new Map<string, Pattern>();
  for (const { program } of programs)
    for (const found of patternsIn(program)) patterns.set(`${found.pattern} ${found.flags}`, found);
  expect(patterns.size).toBeGreaterThan(100);
  for (const found of made.values()) patterns.set(`${found.pattern} ${found.flags}`, found);
  const problems: string[] = [];
  for (const pattern of patterns.values()) problems.push(...(await problemOf(pattern)));
  expect(problems).toEqual([]);
}, 400_000);
