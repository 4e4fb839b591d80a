import type { ActionsBlock, Button, ConfirmationDialog, StaticSelect } from "@slack/types";
import type { RunControl } from "../kinds/kind.ts";
import { expectedEnd } from "../runs/actions.ts";
import type { Run } from "../runs/run.ts";
import { type ActionId, actionId } from "../slack/ids.ts";
import { LIMITS } from "./limits.ts";
import { duration, plain } from "./text.ts";

/** What buttons need to know beside the run. */
export interface ViewContext {
  now: number;
  maxTtlMinutes: number;
}

/** Minutes that the Extend menu offers, as far as the configuration allows. */
const EXTEND_CHOICES = [15, 30, 60, 120, 240, 480];

type Element = Button | StaticSelect;

/** A run's actions block; `n` tells the blocks of one message apart. undefined if there is nothing to press. */
export function actions(
  run: Run,
  offers: readonly RunControl[],
  context: ViewContext,
  n?: number,
): ActionsBlock | undefined {
  const elements = offers.flatMap((offer) => elementOf(offer, run, context) ?? []);
  const dashboard = n === undefined ? dashboardButton(run) : undefined;
  const all = [...elements, ...(dashboard ? [dashboard] : [])];
  if (all.length === 0) return undefined;
  const blockId = n === undefined ? `run:${run.id}` : `run:${run.id}:${n}`;
  return { type: "actions", block_id: blockId, elements: all.slice(0, LIMITS.actionsElements) };
}

function elementOf(offer: RunControl, run: Run, context: ViewContext): Element | undefined {
  switch (offer) {
    case "extend":
      return extendMenu(run, context);
    case "credentials":
      return button("run.credentials", "Credentials", { style: "primary" });
    case "lock":
      return button("run.lock", "Lock", {
        confirm: confirm(
          "Lock this run?",
          "This revokes its public URLs for everyone and cannot be undone. The twins go on running.",
          "Lock",
        ),
      });
    case "reset":
      return button("run.reset", "Reset", {
        confirm: confirm(
          "Reset the twins?",
          "Their data goes back to what they were provisioned with.",
          "Reset",
        ),
      });
    case "teardown":
      if (run.phase.name === "requested") return button("run.teardown", "Cancel", { style: "danger" });
      return button("run.teardown", "Tear down", {
        style: "danger",
        confirm: confirm("Tear down this run?", "What it runs and its data are gone for good.", "Tear down"),
      });
    case "cancel":
      return button("run.cancel", "Cancel", {
        style: "danger",
        confirm: confirm(
          "Cancel this run?",
          "It stops where it is; what it found so far stays.",
          "Cancel it",
        ),
      });
    case "logs":
      return button("run.logs", "Logs");
    case "rerun":
      return button("run.rerun", againWords(run));
  }
}

function againWords({ phase, kind }: Run): string {
  if (phase.name === "ended" && phase.outcome === "unknown") return "Try again";
  if (kind === "test") return "Rerun";
  return kind === "twin" || kind === "sandbox" ? "Start again" : "Run again";
}

/** Extend means "ends N minutes from now": what would end the run sooner isn't offered. */
function extendMenu(run: Run, context: ViewContext): StaticSelect | undefined {
  const left = (expectedEnd(run) ?? 0) - context.now;
  const choices = new Set([
    ...EXTEND_CHOICES.filter((n) => n < context.maxTtlMinutes),
    context.maxTtlMinutes,
  ]);
  const options = [...choices].filter((minutes) => minutes * 60_000 > left);
  if (options.length === 0) return undefined;
  return {
    type: "static_select",
    action_id: actionId("run.extend"),
    placeholder: plain("Extend…", LIMITS.placeholder),
    options: options.map((minutes) => ({
      text: plain(`End ${duration(minutes)} from now`, LIMITS.optionText),
      value: String(minutes),
    })),
  };
}

const dashboardButton = (run: Run): Button | undefined => {
  const url = run.arga?.dashboardUrl;
  if (!url || !/^https?:\/\/\S+$/.test(url) || !URL.canParse(url) || url.length > LIMITS.url)
    return undefined;
  return button("run.dashboard", "Open dashboard", { url });
};

const button = (id: ActionId, text: string, more: Partial<Button> = {}): Button => ({
  type: "button",
  action_id: actionId(id),
  text: plain(text, LIMITS.buttonText),
  ...more,
});

const confirm = (title: string, text: string, yes: string): ConfirmationDialog => ({
  title: plain(title, LIMITS.confirmTitle),
  text: plain(text, LIMITS.confirmText),
  confirm: plain(yes, 30),
  deny: plain("Keep it", 30),
  ...(yes !== "Reset" ? { style: "danger" as const } : {}),
});
