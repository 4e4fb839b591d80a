import type { Ids } from "./ids.ts";
import { defined } from "./json.ts";
import { Refusal } from "./refusal.ts";

export interface Trigger {
  readonly id: string;
  readonly userId: string;
  /** The modal in which it arose; views.push needs one. */
  readonly viewId?: string;
  readonly issuedAt: number;
  used: boolean;
}

/** trigger_ids: good for one modal, for three seconds (docs.slack.dev/interactivity/handling-user-interaction). */
export class Triggers {
  readonly #triggers = new Map<string, Trigger>();
  readonly #ids: Ids;
  readonly #now: () => number;
  readonly #lifeMs: number;

  constructor(ids: Ids, now: () => number, lifeMs: number) {
    this.#ids = ids;
    this.#now = now;
    this.#lifeMs = lifeMs;
  }

  /** @returns three parts with dots between, e.g. `1763785000123.0000001.9f2c…` */
  issue(userId: string, viewId?: string): string {
    const issuedAt = this.#now();
    const id = `${issuedAt}.${this.#ids.next("").slice(1)}.${this.#ids.secret()}`;
    const trigger = { id, userId, issuedAt, used: false, ...defined({ viewId }) };
    this.#triggers.set(id, trigger);
    return id;
  }

  /** The trigger, still unused, so that a call which is refused for another reason does not spend it. */
  check(id: string): Trigger {
    const trigger = this.#triggers.get(id);
    if (trigger === undefined) throw new Refusal("invalid_trigger_id");
    if (trigger.used) throw new Refusal("exchanged_trigger_id");
    if (this.#now() - trigger.issuedAt > this.#lifeMs) throw new Refusal("expired_trigger_id");
    return trigger;
  }
}
