import * as z from "zod";
import { CodedError } from "../base/errors.ts";

/** What is to be imported can't be, or would take something newer away. Nothing was written. */
export class ImportRefused extends CodedError {
  readonly code = "IMPORT_REFUSED";
}

/** Of the lines below; another one is another format. */
export const FORMAT = 1;

const until = z.number().optional();
const text = z.string();

/** One line of an export. Times are in ms; what has no `until` is kept for good. */
const line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("arga-slack"), format: z.literal(FORMAT), version: text, at: z.number() }),
  /** The workspace and bot whose records these are. */
  z.object({ type: z.literal("bot"), bot: text }),
  /** A record; `until` if nothing is left to do for it. */
  z.object({ type: z.literal("run"), version: z.number(), json: text, until }),
  /** What a channel subscribes to. */
  z.object({ type: z.literal("subscriptions"), team: text, channel: text, json: text }),
  /** That a channel gets a weekly digest, and how far it is; `of` is the workspace and the channel. */
  z.object({ type: z.literal("digest"), of: text, json: text }),
  /** Runs of a workspace that ended, for its digests. */
  z.object({ type: z.literal("history"), name: text, fields: z.record(text, text), until }),
  /** What a channel is still to hear, and why it couldn't. */
  z.object({
    type: z.literal("outbox"),
    team: text,
    channel: text,
    fields: z.record(text, text),
    pending: z.array(text),
  }),
  /** Somebody's Home. */
  z.object({ type: z.literal("home"), name: text, fields: z.record(text, text), until }),
  /** Something that happened, and is to happen once. */
  z.object({ type: z.literal("mark"), name: text, value: text, until }),
  /** An index by time: ends of runs, who looks at their Home, unclear starts. */
  z.object({ type: z.literal("times"), name: text, entries: z.array(text), until }),
  /** The last one; without it, a part of the file is missing. */
  z.object({ type: z.literal("end"), lines: z.number() }),
]);

export type Line = z.infer<typeof line>;
export type LineOf<T extends Line["type"]> = Extract<Line, { type: T }>;

/** All lines of a whole export. Throws {@link ImportRefused} with the number of the first that can't be read. */
export function readLines(exported: string): Line[] {
  const lines = exported
    .split("\n")
    .filter((each) => each.trim() !== "")
    .map(readLine);
  const last = lines.at(-1);
  if (lines[0]?.type !== "arga-slack") throw new ImportRefused("This isn't an export of arga-slack.");
  if (last?.type !== "end" || last.lines !== lines.length - 1)
    throw new ImportRefused("The export isn't whole: its last lines are missing. Export again.");
  return lines;
}

function readLine(json: string, at: number): Line {
  try {
    return line.parse(JSON.parse(json));
  } catch (error) {
    throw new ImportRefused(`Line ${at + 1} of the export can't be read. Was it made by a newer version?`, {
      cause: error,
    });
  }
}
