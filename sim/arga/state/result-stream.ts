import type { Clock } from "../clock.ts";
import type { Settings } from "../options.ts";
import type { Frame } from "../stream.ts";
import type { Watch } from "../watch.ts";
import { statusWord } from "./oddities.ts";
import { isOver, type ResultEvent, type Validation } from "./validations.ts";

export interface Following {
  run: Validation;
  /** The number of events that the caller already has. */
  skip: number;
  /** Aborted when the caller hung up. */
  left: AbortSignal;
}

/** Lets callers follow a run's events as they come. */
export class ResultStreams {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #watch: Watch;

  constructor(settings: Settings, clock: Clock, watch: Watch) {
    this.#settings = settings;
    this.#clock = clock;
    this.#watch = watch;
  }

  /** All events of the run from its first one, to its end. */
  async *results(following: Following): AsyncGenerator<Frame> {
    const { streamIds, streamEnd } = this.#settings.dialect;
    yield { comment: "connected", ...(streamIds && { retry: 1000 }) };
    let sent = streamIds ? following.skip : 0;
    for await (const event of this.#events({ ...following, skip: sent }, isOver)) {
      if (event === "heartbeat") yield { comment: "heartbeat" };
      else {
        sent += 1;
        yield { ...(streamIds && { id: String(sent) }), event: event.event, data: event.data };
      }
    }
    const { runId } = following.run;
    const status = statusWord(following.run, this.#settings.dialect);
    // It has no id, so that a resumed stream has it again.
    if (streamEnd === "done") yield { event: "done", data: { run_id: runId, status } };
  }

  /** What the CLI drains after it started a PR run: only until the story is told. */
  async *story(following: Following): AsyncGenerator<Frame> {
    const told = (run: Validation) => !["queued", "generating_story"].includes(run.status);
    for await (const event of this.#events(following, told)) {
      if (event !== "heartbeat") yield { data: event.data };
    }
  }

  async *#events(
    { run, skip, left }: Following,
    ended: (run: Validation) => boolean,
  ): AsyncGenerator<ResultEvent | "heartbeat"> {
    let next = skip;
    while (!left.aborted) {
      const event = run.events[next];
      if (event) {
        next += 1;
        yield event;
      } else if (ended(run)) return;
      else if ((await this.#news(run, next, left)) === "heartbeat") yield "heartbeat";
    }
  }

  #news(run: Validation, known: number, left: AbortSignal): Promise<"event" | "heartbeat" | "left"> {
    const { heartbeatSeconds } = this.#settings;
    return new Promise((resolve) => {
      const finish = (what: "event" | "heartbeat" | "left") => {
        stopTimer();
        stopWatching();
        left.removeEventListener("abort", hungUp);
        resolve(what);
      };
      const hungUp = () => finish("left");
      const look = () => {
        if (run.events.length > known) finish("event");
      };
      const stopTimer =
        heartbeatSeconds > 0 ? this.#clock.after(heartbeatSeconds, () => finish("heartbeat")) : () => {};
      const stopWatching = this.#watch.listen(look);
      left.addEventListener("abort", hungUp, { once: true });
    });
  }
}
