/**
 * Who may import whom. A room is a folder with all that is below it, unless something below has a line of its own.
 * Every room may import itself; whatever isn't listed is refused by `boundaries.test.ts`.
 */

/** Of `src`, from the ground up: a room only imports rooms above its own line. */
const SRC: Record<string, readonly string[]> = {
  "src/base": [],
  "src/api": ["src/base"],
  "src/runs": [],
  "src/kinds": ["src/base", "src/api", "src/runs"],
  "src/notices": ["src/runs", "src/kinds"],
  "src/store": ["src/base", "src/api", "src/runs", "src/kinds", "src/notices"],
  "src/slack": ["src/base", "src/runs", "src/store"],
  "src/slack/receivers": ["src/base", "src/slack"],
  "src/doctor": ["src/base", "src/api", "src/store", "src/slack"],
  "src/views": ["src/api", "src/runs", "src/kinds", "src/notices", "src/store", "src/slack", "src/doctor"],
  "src/delivery": ["src/runs", "src/store", "src/slack", "src/views"],
  "src/jobs": ["src/base", "src/runs", "src/store"],
  "src/jobs/arga": ["src/base", "src/api", "src/runs", "src/kinds", "src/store", "src/jobs"],
  "src/jobs/notices": [
    "src/api",
    "src/runs",
    "src/kinds",
    "src/notices",
    "src/store",
    "src/slack",
    "src/views",
    "src/delivery",
    "src/jobs",
  ],
  "src/jobs/home": ["src/api", "src/runs", "src/notices", "src/store", "src/slack", "src/views", "src/jobs"],
  "src/jobs/slack": ["src/runs", "src/store", "src/slack", "src/views", "src/delivery", "src/jobs"],
  "src/handlers": [
    "src/base",
    "src/api",
    "src/runs",
    "src/kinds",
    "src/notices",
    "src/store",
    "src/slack",
    "src/doctor",
    "src/views",
    "src/delivery",
    "src/jobs",
  ],
  "src/runtime": [
    "src/base",
    "src/api",
    "src/kinds",
    "src/store",
    "src/slack",
    "src/slack/receivers",
    "src/doctor",
    "src/delivery",
    "src/jobs",
    "src/jobs/arga",
    "src/jobs/home",
    "src/jobs/notices",
    "src/jobs/slack",
    "src/handlers",
  ],
  // The composition root.
  src: ["src/base", "src/doctor", "src/store", "src/runtime"],
};

/** The simulators know nothing of the bot, nor of each other. */
const SIM: Record<string, readonly string[]> = {
  "sim/arga": [],
  "sim/slack": [],
  "sim/demo": ["sim/arga", "sim/slack"],
  sim: ["sim/demo"],
};

const ALL_OF_SRC = Object.keys(SRC).filter((room) => room !== "src");

/** End to end, the bot is seen from outside: those tests import nothing of `src`. */
const TEST: Record<string, readonly string[]> = {
  "test/support": ["sim/arga", "sim/slack"],
  "test/e2e": ["sim/arga", "sim/slack", "test/support"],
  /** The built bot, seen from outside, with each of its handlers by name. */
  "test/fuzz": ["src/handlers", "sim/slack", "test/support"],
  "test/sim": ["sim/arga", "sim/slack", "test/support"],
  "test/api": ["src/api", "src/base", "sim/arga", "test/support"],
  "test/ground": [
    "src/api",
    "src/base",
    "src/slack",
    "src/slack/receivers",
    "src/handlers",
    "sim/arga",
    "sim/slack",
    "sim/demo",
    "test/support",
  ],
  "test/unit": [...ALL_OF_SRC, "test/api", "sim/arga", "sim/slack", "test/support"],
  bench: [...ALL_OF_SRC, "sim/arga", "sim/slack", "sim/demo", "test/support", "test/unit"],
  "": [],
};

export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = { ...SRC, ...SIM, ...TEST };

/** Two folders of `src` that import each other, with the reason why they may. */
export interface MutualPair {
  folders: readonly [string, string];
  why: string;
}

export const MUTUAL_PAIRS: readonly MutualPair[] = [];
