import { createHash } from "node:crypto";
import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  Overflow,
  PlainTextOption,
  StaticSelect,
} from "@slack/types";
import { duration } from "../kinds/durations.ts";
import type { RunDescription } from "../kinds/index.ts";
import { MENU_CONTROLS, type RunControl } from "../runs/controls.ts";
import type { Run } from "../runs/run.ts";
import type { ActionId } from "../slack/ids.ts";
import { LIMITS } from "./limits.ts";
import { plain } from "./text.ts";
import { CONTROL_WORDS, type ControlWords } from "./words.ts";

/** What buttons need to know beside the run. */
export interface ViewContext {
  now: number;
  maxTtlMinutes: number;
  /** Whether the one reader may use a control; what many read has no such reader. */
  isAllowed?: (control: RunControl, run: Run) => boolean;
}

type Element = Button | StaticSelect | Overflow;
type Offers = Pick<RunDescription, "controls" | "expectedEnd">;

/** Beside the menu with the rest. */
const IN_SIGHT = 3;

/** A run's actions block; `n` tells the blocks of one message apart. undefined if there is nothing to press. */
export function actions(
  run: Run,
  { controls, expectedEnd }: Offers,
  context: ViewContext,
  n?: number,
): ActionsBlock | undefined {
  const draw = (name: RunControl): Element | undefined => {
    if (name === "extend") return extendMenu(expectedEnd, context);
    return name === "dashboard" ? dashboardButton(run.arga?.dashboardUrl) : controlButton(run, name);
  };
  const allowed = controls.filter((name) => context.isAllowed?.(name, run) ?? true);
  const drawable = allowed.flatMap((name) => {
    const element = draw(name);
    return element ? [{ name, element }] : [];
  });
  const inSight = drawable.filter(({ name }) => !MENU_CONTROLS.has(name)).slice(0, IN_SIGHT);
  const rest = drawable.filter((each) => !inSight.includes(each)).map(({ name }) => name);
  const shown = [...inSight.map(({ element }) => element), ...(rest.length > 0 ? [more(run, rest)] : [])];
  if (shown.length === 0) return undefined;
  const place = n === undefined ? "" : `${n}:`;
  return { type: "actions", block_id: `run:${run.id}:${place}${offer(run, shown)}`, elements: shown };
}

/** What isn't in sight; an option's value is the control's name. */
function more(run: Run, names: readonly RunControl[]): Overflow {
  const options = names.map((name): PlainTextOption => {
    const { label, labelFor } = CONTROL_WORDS[name];
    const url = name === "dashboard" ? run.arga?.dashboardUrl : undefined;
    return {
      text: plain(labelFor?.(run) ?? label, LIMITS.optionText),
      value: name,
      ...(url ? { url } : {}),
    };
  });
  return {
    type: "overflow",
    action_id: "run.more" satisfies ActionId,
    options,
  };
}

/**
 * Names what is offered: Slack keeps a reader's choice in a menu while its block keeps its id, and the same choice again
 * would then be none. So the id is a new one after each extension.
 */
const offer = ({ deadline }: Run, elements: readonly Element[]): string =>
  createHash("sha256")
    .update(JSON.stringify([deadline?.at, elements]))
    .digest("hex")
    .slice(0, 8);

function controlButton(run: Run, name: RunControl): Button {
  const { label, labelFor, style, confirm } = CONTROL_WORDS[name];
  // Nothing is lost by calling off what Arga was never asked for.
  const isHarmless = run.phase.name === "requested";
  return {
    ...button(`run.${name}`, labelFor?.(run) ?? label),
    ...(style ? { style } : {}),
    ...(confirm && !isHarmless ? { confirm: dialog(confirm) } : {}),
  };
}

/** A plain button. */
export const button = (id: ActionId, label: string): Button => ({
  type: "button",
  action_id: id,
  text: plain(label, LIMITS.buttonText),
});

const dialog = ({ title, text, yes, style }: NonNullable<ControlWords["confirm"]>): ConfirmationDialog => ({
  title: plain(title, LIMITS.confirmTitle),
  text: plain(text, LIMITS.confirmText),
  confirm: plain(yes, LIMITS.confirmButton),
  deny: plain("Never mind", LIMITS.confirmButton),
  ...(style ? { style } : {}),
});

/** A link to a run's page in Arga's dashboard; undefined if Slack would refuse its address. */
export function dashboardButton(url: string | undefined): Button | undefined {
  return isPage(url) ? { ...button("run.dashboard", CONTROL_WORDS.dashboard.label), url } : undefined;
}

/** An address that Slack takes for a button. */
export const isPage = (url: string | undefined): url is string =>
  url !== undefined && /^https?:\/\/\S+$/.test(url) && URL.canParse(url) && url.length <= LIMITS.url;

const extendOption = (minutes: number): PlainTextOption => ({
  text: plain(`End ${duration(minutes)} from now`, LIMITS.optionText),
  value: String(minutes),
});

/** What the Extend menu offers, by minutes, as far as the configuration allows. */
const EXTEND_OPTIONS = new Map(
  [15, 30, 60, 120, 240, 480].map((minutes) => [minutes, extendOption(minutes)]),
);

/** Extend means "ends N minutes from now": what would end the run sooner isn't offered. */
function extendMenu(expectedEnd = 0, { now, maxTtlMinutes }: ViewContext): StaticSelect | undefined {
  const left = expectedEnd - now;
  const choices = new Set([...EXTEND_OPTIONS.keys()].filter((n) => n < maxTtlMinutes)).add(maxTtlMinutes);
  const options = [...choices]
    .filter((minutes) => minutes * 60_000 > left)
    .map((minutes) => EXTEND_OPTIONS.get(minutes) ?? extendOption(minutes));
  if (options.length === 0) return undefined;
  return {
    type: "static_select",
    action_id: "run.extend" satisfies ActionId,
    placeholder: plain(CONTROL_WORDS.extend.label, LIMITS.placeholder),
    options,
  };
}
