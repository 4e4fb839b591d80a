import type { CatalogTwin } from "../api/catalog.ts";
import { looksLikeMinutes, minutesOf } from "./durations.ts";
import { type Line, looksLikeFlag, nearest, shown, UsageError } from "./grammar.ts";
import { type Limits, type Named, type Needs, type PreflightProblem, twinNamesOf } from "./kind.ts";
import { folded, plainWord } from "./plain.ts";

/** What several kinds of run are aimed at: twins, repositories, pull requests, addresses, times. */

const DEFAULT_TTL_MINUTES = 60;
const TWINS_LIMIT = 40;
const URL_LIMIT = 2_000;

/** Names of twins and at most one time, in any order, split by commas or spaces. */
export interface TwinsAndTime {
  twins: string[];
  /** undefined: none was given. */
  minutes?: number;
}

/** Throws {@link UsageError}. */
export function twinsAndTime(words: readonly string[], limits: Limits, tryThis: string): TwinsAndTime {
  const all = namesIn(words);
  const times = all.filter(looksLikeMinutes);
  const names = all.filter((word) => !looksLikeMinutes(word));
  if (times.length > 1)
    throw new UsageError(`You gave two times, ${times.join(" and ")}. Which one?`, tryThis);
  const [time] = times;
  const minutes = time === undefined ? {} : { minutes: minutesOf(time, limits.maxTtlMinutes, tryThis) };
  return { twins: twinNames(names, tryThis), ...minutes };
}

/** The names of a list, as people write one: `stripe, slack`, `stripe + slack`, `stripe and slack`. */
const namesIn = (words: readonly string[]): string[] =>
  words
    .flatMap((word) => folded(word).split(/[,+&]/))
    .map((word) => word.trim())
    .filter((word) => word !== "" && !/^and$/i.test(word));

/** Whether it can be typed as a twin's name. */
export const isTwinName = (word: string): boolean => /^[a-z][a-z0-9_-]{0,49}$/.test(word);

/** Each once, in small letters. Throws {@link UsageError} on what cannot be a name. */
export function twinNames(words: readonly string[], tryThis: string): string[] {
  const names = [...new Set(namesIn(words).map((name) => name.toLowerCase()))];
  if (names.length > TWINS_LIMIT)
    throw new UsageError(
      `${names.length} twins are too many for one run. The most is ${TWINS_LIMIT}.`,
      tryThis,
    );
  const odd = names.find((name) => !isTwinName(name));
  if (odd !== undefined)
    throw new UsageError(
      `${shown(odd)} can't be a twin: names are made of letters, digits, dashes and underscores. \`/arga catalog\` lists them.`,
      tryThis,
    );
  return names;
}

/** The time where none was given. */
export const defaultTtl = (limits: Limits): number =>
  Math.min(
    limits.defaultTtlMinutes ?? DEFAULT_TTL_MINUTES,
    limits.maxTtlMinutes,
    limits.planTtlMinutes ?? Number.POSITIVE_INFINITY,
  );

/** A nearest name is looked for this often: a catalog may be long, and so may what was typed. */
const GUESSED = 5;

/** undefined if the catalog has all the twins that are asked for. */
export function unknownTwins(needs: Needs, catalog: readonly CatalogTwin[]): PreflightProblem | undefined {
  const names = twinNamesOf(catalog);
  const known = new Set(names);
  const unknown = needs.twins.filter((name) => !known.has(name));
  const [first] = unknown;
  if (first === undefined) return undefined;
  const guesses = new Map(unknown.slice(0, GUESSED).map((name) => [name, nearest(name, names)]));
  const near = guesses.get(first);
  const list = unknown.map((name) => `\`${name}\``).join(", ");
  const why = `Arga has no ${list} ${unknown.length === 1 ? "twin" : "twins"}.${near ? ` Did you mean \`${near}\`?` : ""}`;
  const fixed = needs.twins.map((name) => (known.has(name) ? name : guesses.get(name)));
  const meant = [...new Set(fixed)].filter((name) => name !== undefined);
  return {
    about: "twins",
    why: near ? why : `${why} \`/arga catalog\` lists them all.`,
    tryThis: needs.retype(fixed.includes(undefined) ? ["stripe"] : meant, needs.ttlMinutes),
    ...(fixed.includes(undefined) ? {} : { isMeant: true }),
  };
}

/** Where code is: a branch, or a pull request. */
export interface CodeTarget {
  repo: string;
  branch?: string | undefined;
  prUrl?: string | undefined;
}

const REPO = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;
const HOST = /^[\w.-]+(?::\d+)?$/;

export const isRepo = (word: string): boolean => REPO.test(word) && !/^\.+\/|\/\.+$/.test(word);

/** The repository and the page of a pull request, without what a browser adds to its address; or `acme/shop#42`. */
export function pullRequest(word: string): { repo: string; prUrl: string } | undefined {
  if (/\s/.test(word)) return undefined;
  const [, short = "", ofShort = ""] = /^([^#]{1,201})#(\d{1,9})$/.exec(word) ?? [];
  if (isRepo(short)) return { repo: short, prUrl: `https://github.com/${short}/pull/${ofShort}` };
  const parts = (word.split(/[?#]/)[0] ?? "").split("/");
  const [scheme = "", none, host = "", owner = "", name = "", ...rest] = parts;
  if (!/^https?:$/i.test(scheme) || none !== "" || !HOST.test(host)) return undefined;
  const repo = `${owner}/${name}`;
  const isGitlab = rest[0] === "-";
  const [what = "", number = ""] = isGitlab ? rest.slice(1) : rest;
  const isPage = (isGitlab ? /^merge_requests$/i : /^pulls?$/i).test(what) && /^\d+$/.test(number);
  return isPage && isRepo(repo) ? { repo, prUrl: parts.slice(0, isGitlab ? 8 : 7).join("/") } : undefined;
}

/** What a repository's own page is about, or the page of one of its branches; undefined: it's another page. */
function repositoryPage(address: string): { repo: string; branch?: string } | undefined {
  if (!isAddress(address)) return undefined;
  const [owner = "", name = "", ...rest] = new URL(address).pathname.split("/").slice(1);
  const repo = `${owner}/${name.replace(/\.git$/, "")}`;
  const [tree, ...branch] = rest[0] === "-" ? rest.slice(1) : rest.filter((part) => part !== "");
  if (!isRepo(repo) || (tree !== undefined && tree !== "tree")) return undefined;
  return { repo, ...(branch.length > 0 ? { branch: branch.join("/") } : {}) };
}

/** Where a repository without a branch is likely to be meant. */
const USUAL_BRANCHES = ["main", "master", "develop"];

/**
 * `o/r branch`, `o/r PR_URL` or `PR_URL`, a repository also by its own page; what follows is left. Throws
 * {@link UsageError}.
 */
export function codeTarget(
  { words, links }: Line,
  tryThis: string,
  branchCommand: (repo: string, branch: string) => string,
): { target: CodeTarget; rest: string[] } {
  const [typed = "", next, ...others] = addressFirst(words, links).flatMap(repositoryFirst);
  const first = plainWord(typed);
  const second = next === undefined ? undefined : plainWord(next);
  const alone = pullRequest(first);
  if (alone) return { target: alone, rest: next === undefined ? [] : [next, ...others] };
  if (!isRepo(first))
    throw new UsageError(
      first === ""
        ? "Which code? Name a repository and a branch, or a pull request."
        : `${shown(first)} isn't a repository. Use \`owner/name\`, or the URL of a pull request.`,
      tryThis,
    );
  if (second === undefined)
    throw new UsageError(
      `Which branch of ${shown(first)}? Add one, or give the URL of a pull request.`,
      tryThis,
      USUAL_BRANCHES.map((branch) => ({ label: branch, command: branchCommand(first, branch) })),
    );
  const pr = pullRequest(fullAddress(second, links));
  if (pr && pr.repo.toLowerCase() !== first.toLowerCase())
    throw new UsageError(`That pull request is in ${shown(pr.repo)}, not in ${shown(first)}.`, tryThis);
  return { target: pr ?? { repo: first, branch: branchOf(second, tryThis) }, rest: others };
}

/** A repository's page as its name and its branch; what isn't the first word is left as it is. */
function repositoryFirst(word: string, at: number): string[] {
  const page = at === 0 ? repositoryPage(word) : undefined;
  return page ? [page.repo, ...(page.branch === undefined ? [] : [page.branch])] : [word];
}

/** Git's own rules, as far as they matter to tell a branch from something else. Throws {@link UsageError}. */
export function branchOf(word: string, tryThis: string): string {
  const isOdd = /[\s~^:?*[\\]|\.\.|^[-/.]|[/.]$|@\{/.test(word) || word.length > 250;
  if (isOdd) throw new UsageError(`${shown(word)} can't be a branch.`, tryThis);
  return word;
}

/** A repository, by its name or its page. Throws {@link UsageError}. */
export function repoOf(word: string, tryThis: string): string {
  const repo = repositoryPage(word)?.repo ?? word;
  if (isRepo(repo)) return repo;
  throw new UsageError(`${shown(word)} isn't a repository. Use \`owner/name\`.`, tryThis);
}

/** `acme/shop#42`, or `acme/shop, branch main`. */
export const codeTitle = ({ repo, branch, prUrl }: CodeTarget): string =>
  prUrl ? `${repo}#${prUrl.slice(prUrl.lastIndexOf("/") + 1)}` : `${repo}, branch ${branch ?? "?"}`;

/** The same, typed. */
export const codeWords = ({ repo, branch, prUrl }: CodeTarget): string =>
  prUrl ?? `${repo} ${typed(branch ?? "main")}`;

/** An address as everyone will read it who follows it: http(s), of a host. Throws {@link UsageError} that shows the likely one. */
export function webAddress(word: string, tryThis: (url: string) => string): string {
  if (word.length > URL_LIMIT)
    throw new UsageError(
      `That URL has ${word.length} characters. The most is ${URL_LIMIT}.`,
      tryThis("https://example.com"),
    );
  if (isAddress(word)) return writtenOut(word);
  const guess = `https://${word}`;
  const isLikely = /^[\w-]+(\.[\w-]+)+(:\d+)?(\/[^\s"'<>]*)?$/.test(word) && guess.length <= URL_LIMIT;
  throw new UsageError(
    `${shown(word.replace(/\/\/[^/]*@/, "//…@"))} isn't a full URL. Start it with https:// and leave out any password.`,
    tryThis(isLikely && isAddress(guess) ? guess : "https://example.com"),
  );
}

/** What a browser makes of it, so that nobody takes another host out of it; a bare host needs no slash. */
function writtenOut(address: string): string {
  const { href } = new URL(address);
  return href === `${address}/` ? address : href;
}

/** Whether two addresses lead to the same page, however they are written. */
export const isSameAddress = (one: string | null | undefined, other: string): boolean =>
  typeof one === "string" && URL.canParse(one) && URL.canParse(other)
    ? new URL(one).href === new URL(other).href
    : one === other;

function isAddress(word: string): boolean {
  if (/\p{Cc}/u.test(word) || !/^https?:\/\/\S+$/i.test(word) || !URL.canParse(word)) return false;
  const { hostname, username, password } = new URL(word);
  return hostname !== "" && username === "" && password === "";
}

/** The words with their one full address first, where it stands behind what is to be done with it. */
export function addressFirst(words: readonly string[], links: Line["links"] = new Map()): string[] {
  const [typed = "", ...others] = words;
  const first = plainTarget(typed, links);
  if (looksLikeAddress(first) || isRepo(first)) return [first, ...others];
  const addresses = words.filter((word) => isFullAddress(plainTarget(word, links)));
  const [address] = addresses;
  if (address === undefined || addresses.length > 1) return [...words];
  return [plainTarget(address, links), ...words.filter((word) => word !== address)];
}

/** A repository or a full address without what stands around it; any other word as it is. */
function plainTarget(word: string, links: Line["links"]): string {
  const plain = plainWord(word);
  if (isRepo(plain)) return plain;
  const address = fullAddress(plain, links);
  return isFullAddress(address) ? address : word;
}

/** The address behind a word that Slack took for a link, or the word. */
export const fullAddress = (word: string, links: Line["links"]): string => links?.get(word) ?? word;

export const isFullAddress = (word: string): boolean => /^https?:\/\/\S+$/i.test(word);

/** Text as one word of a command that can be typed. */
export const quoted = (text: string, limit = 100): string =>
  `"${cut(plainText(text), limit).replace(/["\\]/g, "\\$&")}"`;

/** Characters of the longest text that is typed again as it was: a button runs it. */
export const WHOLE = 4_000;

/** On one line, and nothing that the parser would take for a flag. */
const plainText = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^\S+/, (first) => (looksLikeFlag(text.trim()) ? first.replace(/^[-–—‒―−－]+/, "") : first));

/** Never half a character. */
const cut = (text: string, limit: number): string => text.slice(0, limit).replace(/[\ud800-\udbff]$/, "");

/** A flag of a command with its value, or nothing. */
export const flagged = (name: string, value: string | undefined): string[] =>
  value ? [`--${name} ${typed(value)}`] : [];

/** A word of a command, in quotes where it would not be one word otherwise. */
export const typed = (word: string): string =>
  /^(?!-)[^\s"'“”„«»‘’‚\\<>]+$/.test(word) ? word : quoted(word, WHOLE);

/** Whether a first word was meant as an address. */
export const looksLikeAddress = (word: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(word) || /^[\w-]+(\.[\w-]+)+([:/]\S*)?$/.test(word);

/** A page's address, short enough for a title. */
export function pageTitle(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname } = new URL(url);
  return `${host}${pathname === "/" ? "" : pathname}`;
}

/** Where a browser may go. Query and fragment are cut: a token could stand in them. */
export function withoutQuery(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, host, pathname } = new URL(text);
  return protocol === "https:" || protocol === "http:" ? `${protocol}//${host}${pathname}` : undefined;
}

/** The run's page in Arga's dashboard, where Arga gave one. */
export function dashboardOf(run: { dashboard_url?: string | null | undefined }): { dashboardUrl?: string } {
  const url = run.dashboard_url ? withoutQuery(run.dashboard_url) : undefined;
  return url ? { dashboardUrl: url } : {};
}

/** Characters of the longest time that anyone writes, nanoseconds and offset included, and some to spare. */
const INSTANT_LENGTH = 40;

/** Arga's times are UTC; one that does not say so is taken for it. ms since the epoch. */
export function instantOf(text: string | null | undefined): number | undefined {
  if (!text || text.length > INSTANT_LENGTH) return undefined;
  // Anything else that is parsed, such as `12`, would become some year's first day.
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const whole = /^\d{4}-\d\d-\d\d[T ]\S*[+-]\d\d$/i.test(text) ? `${text}:00` : text;
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(whole) ? whole : `${whole}Z`);
  return Number.isFinite(at) ? at : undefined;
}

/** Characters of what is to be tested in a title. */
const TASK_TITLE = 80;

/** `A guest can check out · shop.example.com`: what is tested, before where. */
export function taskTitle(task: string, where: string | undefined): string {
  const words = [...task.replace(/\s+/g, " ")];
  const short = words.length > TASK_TITLE ? `${words.slice(0, TASK_TITLE - 1).join("")}…` : words.join("");
  const title = short.charAt(0).toUpperCase() + short.slice(1);
  return where ? `${title} · ${where}` : title;
}

/** What is to be tested, where a title has no room for all of it. */
export const promptBeyondTitle = (prompt: string | undefined): string[] =>
  prompt !== undefined && [...prompt].length > TASK_TITLE ? [prompt] : [];

/** A page under test. */
export const pageLink = (url: string): { label: string; url: string }[] => [{ label: pageTitle(url), url }];

/** A pull request, by its number. */
export const codePages = ({ prUrl }: CodeTarget): { label: string; url: string }[] =>
  prUrl ? [{ label: `PR #${numberOf(prUrl)}`, url: prUrl }] : [];

/** The last part of a pull request's address that isn't empty. */
const numberOf = (prUrl: string): string => prUrl.split("/").findLast((part) => part !== "") ?? "";

/** A spec that names a scenario, by its id from now on. */
export const withScenario = <Spec extends { scenarioId?: string | undefined }>(
  spec: Spec,
  scenario: Named | undefined,
): Spec => (scenario ? { ...spec, scenarioId: scenario.id, scenarioName: scenario.name } : spec);
