import { messageOf } from "../base/errors.ts";
import {
  ArgaAborted,
  ArgaError,
  type ArgaErrorDetails,
  ArgaNoRoute,
  ArgaTimeout,
  ArgaUnreachable,
  ArgaUnsendable,
  NotArga,
  type Sent,
} from "./errors.ts";

/**
 * Failures to connect, as the pool itself tells them: whatever they are called (a refused port, an unknown host, a
 * certificate, no more files), no byte of a request had left. Their codes alone would not say so: an established
 * connection can break with EHOSTUNREACH as well.
 */
const unconnected = new WeakSet<Error>();

export const noteUnconnected = (error: Error): void => void unconnected.add(error);

/** Whatever undici or the system threw, as one of ours. An error of ours is handed through. */
export function failureOf(error: unknown, route: string, signal: AbortSignal | undefined): ArgaError {
  if (error instanceof ArgaError) return error;
  const code = codeOf(error);
  const sent: Sent = error instanceof Error && unconnected.has(error) ? "no" : "maybe";
  const details = { route, sent, cause: traceOf(error, code) };
  if (signal?.aborted) return aborted(details);
  if (code === "UND_ERR_INVALID_ARG") return unsendable(messageOf(error), route);
  if (code.endsWith("TIMEOUT")) return new ArgaTimeout(`Arga took too long to answer.`, details);
  return new ArgaUnreachable(`I can't reach Arga (${code || messageOf(error)}).`, details);
}

export const aborted = (details: ArgaErrorDetails): ArgaAborted =>
  new ArgaAborted("The call to Arga was given up.", details);

/** What cannot become a request at all: asking again will not mend it. */
export const unsendable = (why: string, route: string): ArgaUnsendable =>
  new ArgaUnsendable(`I can't ask Arga for this: ${why}`, { route, sent: "no" });

/** Whether the same question may well be answered a little later: 429, 5xx, a lost connection, no answer in time. */
export function isPassing(error: unknown): error is ArgaError {
  if (!(error instanceof ArgaError)) return false;
  const status = error.status ?? 0;
  return error instanceof ArgaUnreachable || error instanceof ArgaTimeout || status === 429 || status >= 500;
}

/**
 * Whether the server has no such route, as against a route that has no such thing: a 404 in the words of a router,
 * or one that is no JSON at all (a web page, nothing). It certainly had no effect.
 */
export const isNoRoute = (error: unknown): error is ArgaNoRoute | NotArga =>
  error instanceof ArgaNoRoute || (error instanceof NotArga && error.status === 404);

/** undici wraps the failures of several addresses in an AggregateError whose code is that of the last. */
function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === "string" ? code : codeOf(cause);
}

/** What happened, without what hung on it: undici's parse errors carry the bytes that they could not read. */
const traceOf = (error: unknown, code: string): Error =>
  Object.assign(new Error(messageOf(error)), code === "" ? {} : { code });
