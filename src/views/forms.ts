import type {
  ActionsBlock,
  Button,
  ExternalSelect,
  InputBlock,
  KnownBlock,
  ModalView,
  RadioButtons,
} from "@slack/types";
import { duration } from "../kinds/durations.ts";
import type { Limits } from "../kinds/kind.ts";
import { defaultTtl } from "../kinds/targets.ts";
import { suffixed, type ViewId } from "../slack/ids.ts";
import {
  channelSelect,
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
  what: "what",
  repo: "repo",
  branch: "branch",
  saved: "saved",
} as const;

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
    optional(
      input(FIELDS.time, "Duration", textInput(FIELDS.time, { initial: prefill.time, placeholder: "2h" })),
      timeHint(context),
    ),
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

/** The limit is Arga's plan's, once that is known, or the configuration's. */
function timeHint({ limits, planName }: FormContext): string {
  const { maxTtlMinutes, planTtlMinutes = Number.POSITIVE_INFINITY } = limits;
  const isPlan = planTtlMinutes < maxTtlMinutes;
  const whose = isPlan ? ` on your Arga account's ${planName ? `${planName} ` : ""}plan` : "";
  return `For example 90, 90m or 2h. Up to ${duration(Math.min(maxTtlMinutes, planTtlMinutes))}${whose}. If you leave it empty: ${duration(defaultTtl(limits))}.`;
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

/** A page and what to test on it, or a saved test. */
export function testForm(context: FormContext, prefill: TestPrefill = {}): ModalView {
  const { url, what, twins, repo, branch, from } = prefill;
  const view = modal("arga_test", { title: "Run a test", submit: "Run" }, [
    ...away(context),
    ...(from ? [note(prefill.isFromShut ? UNHEARD : HEARD)] : []),
    optional(
      input(
        FIELDS.url,
        "Page URL",
        textInput(FIELDS.url, { initial: url, placeholder: "https://shop.example.com" }),
      ),
    ),
    optional(
      input(
        FIELDS.what,
        "What to test",
        textInput(FIELDS.what, { initial: what, placeholder: "A guest can check out", isLong: true }),
      ),
    ),
    optional(
      input(
        FIELDS.twins,
        "Twins the page uses",
        searchableMany(FIELDS.twins, "Choose, or type a name", twins),
      ),
    ),
    ...codeInputs(repo, branch),
    optional(
      input(FIELDS.saved, "Or a saved test", savedSelect(prefill)),
      "Runs as saved. If you give a URL above, it runs on that page.",
    ),
    input(FIELDS.channel, "Channel", channelSelect(FIELDS.channel, context.channel)),
  ]);
  return from ? { ...view, private_metadata: JSON.stringify({ from }) } : view;
}

const savedSelect = ({ saved, savedName }: TestPrefill): ExternalSelect =>
  searchable(
    FIELDS.saved,
    "Choose, or type an id",
    saved ? { value: saved, text: savedName ?? saved } : undefined,
  );

const codeInputs = (repo: string | undefined, branch: string | undefined): InputBlock[] => [
  optional(
    input(FIELDS.repo, "Repository", textInput(FIELDS.repo, { initial: repo, placeholder: "owner/name" })),
  ),
  optional(
    input(FIELDS.branch, "Branch", textInput(FIELDS.branch, { initial: branch, placeholder: "main" })),
  ),
];

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
