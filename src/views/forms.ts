import type { ActionsBlock, Button, InputBlock, KnownBlock, ModalView, RadioButtons } from "@slack/types";
import { duration } from "../kinds/durations.ts";
import type { Limits } from "../kinds/kind.ts";
import { defaultTtl } from "../kinds/targets.ts";
import { suffixed, type ViewId } from "../slack/ids.ts";
import {
  channelSelect,
  dispatched,
  idsOf,
  input,
  option,
  optional,
  searchable,
  searchableMany,
  textInput,
} from "./form-inputs.ts";
import { LIMITS } from "./limits.ts";
import { note, plain } from "./text.ts";

/** The forms behind the shortcuts, and behind `/arga twins` and `/arga test` with nothing after them. */

/** The inputs of both forms, by the `block_id` of each. */
export const FIELDS = {
  twins: "twins",
  time: "time",
  scenario: "scenario",
  prompt: "prompt",
  access: "access",
  channel: "channel",
  url: "url",
  target: "target",
  what: "what",
  repo: "repo",
  branch: "branch",
  saved: "saved",
  subject: "subject",
  code: "code",
} as const;

/** What a validation or a sandbox is of: each asks for other things. */
const SUBJECTS = { page: "A page", branch: "A branch", pull: "A pull request" } as const;
export type Subject = keyof typeof SUBJECTS;

export const isSubject = (value: string | undefined): value is Subject =>
  value !== undefined && Object.hasOwn(SUBJECTS, value);

export const PRIVATE = "private";
const PUBLIC = "public";

/** What is known around a form when it is drawn; more may be known a moment later. */
export interface FormContext {
  limits: Limits;
  /** Of Arga's account, such as `free`. */
  planName?: string | undefined;
  /** Arga was asked and does not answer. */
  isAway?: boolean;
  /** The conversation that it was opened in, where Slack says so. */
  channel?: string | undefined;
  /** Names of the person's own. */
  presets?: readonly string[];
  /** Makes the names of the fields other ones, for a form that is filled in anew. */
  again?: string;
}

/** What a form of twins starts out with. */
export interface TwinsPrefill {
  twins?: readonly string[];
  time?: string;
  /** By its id. */
  scenario?: string;
  prompt?: string;
  isPrivate?: boolean;
}

/** What a form of a test starts out with. */
export interface TestPrefill {
  url?: string;
  what?: string;
  twins?: readonly string[];
  repo?: string;
  branch?: string;
  /** A saved test's id, and its name where that is known. */
  saved?: string | undefined;
  savedName?: string | undefined;
  /** The thread of a message, which gets the result. */
  from?: Thread;
  /** The bot can't post there. */
  isFromShut?: boolean;
}

/** What a form of a validation or a sandbox starts out with. */
export interface SubjectPrefill {
  subject?: Subject;
}

/** A thread, by the message that it belongs to. */
export interface Thread {
  channel: string;
  threadTs: string;
}

/** Drawn again when more is known: the inputs keep their ids, so that Slack keeps what was typed. */
export function twinsForm(context: FormContext, prefill: TwinsPrefill = {}): ModalView {
  const { scenario } = prefill;
  const view = modal("arga_twins", { title: "Start twins", submit: "Start" }, [
    ...away(context),
    ...presetButtons("form.preset", context.presets ?? []),
    input(FIELDS.twins, "Twins", searchableMany(FIELDS.twins, "Choose, or type a name", prefill.twins)),
    timeInput(context, prefill.time),
    optional(
      input(
        FIELDS.scenario,
        "Scenario",
        searchable(
          FIELDS.scenario,
          "Choose, or type an id",
          scenario ? { value: scenario, text: scenario } : undefined,
        ),
      ),
    ),
    optional(
      input(
        FIELDS.prompt,
        "Or describe the data",
        textInput(FIELDS.prompt, {
          initial: prefill.prompt,
          placeholder: "One customer with a past due invoice",
          isLong: true,
        }),
      ),
    ),
    input(FIELDS.access, "Access", access(prefill.isPrivate)),
    input(FIELDS.channel, "Channel", channelSelect(FIELDS.channel, context.channel)),
  ]);
  const { again } = context;
  if (!again) return view;
  const renamed = (block: KnownBlock): KnownBlock =>
    block.type === "input" ? { ...block, block_id: `${block.block_id}:${again}` } : block;
  return { ...view, blocks: (view.blocks as KnownBlock[]).map(renamed) };
}

/** A button for each of somebody's presets. */
export function presetButtons(id: "form.preset" | "home.preset", names: readonly string[]): ActionsBlock[] {
  const elements = names.map(
    (name, n): Button => ({
      type: "button",
      action_id: suffixed(id, n),
      text: plain(name, LIMITS.buttonText),
      value: name,
    }),
  );
  return elements.length > 0 ? [{ type: "actions", block_id: id.replace(".", ":"), elements }] : [];
}

/** The usual ones, and whatever is typed. */
const timeInput = (context: FormContext, chosen?: string): InputBlock =>
  optional(
    input(
      FIELDS.time,
      "Duration",
      searchable(FIELDS.time, "Choose, or type one", chosen ? { value: chosen, text: chosen } : undefined),
    ),
    timeHint(context),
  );

/** The limit is Arga's plan's, once that is known, or the configuration's. */
function timeHint({ limits, planName }: FormContext): string {
  const { maxTtlMinutes, planTtlMinutes = Number.POSITIVE_INFINITY } = limits;
  const isPlan = planTtlMinutes < maxTtlMinutes;
  const whose = isPlan ? ` on your Arga account's ${planName ? `${planName} ` : ""}plan` : "";
  return `Or type another, such as 90m. Up to ${duration(Math.min(maxTtlMinutes, planTtlMinutes))}${whose}. If you leave it empty: ${duration(defaultTtl(limits))}.`;
}

function access(isPrivate = false): RadioButtons {
  const anyone = option(PUBLIC, "Public: anyone with a URL");
  const holders = option(PRIVATE, "Private: only with the run's token");
  return {
    type: "radio_buttons",
    ...idsOf(FIELDS.access),
    options: [anyone, holders],
    initial_option: isPrivate ? holders : anyone,
  };
}

/** A page and what to test on it; or a saved test, which has all of that. */
export function testForm(context: FormContext, prefill: TestPrefill = {}): ModalView {
  const { saved, savedName, from } = prefill;
  const chosen = saved ? { value: saved, text: savedName ?? saved } : undefined;
  const view = modal("arga_test", { title: "Run a test", submit: "Run" }, [
    ...away(context),
    ...(from ? [note(prefill.isFromShut ? UNHEARD : HEARD)] : []),
    dispatched(
      optional(
        input(FIELDS.saved, "Saved test", searchable(FIELDS.saved, "Choose, or type an id", chosen)),
        saved ? "Runs as saved." : "Or leave this empty and say what to test.",
      ),
    ),
    ...(saved ? [savedPage(prefill)] : newTest(prefill)),
    input(FIELDS.channel, "Channel", channelSelect(FIELDS.channel, context.channel)),
  ]);
  return from ? { ...view, private_metadata: JSON.stringify({ from }) } : view;
}

const pageInput = (url: string | undefined): InputBlock =>
  input(
    FIELDS.url,
    "Page URL",
    textInput(FIELDS.url, { initial: url, placeholder: "https://shop.example.com" }),
  );

const savedPage = ({ url }: TestPrefill): InputBlock =>
  optional(pageInput(url), "To run it on another page than it was saved for.");

const newTest = ({ url, what, twins, repo, branch }: TestPrefill): InputBlock[] => [
  pageInput(url),
  input(
    FIELDS.what,
    "What to test",
    textInput(FIELDS.what, { initial: what, placeholder: "A guest can check out", isLong: true }),
  ),
  optional(
    input(FIELDS.twins, "Twins the page uses", searchableMany(FIELDS.twins, "Choose, or type a name", twins)),
  ),
  optional(
    input(FIELDS.repo, "Repository", textInput(FIELDS.repo, { initial: repo, placeholder: "owner/name" })),
  ),
  optional(
    input(FIELDS.branch, "Branch", textInput(FIELDS.branch, { initial: branch, placeholder: "main" })),
  ),
];

/** A page, or code. */
export const validateForm = (context: FormContext, { subject = "page" }: SubjectPrefill = {}): ModalView =>
  modal("arga_validate", { title: "Validate", submit: "Validate" }, [
    ...away(context),
    subjectInput(FIELDS.subject, ["page", "branch", "pull"], subject),
    ...targetInputs(subject),
    optional(
      input(
        FIELDS.what,
        subject === "page" ? "What to test" : "What to know about the code",
        textInput(FIELDS.what, {
          placeholder: subject === "page" ? "A guest can check out" : "The cart is new",
          isLong: true,
        }),
      ),
    ),
    optional(input(FIELDS.twins, "Twins", searchableMany(FIELDS.twins, "Choose, or type a name"))),
    input(FIELDS.channel, "Channel", channelSelect(FIELDS.channel, context.channel)),
  ]);

/** An app of a repository beside twins. */
export const sandboxForm = (context: FormContext, { subject = "branch" }: SubjectPrefill = {}): ModalView =>
  modal("arga_sandbox", { title: "Start a sandbox", submit: "Start" }, [
    ...away(context),
    subjectInput(FIELDS.code, ["branch", "pull"], subject),
    ...targetInputs(subject),
    optional(input(FIELDS.twins, "Twins", searchableMany(FIELDS.twins, "Choose, or type a name"))),
    timeInput(context),
    optional(input(FIELDS.scenario, "Scenario", searchable(FIELDS.scenario, "Choose, or type an id"))),
    input(FIELDS.channel, "Channel", channelSelect(FIELDS.channel, context.channel)),
  ]);

function subjectInput(field: string, subjects: readonly Subject[], chosen: Subject): InputBlock {
  const options = subjects.map((subject) => option(subject, SUBJECTS[subject]));
  const initial = options.find(({ value }) => value === chosen);
  const element: RadioButtons = {
    type: "radio_buttons",
    ...idsOf(field),
    options,
    ...(initial ? { initial_option: initial } : {}),
  };
  return dispatched(input(field, "Of what", element));
}

/** What must be said of it, and no more. */
function targetInputs(subject: Subject): InputBlock[] {
  const { label, placeholder } = TARGETS[subject];
  const target = input(FIELDS.target, label, textInput(FIELDS.target, { placeholder }));
  const branch = input(FIELDS.branch, "Branch", textInput(FIELDS.branch, { placeholder: "main" }));
  return subject === "branch" ? [target, branch] : [target];
}

const TARGETS: Record<Subject, { label: string; placeholder: string }> = {
  page: { label: "Page URL", placeholder: "https://shop.example.com" },
  branch: { label: "Repository", placeholder: "owner/name" },
  pull: { label: "Pull request URL", placeholder: "https://github.com/owner/name/pull/42" },
};

const HEARD = "I'll post the result in that message's thread too, if I'm in its channel.";
const UNHEARD =
  "I can't post the result in that message's thread: I'm not in its channel. Invite me there with `/invite`.";

const AWAY = "Arga isn't answering. You can type names; I'll check them once it's back.";

const away = ({ isAway }: FormContext): KnownBlock[] => (isAway ? [note(`:warning: ${AWAY}`)] : []);

const modal = (
  id: ViewId,
  { title, submit }: { title: string; submit: string },
  blocks: KnownBlock[],
): ModalView => ({
  type: "modal",
  callback_id: id,
  title: plain(title, LIMITS.modalTitle),
  submit: plain(submit, LIMITS.modalTitle),
  close: plain("Cancel", LIMITS.modalTitle),
  blocks,
});
