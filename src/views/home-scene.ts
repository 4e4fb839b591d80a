import type { KnownBlock } from "@slack/types";
import type { Plan } from "../kinds/preflight.ts";
import type { Subscription } from "../notices/notices.ts";
import type { Run } from "../runs/run.ts";
import type { ArgaCheck } from "../store/app-home.ts";
import type { Pages } from "../store/app-home-record.ts";
import type { TestEntry } from "../store/arga-cache.ts";
import type { Cached } from "../store/cache.ts";
import type { ViewContext } from "./buttons.ts";

/** Everything that a person's Home shows. Runs are those that this person may see, in the order of the lists. */
export interface HomeData extends ViewContext {
  user: string;
  pages: Pages;
  /** Which runs are listed: all of them, this person's, or those of a kind. */
  filter: string;
  /** Names of this person's own. */
  presets: readonly string[];
  /** This person's live runs. */
  mine: readonly Run[];
  /** Other people's. */
  others: readonly Run[];
  /** Runs that ended, of anyone. */
  recent: readonly Run[];
  /** undefined: never heard of Arga. */
  tests: Cached<TestEntry[]> | undefined;
  plan: Cached<Plan> | undefined;
  subscriptions: readonly Subscription[];
  connections: Connections;
  /** What the last press was answered with. */
  said: readonly KnownBlock[];
  /** Where a run's card is. */
  cardLink: (run: Run) => string | undefined;
}

/** The state of the connections, as it was found. */
interface Connections {
  /** undefined: it is being asked. */
  arga: ArgaCheck | undefined;
  redisMs: number;
}
