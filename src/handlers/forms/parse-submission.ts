import * as z from "zod";
import { minutesOf } from "../../kinds/durations.ts";
import { type Line, UsageError } from "../../kinds/grammar.ts";
import { type AnyKind, allKinds } from "../../kinds/index.ts";
import type { Limits, PreflightProblem } from "../../kinds/kind.ts";
import { plainWord } from "../../kinds/plain.ts";
import {
  branchOf,
  isRepo,
  looksLikeAddress,
  pullRequest,
  twinNames,
  webAddress,
} from "../../kinds/targets.ts";
import { joinTimes } from "../../kinds/times.ts";
import { actionOf } from "../../views/form-inputs.ts";
import { FIELDS, PRIVATE, type TestPrefill, type Thread } from "../../views/forms.ts";
import { carriedIn } from "../shared/carried.ts";
import type { StateValue, Submission } from "../shared/handlers.ts";

/** A form as it was read: how each field is judged, and the command that it stands for if all are right. */
export interface ParsedSubmission {
  checks: Check[];
  command: FormCommand;
  line: Line;
  /** Where it is shown that something is not to be had. */
  about: Record<PreflightProblem["about"], string>;
  /** A thread that hears of the end too. */
  sourceThread?: Thread | undefined;
}

/** A form of twins. */
export function parseTwinsForm(submission: Submission, limits: Limits): ParsedSubmission {
  const command = kindCommand("twins");
  const twins = allChosenIn(submission, FIELDS.twins);
  const time = timeIn(submission);
  const scenario = chosenIn(submission, FIELDS.scenario);
  const prompt = typedIn(submission, FIELDS.prompt);
  const access = chosenIn(submission, FIELDS.access) === PRIVATE ? { private: "true" } : {};
  const reads = readerOf(command, limits);
  return {
    checks: [
      [FIELDS.twins, () => reads(twinNames(twins, ""))],
      // In a line, a word that is no time is taken for a twin.
      [FIELDS.time, () => time && minutesOf(time, limits.maxTtlMinutes, "")],
      [FIELDS.scenario, () => reads([ANY_TWIN], { scenario })],
      [FIELDS.prompt, () => refuseIf(scenario !== "" && prompt !== "", BOTH_SEEDS)],
      [FIELDS.prompt, () => reads([ANY_TWIN], { prompt })],
    ],
    command,
    line: line([...twins, ...(time ? [time] : [])], { scenario, prompt, ...access }),
    about: {
      twins: FIELDS.twins,
      time: FIELDS.time,
      quota: FIELDS.twins,
      scenario: FIELDS.scenario,
      saved: FIELDS.twins,
    },
  };
}

const ANY_TWIN = "stripe";
const BOTH_SEEDS = "Choose a scenario or describe the data, not both. Arga would ignore the description.";

/** A form of a test: of a page, or a saved one. */
export const parseTestForm = (submission: Submission, limits: Limits): ParsedSubmission =>
  (chosenIn(submission, FIELDS.saved) ? savedIn : pageIn)(submission, limits);

function pageIn(submission: Submission, limits: Limits): ParsedSubmission {
  const command = kindCommand("test");
  const url = nameIn(submission, FIELDS.url);
  const what = typedIn(submission, FIELDS.what);
  const twins = allChosenIn(submission, FIELDS.twins).join(",");
  const repo = nameIn(submission, FIELDS.repo);
  const branch = nameIn(submission, FIELDS.branch);
  const reads = readerOf(command, limits);
  return {
    checks: [
      [FIELDS.url, () => refuseIf(url === "", "Give a page's URL, or choose a saved test.")],
      [FIELDS.url, () => refuseIf(/\s/.test(url), "Just one URL, without spaces.")],
      [FIELDS.url, () => reads([url, "x"])],
      [FIELDS.what, () => refuseIf(what === "", "Say what to test, or choose a saved test.")],
      [FIELDS.twins, () => reads([ANY_PAGE, "x"], { twins })],
      [FIELDS.repo, () => reads([ANY_PAGE, "x"], { repo })],
      [FIELDS.branch, () => reads([ANY_PAGE, "x"], { branch })],
    ],
    command,
    line: line([url, what], { twins, repo, branch }),
    about: {
      twins: FIELDS.twins,
      time: FIELDS.url,
      quota: FIELDS.url,
      scenario: FIELDS.url,
      saved: FIELDS.url,
    },
    sourceThread: threadIn(submission),
  };
}

const ANY_PAGE = "https://example.com";

function savedIn(submission: Submission, limits: Limits): ParsedSubmission {
  const command = kindCommand("run");
  const id = chosenIn(submission, FIELDS.saved);
  const url = nameIn(submission, FIELDS.url);
  const reads = readerOf(command, limits);
  const isFilled = (field: string): boolean =>
    typedIn(submission, field) !== "" || allChosenIn(submission, field).length > 0;
  const others = [FIELDS.what, FIELDS.twins, FIELDS.repo, FIELDS.branch].map(
    (field): Check => [field, () => refuseIf(isFilled(field), OF_ITS_OWN)],
  );
  return {
    checks: [
      [FIELDS.saved, () => reads([id])],
      [FIELDS.url, () => void (url && webAddress(url, (fixed) => fixed))],
      ...others,
    ],
    command,
    line: line([id, ...(url ? [url] : [])]),
    about: {
      twins: FIELDS.saved,
      time: FIELDS.saved,
      quota: FIELDS.saved,
      scenario: FIELDS.saved,
      saved: FIELDS.saved,
    },
    sourceThread: threadIn(submission),
  };
}

/** What a form of a test holds, for one that is drawn anew. */
export function testPrefillOf(submission: Submission): TestPrefill {
  const given = {
    url: typedIn(submission, FIELDS.url),
    what: typedIn(submission, FIELDS.what),
    repo: typedIn(submission, FIELDS.repo),
    branch: typedIn(submission, FIELDS.branch),
  };
  const from = threadIn(submission);
  return { ...given, twins: allChosenIn(submission, FIELDS.twins), ...(from ? { from } : {}) };
}

const OF_ITS_OWN = "A saved test has its own. Leave this empty, or choose no saved test.";

/** A form of a validation: of a page, or of code. */
export function parseValidateForm(submission: Submission, limits: Limits): ParsedSubmission {
  const target = nameIn(submission, FIELDS.target);
  const branch = nameIn(submission, FIELDS.branch);
  const what = typedIn(submission, FIELDS.what);
  const twins = allChosenIn(submission, FIELDS.twins).join(",");
  const subject = chosenIn(submission, FIELDS.subject);
  const isCode = pullRequest(target) !== undefined || isRepo(target);
  const isPage = !isCode && subject !== "branch";
  const words = isCode ? codeWords(target, branch) : [target, what];
  const typed = line(
    words.filter((word) => word !== ""),
    isCode ? { notes: what, twins } : { twins },
  );
  const reads = (asked: Line): unknown => commandTaking("validate", asked, limits).parse(asked, limits);
  return {
    checks: [
      [FIELDS.target, () => refuseIf(/\s/.test(target), "Just one of them, without spaces.")],
      [FIELDS.target, () => checkSubject(subject, target)],
      [FIELDS.branch, () => refuseIf(isPage && branch !== "", "A page has no branch. Leave this empty.")],
      ...branchChecks(target, branch),
      [FIELDS.twins, () => reads(line([ANY_PAGE], { twins }))],
      [FIELDS.target, () => reads(line(byItself(target, branch)))],
    ],
    command: commandTaking("validate", typed, limits),
    line: typed,
    about: {
      twins: FIELDS.twins,
      time: FIELDS.target,
      quota: FIELDS.target,
      scenario: FIELDS.target,
      saved: FIELDS.target,
    },
  };
}

/** A form of a sandbox. */
export function parseSandboxForm(submission: Submission, limits: Limits): ParsedSubmission {
  const command = kindCommand("sandbox");
  const target = nameIn(submission, FIELDS.target);
  const branch = nameIn(submission, FIELDS.branch);
  const twins = allChosenIn(submission, FIELDS.twins);
  const time = timeIn(submission);
  const scenario = chosenIn(submission, FIELDS.scenario);
  const code = codeWords(target, branch);
  const reads = readerOf(command, limits);
  return {
    checks: [
      [FIELDS.target, () => refuseIf(/\s/.test(target), "Just one of them, without spaces.")],
      [FIELDS.target, () => checkSubject(chosenIn(submission, FIELDS.code), target)],
      ...branchChecks(target, branch),
      [FIELDS.target, () => reads(byItself(target, branch))],
      [FIELDS.twins, () => reads([...ANY_CODE, ...twinNames(twins, "")])],
      [FIELDS.time, () => time && minutesOf(time, limits.maxTtlMinutes, "")],
      [FIELDS.scenario, () => reads([...ANY_CODE], { scenario })],
    ],
    command,
    line: line([...code, ...twins, ...(time ? [time] : [])], { scenario }),
    about: {
      twins: FIELDS.twins,
      time: FIELDS.time,
      quota: FIELDS.target,
      scenario: FIELDS.scenario,
      saved: FIELDS.target,
    },
  };
}

/** It's what was said that it would be. Of a page, any address is one. */
function checkSubject(subject: string, target: string): void {
  refuseIf(subject === "branch" && !isRepo(target), "Give the repository as owner/name.");
  refuseIf(
    subject === "pull" && pullRequest(target) === undefined,
    "Give a pull request's URL, such as https://github.com/acme/shop/pull/42.",
  );
}

const ANY_CODE = ["acme/shop", "main"];

const codeWords = (target: string, branch: string): string[] => [target, ...(branch ? [branch] : [])];

/** A repository without one; what may as well be a page is asked about by the command itself. */
const lacksBranch = (target: string, branch: string): boolean =>
  isRepo(target) && !looksLikeAddress(target) && branch === "";

/** What is judged for the target's sake alone: its branch has a field of its own. */
const byItself = (target: string, branch: string): string[] =>
  isRepo(target) && (branch !== "" || lacksBranch(target, branch)) ? [target, "main"] : [target];

/** Of a repository there must be one; what stands after a pull request would be taken for something else. */
const branchChecks = (target: string, branch: string): Check[] => [
  [
    FIELDS.branch,
    () =>
      refuseIf(
        pullRequest(target) !== undefined && branch !== "",
        "A pull request has a branch of its own. Leave this empty.",
      ),
  ],
  [
    FIELDS.branch,
    () => refuseIf(lacksBranch(target, branch), "Which branch? Or give a pull request's URL above."),
  ],
  [FIELDS.branch, () => branch && branchOf(branch, "")],
];

/** The command of that name, as the kind has it that takes the line; one that refuses it says why. */
function commandTaking(name: string, typed: Line, limits: Limits): FormCommand {
  for (const kind of allKinds)
    for (const { grammar, parse } of kind.commands)
      if (grammar.name === name && isTaken(() => parse(typed, limits))) return { kind, parse };
  return kindCommand(name);
}

function isTaken(read: () => unknown): boolean {
  try {
    return read() !== undefined;
  } catch (error) {
    if (error instanceof UsageError) return true;
    throw error;
  }
}

const readerOf =
  ({ parse }: FormCommand, limits: Limits) =>
  (words: string[], flags: Record<string, string> = {}): unknown =>
    parse(line(words, flags), limits);

function refuseIf(isWrong: boolean, why: string): void {
  if (isWrong) throw new UsageError(why);
}

const metadata = z.object({ from: z.object({ channel: z.string(), threadTs: z.string() }) });

/** The message that the form was opened on, as we put it there. */
function threadIn({ metadata: json }: Submission): Thread | undefined {
  return carriedIn(metadata, json)?.from;
}

/** What is wrong with which field, by `block_id`. */
export type Errors = Record<string, string>;

const fieldOf = ({ values }: Submission, field: string): StateValue => values[field]?.[actionOf(field)] ?? {};

/**
 * With each field under its own name: one that was filled in from a preset is called otherwise in Slack, which would keep
 * what stood in it before. `idOf`: what it is called there.
 */
export function withPlainIds(submission: Submission): Submission & { idOf(field: string): string } {
  const ids = new Map(Object.keys(submission.values).map((id) => [id.split(":")[0] ?? id, id]));
  const values = Object.fromEntries([...ids].map(([field, id]) => [field, submission.values[id] ?? {}]));
  return { ...submission, values, idOf: (field) => ids.get(field) ?? field };
}

/** What was typed, without the space around it. */
const typedIn = (submission: Submission, field: string): string =>
  fieldOf(submission, field).value?.trim() ?? "";

/** A name, a time or an address, as it was meant. */
const nameIn = (submission: Submission, field: string): string => plainWord(typedIn(submission, field));

/** A duration: one that was offered, or one that was typed in other words. */
const timeIn = (submission: Submission): string =>
  joinTimes(
    plainWord(chosenIn(submission, FIELDS.time) || typedIn(submission, FIELDS.time)).split(/\s+/),
  ).join("");

const chosenIn = (submission: Submission, field: string): string =>
  fieldOf(submission, field).selected_option?.value ?? "";

const allChosenIn = (submission: Submission, field: string): string[] =>
  (fieldOf(submission, field).selected_options ?? []).flatMap(({ value }) => (value ? [value] : []));

export const conversationIn = (submission: Submission, field: string): string =>
  fieldOf(submission, field).selected_conversation ?? "";

/** A command as its kind reads it: a form is a line that no one had to type. */
interface FormCommand {
  kind: AnyKind;
  parse(line: Line, limits: Limits): unknown;
}

function kindCommand(name: string): FormCommand {
  for (const kind of allKinds)
    for (const { grammar, parse } of kind.commands) if (grammar.name === name) return { kind, parse };
  throw new TypeError(`No kind of run has the command ${name}.`);
}

const line = (words: string[], flags: Record<string, string> = {}): Line => ({
  words,
  flags: new Map(Object.entries(flags).filter(([, value]) => value !== "")),
});

/** A field, and how it is read by itself. */
type Check = [field: string, read: () => unknown];

/** Reads one field after another, so that each hears what is wrong with it. */
export function wrongIn(checks: readonly Check[]): Errors {
  const errors: Errors = {};
  for (const [field, read] of checks) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      errors[field] ??= inField(error.message);
    }
  }
  return errors;
}

/** Under a field stands plain text: what would be code in a message is quoted. */
export const inField = (words: string): string => words.replace(/`([^`]*)`/g, "“$1”").slice(0, 500);
