import type { Asking } from "./asking.ts";
import type { Scene } from "./scene.ts";

/** What a trouble works on, and what is measured by it. */
export interface Stage {
  scene: Scene;
  asking: Asking;
  /** Milliseconds from a kill until a survivor has moved the run that the killed worker was creating. */
  moves: number[];
  /** Milliseconds from the end of a Redis outage until a new command's card stands in its channel. */
  resumes: number[];
  /** Milliseconds from a kill until the next process in its place is ready. */
  starts: number[];
  /** What a trouble found that must not be. */
  found: string[];
  /** The second build of a rolling upgrade, if there is one. */
  otherApp: string | undefined;
}
