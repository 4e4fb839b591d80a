import { CodedError } from "../base/errors.ts";

/** Everything that can go wrong between us and Slack. */
export abstract class SlackCallError extends CodedError {
  constructor(
    message: string,
    readonly method: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Slack understood the call and said no; `error` is Slack's own word. */
export class SlackRefused extends SlackCallError {
  readonly code = "SLACK_REFUSED";

  constructor(
    method: string,
    readonly error: string,
    details: readonly string[] = [],
  ) {
    super(`Slack refused ${method}: ${[error, ...details].join(" ")}`, method);
  }
}

/** Slack's limit was reached (429); the call may go again after `retryAfterMs`. */
export class SlackRateLimited extends SlackCallError {
  readonly code = "SLACK_RATE_LIMITED";

  constructor(
    method: string,
    readonly retryAfterMs: number,
  ) {
    super(`Rate limited by Slack; retrying in ${Math.ceil(retryAfterMs / 1000)} s.`, method);
  }
}

/** The call never left this machine. */
export class SlackUnreachable extends SlackCallError {
  readonly code = "SLACK_UNREACHABLE";
}

/** The answer was lost or is none: whether Slack did it is unknown until it is read back. */
export class SlackUnclear extends SlackCallError {
  readonly code = "SLACK_UNCLEAR";
}
