import { Clock } from "../clock.ts";
import type { Settings } from "../options.ts";
import type { Watch } from "../watch.ts";
import { Account } from "./account.ts";
import { Devices } from "./devices.ts";
import { Environments } from "./environments.ts";
import { GithubConfigs } from "./github.ts";
import { ResultStreams } from "./result-stream.ts";
import { Sandboxes } from "./sandboxes.ts";
import { SavedTests } from "./saved-tests.ts";
import { Scenarios } from "./scenarios.ts";
import { TestRuns } from "./test-runs.ts";
import { TwinRuns } from "./twin-runs.ts";
import { Validations } from "./validations.ts";

/** Everything that routes may read and change. A new kind of run is a new field. */
export interface World {
  settings: Settings;
  clock: Clock;
  account: Account;
  devices: Devices;
  twinRuns: TwinRuns;
  testRuns: TestRuns;
  savedTests: SavedTests;
  sandboxes: Sandboxes;
  validations: Validations;
  streams: ResultStreams;
  scenarios: Scenarios;
  environments: Environments;
  github: GithubConfigs;
}

export function createWorld(settings: Settings, watch: Watch): World {
  const { changed } = watch;
  const clock = new Clock(settings.speed);
  return {
    settings,
    clock,
    account: new Account(settings),
    devices: new Devices(clock, changed),
    twinRuns: new TwinRuns(settings, clock, changed),
    testRuns: new TestRuns(settings, clock, changed),
    savedTests: new SavedTests(changed),
    sandboxes: new Sandboxes(settings, clock, changed),
    validations: new Validations(settings, clock, changed),
    streams: new ResultStreams(settings, clock, watch),
    scenarios: new Scenarios(changed),
    environments: new Environments(settings, clock, changed),
    github: new GithubConfigs(),
  };
}
