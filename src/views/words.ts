import type { RunControl } from "../runs/controls.ts";
import type { Action, Outcome, PhaseName, Run, RunEvent } from "../runs/run.ts";

/**
 * The one catalogue of words for what people can do to a run, what state it is in, how it ends, and what channels are
 * notified of. Every surface takes them from here, so that one thing has one name.
 */

export interface ControlWords {
  /** On the button: a verb, in sentence case. */
  label: string;
  /** Another label, where the run's state asks for one. */
  labelFor?(run: Run): string | undefined;
  /** Completes "You can't … this run". */
  verb: string;
  style?: "primary" | "danger";
  /** Asked before it's done. */
  confirm?: { title: string; text: string; yes: string; style?: "danger" };
}

export const CONTROL_WORDS: Record<RunControl, ControlWords> = {
  credentials: { label: "Show credentials", verb: "see the credentials of", style: "primary" },
  extend: { label: "Extend…", verb: "extend" },
  lock: {
    label: "Lock",
    verb: "lock",
    confirm: {
      title: "Lock this run?",
      text: "This revokes its public URLs for everyone and can't be undone. The twins keep running.",
      yes: "Lock",
      style: "danger",
    },
  },
  reset: {
    label: "Reset",
    verb: "reset",
    confirm: {
      title: "Reset the twins?",
      text: "Their data goes back to what they started with.",
      yes: "Reset",
    },
  },
  logs: { label: "View logs", verb: "read the logs of" },
  teardown: {
    label: "Tear down",
    labelFor: ({ phase }) => (phase.name === "requested" ? "Cancel" : undefined),
    verb: "tear down",
    style: "danger",
    confirm: {
      title: "Tear down this run?",
      text: "What it runs and all its data will be gone for good.",
      yes: "Tear down",
      style: "danger",
    },
  },
  cancel: {
    label: "Cancel",
    verb: "cancel",
    style: "danger",
    confirm: {
      title: "Cancel this run?",
      text: "It stops where it is. You keep what it has found so far.",
      yes: "Cancel run",
      style: "danger",
    },
  },
  rerun: {
    label: "Rerun",
    labelFor: ({ phase }) =>
      phase.name === "ended" && phase.outcome === "unknown" ? "Try again" : undefined,
    verb: "rerun",
  },
  save: { label: "Save as test…", verb: "save" },
  share: { label: "Share…", verb: "share" },
  dashboard: { label: "Open dashboard", verb: "open the dashboard of" },
};

interface ActionWords {
  /** While Arga is asked for it. */
  doing: string;
  /** Once Arga agreed. */
  done: string;
  /** What else the person who asked should know. */
  effect?: string;
}

export const ACTION_WORDS: Record<Action, ActionWords> = {
  extend: { doing: "extending", done: "extended" },
  lock: { doing: "locking", done: "locked", effect: "Its public URLs are revoked." },
  reset: { doing: "resetting", done: "reset" },
  teardown: { doing: "tearing down", done: "teardown started" },
  cancel: { doing: "cancelling", done: "cancelled" },
  save: { doing: "saving as a test", done: "saved as a test" },
};

/** A state of a run: an emoji, and words that complete "Stripe twin — …". */
export interface StateWords {
  sign: string;
  words: string;
}

/** Arga's own word takes the place of ours while a run starts or is at work. */
export const PHASE_WORDS: Record<Exclude<PhaseName, "ended">, StateWords> = {
  requested: { sign: ":hourglass_flowing_sand:", words: "requested" },
  creating: { sign: ":hourglass_flowing_sand:", words: "starting" },
  starting: { sign: ":large_yellow_circle:", words: "starting" },
  running: { sign: ":large_blue_circle:", words: "running" },
  ready: { sign: ":large_green_circle:", words: "ready" },
  ending: { sign: ":hourglass_flowing_sand:", words: "ending" },
};

export const LOCKED = "locked (no public URLs)";

export const OUTCOME_WORDS: Record<Outcome, StateWords> = {
  passed: { sign: ":white_check_mark:", words: "passed" },
  torn_down: { sign: ":black_circle:", words: "torn down" },
  expired: { sign: ":black_circle:", words: "expired" },
  failed: { sign: ":red_circle:", words: "failed" },
  refused: { sign: ":red_circle:", words: "not started" },
  cancelled: { sign: ":black_circle:", words: "cancelled" },
  lost: { sign: ":grey_question:", words: "lost contact with Arga" },
  unknown: { sign: ":grey_question:", words: "can't tell if it started" },
};

/** What follows on the outcome `unknown`. */
export const UNCONFIRMED = "Arga didn't confirm, and I won't retry on my own or you could end up with two.";

interface EventWords extends StateWords {
  /** In the form that subscribes. */
  option: string;
}

export const EVENT_WORDS: Record<RunEvent, EventWords> = {
  completed: {
    sign: ":black_circle:",
    words: "completed",
    option: "Completed: passed, torn down or expired",
  },
  failed: { sign: ":red_circle:", words: "failed", option: "Failed" },
  ready: { sign: ":large_green_circle:", words: "ready", option: "Ready to use" },
  expiring: { sign: ":hourglass:", words: "about to expire", option: "About to expire" },
};

/** Stands with what was kept from an earlier answer of Arga's. */
export const MAY_BE_OLD = "Arga isn't answering, so this may be out of date.";
