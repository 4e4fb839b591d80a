import type { Clock } from "../clock.ts";
import type { Settings } from "../options.ts";
import { Refusal } from "../refusal.ts";
import { Walks } from "./walks.ts";

export interface Kind<Status> {
  /** What refusals call one, with a capital. */
  noun: string;
  /** The statuses in which one can still be changed. */
  live: Status[];
  /** The HTTP status of the refusal in any other. */
  refusal: 400 | 409;
}

/** What all kinds of runs share: where they are kept, how they walk, and when an act is refused. */
export abstract class Runs<Run extends { status: string }> {
  /** In order of creation. */
  readonly all = new Map<string, Run>();
  protected abstract readonly kind: Kind<Run["status"]>;
  protected readonly walks: Walks;
  protected readonly settings: Settings;
  protected readonly changed: () => void;

  constructor(settings: Settings, clock: Clock, changed: () => void) {
    this.settings = settings;
    this.walks = new Walks(clock);
    this.changed = changed;
  }

  /** @throws Refusal 404 */
  get(id: string): Run {
    const run = this.all.get(id);
    if (!run) throw new Refusal(404, `${this.kind.noun} not found`);
    return run;
  }

  /** Goes one event further, whatever the run waits for. @throws Refusal 404; 400 or 409 when it is over. */
  step(id: string): void {
    this.require(id, "step");
    this.walks.step(id);
  }

  /** The run, if its status allows that act. @throws Refusal 404; 400 or 409 */
  protected require(id: string, verb: string, states: Run["status"][] = this.kind.live): Run {
    const run = this.get(id);
    if (states.includes(run.status)) return run;
    const { noun, refusal } = this.kind;
    throw new Refusal(refusal, `Cannot ${verb} ${noun.toLowerCase()} with status ${run.status}`);
  }
}
