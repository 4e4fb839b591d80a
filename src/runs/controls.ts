import type { Action, PhaseName, Run } from "./run.ts";

/** What a kind of run can do, as far as its controls depend on it. */
interface Abilities {
  actions: readonly Action[];
  secrets?: unknown;
  logs?: unknown;
  isSavable?(run: Run): boolean;
}

interface Control {
  /** Who may use it (docs/using.md#who-may-do-what). */
  openTo: "channel" | "requester";
  isOffered(run: Run, kind: Abilities): boolean;
  /** It stands behind the others, in a menu: seldom wanted, or not to be pressed by mistake. */
  isInMenu?: true;
}

const isIn = ({ phase }: Run, ...phases: readonly PhaseName[]): boolean => phases.includes(phase.name);

const isAlive = (run: Run): boolean => isIn(run, "requested", "starting", "running", "ready");

/**
 * Everything that a person can use on a run, in the order of the buttons. A new control is a line here, its words in
 * `views/words.ts`, and its handler in `handlers/actions/`.
 */
export const CONTROLS = {
  credentials: {
    openTo: "requester",
    isOffered: (run, { secrets }) => secrets !== undefined && isIn(run, "ready"),
  },
  extend: {
    openTo: "channel",
    isOffered: (run, { actions }) => actions.includes("extend") && isIn(run, "starting", "ready"),
  },
  lock: {
    openTo: "requester",
    isInMenu: true,
    isOffered: (run, { actions }) =>
      actions.includes("lock") && isIn(run, "ready") && run.arga?.isPublic !== false,
  },
  reset: {
    openTo: "requester",
    isInMenu: true,
    isOffered: (run, { actions }) => actions.includes("reset") && isIn(run, "ready"),
  },
  logs: {
    openTo: "channel",
    isOffered: (run, { logs }) => logs !== undefined && run.arga !== undefined,
  },
  teardown: {
    openTo: "requester",
    isOffered: (run, { actions }) => actions.includes("teardown") && isAlive(run),
  },
  cancel: {
    openTo: "requester",
    isOffered: (run, { actions }) => actions.includes("cancel") && isAlive(run),
  },
  rerun: { openTo: "channel", isOffered: (run) => isIn(run, "ended") },
  save: {
    openTo: "requester",
    isInMenu: true,
    isOffered: (run, { isSavable }) =>
      run.arga !== undefined && isIn(run, "ended") && (isSavable?.(run) ?? false),
  },
  share: {
    openTo: "requester",
    isInMenu: true,
    isOffered: (run) => run.arga !== undefined && isIn(run, "starting", "running", "ready"),
  },
  dashboard: { openTo: "channel", isOffered: ({ arga }) => arga?.dashboardUrl !== undefined },
} as const satisfies Record<Action, Control> & Record<string, Control>;

/** The name of a control; its `action_id` is `run.<name>`. */
export type RunControl = keyof typeof CONTROLS;

/** All controls, in the order of the buttons. */
export const CONTROL_NAMES = Object.keys(CONTROLS) as RunControl[];

/** Those that stand in the menu behind the buttons, whatever room there is. */
export const MENU_CONTROLS: ReadonlySet<RunControl> = new Set(
  CONTROL_NAMES.filter((name) => "isInMenu" in CONTROLS[name]),
);

/** The controls that make sense for a run as it is now. */
export const offeredControls = (run: Run, kind: Abilities): RunControl[] =>
  CONTROL_NAMES.filter((name) => CONTROLS[name].isOffered(run, kind));
