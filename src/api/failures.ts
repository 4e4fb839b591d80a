import { messageOf } from "../errors.ts";
import {
  ArgaAborted,
  ArgaError,
  type ArgaErrorDetails,
  ArgaTimeout,
  ArgaUnreachable,
  type Sent,
} from "./errors.ts";

/** Codes of failures that happen before a byte of the request has left. */
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_CLOSED",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Whatever undici or the system threw, as one of ours. An error of ours is handed through. */
export function failureOf(error: unknown, route: string, signal: AbortSignal | undefined): ArgaError {
  if (error instanceof ArgaError) return error;
  const code = codeOf(error);
  const sent: Sent = NEVER_LEFT.has(code) ? "no" : "maybe";
  const details = { route, sent, cause: traceOf(error, code) };
  if (signal?.aborted) return aborted(details);
  if (code.endsWith("TIMEOUT")) return new ArgaTimeout(`Arga did not answer ${route} in time.`, details);
  return new ArgaUnreachable(`Arga cannot be reached (${code || messageOf(error)}).`, details);
}

export const aborted = (details: ArgaErrorDetails): ArgaAborted =>
  new ArgaAborted("The call to Arga was given up.", details);

/** Whether the same question may well be answered a little later: 429, 5xx, a lost connection, no answer in time. */
export function isPassing(error: unknown): error is ArgaError {
  if (!(error instanceof ArgaError)) return false;
  const status = error.status ?? 0;
  return error instanceof ArgaUnreachable || error instanceof ArgaTimeout || status === 429 || status >= 500;
}

/** undici wraps the failures of several addresses in an AggregateError whose code is that of the last. */
function codeOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === "string" ? code : codeOf(cause);
}

/** What happened, without what hung on it: undici's parse errors carry the bytes that they could not read. */
const traceOf = (error: unknown, code: string): Error =>
  Object.assign(new Error(messageOf(error)), code === "" ? {} : { code });
