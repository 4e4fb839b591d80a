import type { z } from "zod";
import { type Opened, parsed, read } from "./answers.ts";
import { NotArga } from "./errors.ts";
import { EventReader } from "./events.ts";
import { notArga } from "./refusals.ts";
import { isObject } from "./shapes.ts";
import type { Transport } from "./transport.ts";

const PATH = "/validate/pr-run";
const ROUTE = `POST ${PATH}`;
/** Milliseconds without a byte while Arga thinks of a story. */
const IDLE_MS = 600_000;

/**
 * Starts a PR run whose answer is either JSON (as the SDKs read it) or a stream of text with the ids in the headers
 * `X-Run-Id` and `X-Session-Id` (as the CLI reads it): which one Arga sends is not known
 * (docs/references/arga-api.md#pr-runs). The stream is read to its end behind the caller's back, because a server
 * may stop its work when nobody listens any more; aborting the signal ends that too.
 */
export async function startPrRun<T>(
  transport: Transport,
  body: Record<string, unknown>,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T> {
  const opened = await transport.open({
    ...{ method: "POST", path: PATH, route: PATH, body, signal },
    accept: "application/json, text/event-stream",
    idleMs: IDLE_MS,
  });
  const type = opened.header("content-type") ?? "";
  const isStream =
    type.includes("event-stream") || (opened.header("x-run-id") && !/\b(json|html)\b/i.test(type));
  if (!isStream) return parsed(await read(opened, ROUTE), schema);
  return schema.parse({ status: "generating_story", ...(await idsOf(opened)) });
}

interface Ids {
  run_id: string;
  session_id: unknown;
}

async function idsOf({ status, header, body }: Opened): Promise<Ids> {
  const pieces = body[Symbol.asyncIterator]();
  const runId = header("x-run-id");
  const ids = runId ? { run_id: runId, session_id: header("x-session-id") } : await idsIn(pieces);
  if (!ids) throw new NotArga(notArga(status), { route: ROUTE, status, sent: "maybe" });
  void drain(pieces);
  return ids;
}

/** No source shows ids in the stream itself, but an event that has them is as good as a header that was lost. */
async function idsIn(pieces: AsyncIterator<Uint8Array>): Promise<Ids | undefined> {
  const reader = new EventReader(ROUTE, "maybe");
  for (let piece = await pieces.next(); !piece.done; piece = await pieces.next())
    for (const { data } of reader.feed(piece.value))
      if (isObject(data) && typeof data.run_id === "string")
        return { run_id: data.run_id, session_id: data.session_id };
  return undefined;
}

async function drain(pieces: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    while (!(await pieces.next()).done);
  } catch {
    // The run was started; that its story was cut short, its status will say.
  }
}
