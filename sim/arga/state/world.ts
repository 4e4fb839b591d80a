import { Clock } from "../clock.ts";
import type { Settings } from "../options.ts";
import { Account } from "./account.ts";
import { TwinRuns } from "./twin-runs.ts";

/** Everything that routes may read and change. A new kind of run is a new field. */
export interface World {
  settings: Settings;
  clock: Clock;
  account: Account;
  twinRuns: TwinRuns;
}

export function createWorld(settings: Settings, changed: () => void): World {
  const clock = new Clock(settings.speed);
  return {
    settings,
    clock,
    account: new Account(settings),
    twinRuns: new TwinRuns(settings, clock, changed),
  };
}
