import { z } from "zod";
import { minutesOf } from "../../kinds/durations.ts";
import { UsageError } from "../../kinds/grammar.ts";
import type { Limits } from "../../kinds/kind.ts";
import { twinNames } from "../../kinds/targets.ts";
import { FIELDS, PRIVATE, type Thread } from "../../views/forms.ts";
import type { Submission } from "../shared/context.ts";
import {
  allChosenIn,
  type Check,
  chosenIn,
  commandNamed,
  type FormCommand,
  line,
  typedIn,
} from "./fields.ts";
import type { FormOrder } from "./submit.ts";

/** What was read of a form: how each field is judged, and what is ordered if all are right. */
export interface ParsedSubmission {
  checks: Check[];
  order: FormOrder;
}

/** A form of twins. */
export function parseTwinsForm(submission: Submission, limits: Limits): ParsedSubmission {
  const command = commandNamed("twins");
  const twins = allChosenIn(submission, FIELDS.twins);
  const time = typedIn(submission, FIELDS.time).replace(/\s+/g, "");
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
    order: {
      command,
      line: line([...twins, ...(time ? [time] : [])], { scenario, prompt, ...access }),
      submission,
      about: { twins: FIELDS.twins, time: FIELDS.time, quota: FIELDS.twins },
    },
  };
}

const ANY_TWIN = "stripe";
const BOTH_SEEDS = "Choose a scenario or describe the data, not both: Arga would ignore the description.";

/** A form of a test: of a page, or a saved one. */
export const parseTestForm = (submission: Submission, limits: Limits): ParsedSubmission =>
  (chosenIn(submission, FIELDS.saved) ? savedIn : pageIn)(submission, limits);

function pageIn(submission: Submission, limits: Limits): ParsedSubmission {
  const command = commandNamed("test");
  const url = typedIn(submission, FIELDS.url);
  const what = typedIn(submission, FIELDS.what);
  const twins = allChosenIn(submission, FIELDS.twins).join(",");
  const repo = typedIn(submission, FIELDS.repo);
  const branch = typedIn(submission, FIELDS.branch);
  const reads = readerOf(command, limits);
  return {
    checks: [
      [FIELDS.url, () => refuseIf(url === "", "Give the address of a page, or choose a saved test.")],
      [FIELDS.url, () => refuseIf(/\s/.test(url), "One address, please, without spaces.")],
      [FIELDS.url, () => reads([url, "x"])],
      [FIELDS.what, () => refuseIf(what === "", "Say what is to be tested, or choose a saved test.")],
      [FIELDS.twins, () => reads([ANY_PAGE, "x"], { twins })],
      [FIELDS.repo, () => reads([ANY_PAGE, "x"], { repo })],
      [FIELDS.branch, () => reads([ANY_PAGE, "x"], { branch })],
    ],
    order: {
      command,
      line: line([url, what], { twins, repo, branch }),
      submission,
      about: { twins: FIELDS.twins, time: FIELDS.url, quota: FIELDS.url },
      sourceThread: threadIn(submission),
    },
  };
}

const ANY_PAGE = "https://example.com";

function savedIn(submission: Submission, limits: Limits): ParsedSubmission {
  const command = commandNamed("run");
  const id = chosenIn(submission, FIELDS.saved);
  const url = typedIn(submission, FIELDS.url);
  const reads = readerOf(command, limits);
  const isFilled = (field: string): boolean =>
    typedIn(submission, field) !== "" || allChosenIn(submission, field).length > 0;
  const others = [FIELDS.what, FIELDS.twins, FIELDS.repo, FIELDS.branch].map(
    (field): Check => [field, () => refuseIf(isFilled(field), OF_ITS_OWN)],
  );
  return {
    checks: [
      [FIELDS.saved, () => reads([id])],
      [FIELDS.url, () => reads([ANY_TEST, ...(url ? [url] : [])])],
      ...others,
    ],
    order: {
      command,
      line: line([id, ...(url ? [url] : [])]),
      submission,
      about: { twins: FIELDS.saved, time: FIELDS.saved, quota: FIELDS.saved },
      sourceThread: threadIn(submission),
    },
  };
}

const ANY_TEST = "any";
const OF_ITS_OWN = "A saved test has its own. Leave this empty, or choose no saved test.";

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
  return json ? metadata.parse(JSON.parse(json)).from : undefined;
}
