import { CodedError } from "../base/errors.ts";

/**
 * Whether the request may have had an effect at Arga. Arga has no idempotency key, so whoever creates or acts
 * needs to know: `no` it never left this machine, `maybe` nobody can tell, `refused` Arga said no.
 */
export type Sent = "no" | "maybe" | "refused";

export interface ArgaErrorDetails {
  /** For example `POST /twin-runs`; never holds ids of people or tokens. */
  route: string;
  sent: Sent;
  status?: number;
  retryAfterMs?: number;
  cause?: unknown;
}

/** Everything that can go wrong between us and Arga. Tokens and request bodies never appear in it. */
export abstract class ArgaError extends CodedError {
  readonly route: string;
  readonly sent: Sent;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: ArgaErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.route = details.route;
    this.sent = details.sent;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Arga understood the request and said no (4xx); the message is Arga's own. */
export class ArgaRefused extends ArgaError {
  readonly code = "ARGA_REFUSED";
}

/** The API key is missing, wrong or revoked (401). */
export class ArgaUnauthorized extends ArgaError {
  readonly code = "ARGA_UNAUTHORIZED";
}

/** The plan does not allow it, or its quota is used up (403, or 429 that is not a request rate). */
export class ArgaPlanLimit extends ArgaError {
  readonly code = "ARGA_PLAN_LIMIT";
}

/** Too many requests (429); `retryAfterMs` says when the next one may go. */
export class ArgaRateLimited extends ArgaError {
  readonly code = "ARGA_RATE_LIMITED";
}

/** The thing, or the route itself, does not exist for this key (404). */
export class ArgaNotFound extends ArgaError {
  readonly code = "ARGA_NOT_FOUND";
}

/** The server has no such route (404): an Arga of another age, or not Arga's API. Nothing was looked for. */
export class ArgaNoRoute extends ArgaNotFound {}

/** The environment expired and was destroyed (410). */
export class ArgaGone extends ArgaError {
  readonly code = "ARGA_GONE";
}

/** Arga failed (5xx). */
export class ArgaFailed extends ArgaError {
  readonly code = "ARGA_FAILED";
}

/** No connection, or it was lost. */
export class ArgaUnreachable extends ArgaError {
  readonly code = "ARGA_UNREACHABLE";
}

/** Arga did not answer in time. */
export class ArgaTimeout extends ArgaError {
  readonly code = "ARGA_TIMEOUT";
}

/** The answer is no JSON of Arga's: usually `ARGA_API_URL` points at the web app or a proxy. */
export class NotArga extends ArgaError {
  readonly code = "ARGA_NOT_ARGA";
}

/** An event of a stream is larger than 1 MB; it was thrown away unread. The run can still be looked at. */
export class ArgaEventTooLarge extends NotArga {}

/** The client cannot be made: its URL or its key can be no such thing. Thrown by constructors. */
export class ArgaMisconfigured extends ArgaError {
  readonly code = "ARGA_MISCONFIGURED";
}

/** An id that would lead elsewhere, or a body that is no JSON: nothing was sent, nor will it ever be. */
export class ArgaUnsendable extends ArgaError {
  readonly code = "ARGA_UNSENDABLE";
}

/** The call was given up by us: the process drains, the client was closed, or the caller went away. */
export class ArgaAborted extends ArgaError {
  readonly code = "ARGA_ABORTED";
}

/** Arga's or our own words on an error, with what to do where the reader can do something. */
export const errorWords = (error: ArgaError): string =>
  error instanceof ArgaUnauthorized
    ? "Arga doesn't accept my API key. Whoever runs this bot should check ARGA_API_KEY."
    : error.message;
