import type { Random } from "./random.ts";

/** What is typed: every command, each kind of run, right and wrong. */

/** Milliseconds of a minute at Arga come from its speed; the longest of these runs is over well before a minute is. */
const LONGEST_MINUTES = 4;

/** Each carries a name by which its card and its run at Arga are known again. */
export const STARTS: Readonly<Record<string, (name: string, random: Random) => string>> = {
  twin: (name, random) => `twins stripe,github ${1 + random.below(LONGEST_MINUTES)} --prompt ${name}`,
  "private twin": (name) => `twins slack 2m --private --prompt "${name} and some data"`,
  test: (name) => `test https://shop.example.com ${name} open the shop, check out`,
  "saved test": (name) => `run Checkout https://${name}.example.com/`,
  page: (name) => `validate https://shop.example.com ${name} open the shop`,
  "pull request": (name) => `validate acme/shop ${name}`,
  agent: (name) => `agent acme/shop ${name}`,
  sandbox: (name) => `sandbox acme/shop ${name} 2`,
};

/** A run that somebody may ask something of. */
export interface Target {
  /** The bot's short id. */
  id: string;
  name: string;
  kind: string;
  /** Who asked for it. */
  who: string;
  channel: string;
  hasEnded: boolean;
}

/** What is asked of a run by its id, by whoever asked for it. */
export const ACTS: Readonly<Record<string, (id: string) => string>> = {
  status: (id) => `status ${id}`,
  logs: (id) => `logs ${id}`,
  extend: (id) => `extend ${id} ${LONGEST_MINUTES}`,
  lock: (id) => `lock ${id}`,
  reset: (id) => `reset ${id}`,
  teardown: (id) => `teardown ${id}`,
  cancel: (id) => `cancel ${id}`,
  share: (id) => `share ${id} @p07`,
};

/** What concerns no run. */
export const ASIDES: readonly string[] = [
  "help",
  "help twins",
  "list",
  "list mine",
  "list all",
  "catalog",
  "scenarios stripe",
  "tests",
  "tests octo/shop",
  "notify list",
  "notify on completed failed --mine",
  "notify off all",
  "notify digest weekly",
  "doctor",
  // Wrong, in one way or another.
  "",
  "twins 60",
  "twins plaid 60",
  "fly me to the moon",
  "status nope",
  'test " ',
  "extend",
];
