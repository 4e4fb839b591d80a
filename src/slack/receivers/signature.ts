import { createHmac, timingSafeEqual } from "node:crypto";

/** Seconds. Slack's clock may be behind ours by the time a request travels, ahead of it only by error. */
const OLDEST = 5 * 60;
const AHEAD = 60;

export interface Signed {
  timestamp: string | undefined;
  signature: string | undefined;
  body: Buffer;
}

/**
 * Why a request is none of Slack's whatever its body, or undefined if that remains to be seen: what can be refused by its
 * headers is refused before its body is read. `now` in ms.
 */
export function headersProblem(
  { timestamp, signature }: Omit<Signed, "body">,
  now: number,
): string | undefined {
  if (!timestamp || !signature || !/^\d{1,12}$/.test(timestamp)) return "no signature";
  const age = now / 1000 - Number(timestamp);
  if (age > OLDEST) return "too old";
  if (age < -AHEAD) return "from the future";
  return /^v0=[0-9a-f]{64}$/.test(signature) ? undefined : "wrong signature";
}

/**
 * Checks Slack's signature v0 (docs/references/slack.md#request-signing) and both sides of its timestamp. Each of the
 * secrets may have signed it. Returns why it is refused, or undefined if it is Slack's. `now` in ms.
 */
export function signatureProblem(
  secrets: readonly string[],
  { timestamp, signature, body }: Signed,
  now: number,
): string | undefined {
  const why = headersProblem({ timestamp, signature }, now);
  if (why !== undefined) return why;
  const isSignedBy = (secret: string): boolean => {
    const expected = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex");
    return isEqual(`v0=${expected}`, signature ?? "");
  };
  return secrets.some(isSignedBy) ? undefined : "wrong signature";
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
