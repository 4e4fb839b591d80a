import {
  type ArgaError,
  ArgaFailed,
  ArgaGone,
  ArgaNoRoute,
  ArgaNotFound,
  ArgaPlanLimit,
  ArgaRateLimited,
  ArgaRefused,
  ArgaUnauthorized,
  NotArga,
} from "./errors.ts";
import { isObject } from "./shapes.ts";

/** An answer that was read to its end. */
export interface Answer {
  route: string;
  status: number;
  retryAfter: string | undefined;
  contentType: string;
  text: string;
}

/** Never ends in half a character. */
const short = (text: string): string => text.slice(0, WORDS_LIMIT).replace(/[\ud800-\udbff]$/, "");

/** The most of Arga's own words that an error carries, in characters. */
const WORDS_LIMIT = 600;

/** What a router says of a path that it does not know; a route of Arga's names what it did not find. */
const NO_ROUTE = "Not Found";

/**
 * Turns an answer that is not 2xx into the error that says what it means (docs/references/arga-api.md#errors). `hidden`
 * takes secrets out of Arga's words: once they are read, and before they are cut.
 */
export function refusalOf(answer: Answer, hidden: (text: string) => string): ArgaError {
  const { route, status } = answer;
  const retryAfterMs = retryAfterOf(answer.retryAfter) ?? retryAfterIn(answer.text);
  const details = {
    route,
    status,
    sent: status >= 500 ? ("maybe" as const) : ("refused" as const),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  const raw = wordsOf(answer);
  const words = raw === undefined ? undefined : short(hidden(raw));
  if (words === undefined && status < 500) return new NotArga(notArga(status), details);
  const message = words ?? `Arga answered ${status} to ${route}.`;
  if (status === 429 && !isAboutThePlan(message, retryAfterMs)) return new ArgaRateLimited(message, details);
  if (status === 404 && words === NO_ROUTE) return new ArgaNoRoute(message, details);
  return new (errorFor(status))(message, details);
}

function errorFor(
  status: number,
): new (
  message: string,
  details: ConstructorParameters<typeof ArgaFailed>[1],
) => ArgaError {
  if (status >= 500) return ArgaFailed;
  if (status === 401) return ArgaUnauthorized;
  if (status === 403 || status === 429) return ArgaPlanLimit;
  if (status === 404) return ArgaNotFound;
  if (status === 410) return ArgaGone;
  return ArgaRefused;
}

/** 429 is documented for plan caps and used by others for request rates; only the latter says when to come back. */
const isAboutThePlan = (message: string, retryAfterMs: number | undefined): boolean =>
  retryAfterMs === undefined && /\b(plan|quota|limit reached|remaining)\b/i.test(message);

/** What a person is told when the answer is somebody else's, such as a web page. */
export const notArga = (status: number): string =>
  `The answer (${status}) isn't Arga's JSON. Check ARGA_API_URL: the API is https://api.argalabs.com, not the web app.`;

/** `Retry-After` in seconds or as a date, in milliseconds from now. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (!header) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** A fixture of the TypeScript SDK has the seconds in the body; no source shows the header at all. */
function retryAfterIn(text: string): number | undefined {
  const body = parseJson(text);
  const seconds = isObject(body) ? body.retry_after : undefined;
  return typeof seconds === "number" && seconds >= 0 ? seconds * 1000 : undefined;
}

/** Arga's own words: `detail` or `message`, a string or FastAPI's list of objects; undefined if it is no JSON. */
function wordsOf(answer: Answer): string | undefined {
  const body = parseJson(answer.text);
  if (body === undefined) return plainText(answer);
  if (typeof body !== "object" || body === null) return String(body);
  const { detail, message, error } = body as Record<string, unknown>;
  const words = sentence(detail) ?? sentence(message) ?? sentence(error);
  return words ?? `Arga answered ${answer.status} without saying why.`;
}

const plainText = (answer: Answer): string | undefined =>
  answer.text.trim() === "" || /^\s*</.test(answer.text) || answer.contentType.includes("html")
    ? undefined
    : answer.text.trim();

/** `depth` levels down at most: nobody's words are deeper, and what is could be endless. */
function sentence(value: unknown, depth = 8): string | undefined {
  if (typeof value === "string") return value.trim() || undefined;
  if (typeof value !== "object" || value === null || depth === 0) return undefined;
  const wordsIn = (part: unknown) => sentence(part, depth - 1);
  if (Array.isArray(value)) return value.flatMap((item) => wordsIn(item) ?? []).join("; ") || undefined;
  const { msg, message, detail, loc } = value as Record<string, unknown>;
  const words = wordsIn(msg) ?? wordsIn(message) ?? wordsIn(detail);
  const where = Array.isArray(loc) ? loc.filter((part) => part !== "body").join(".") : "";
  return words && where ? `${where}: ${words}` : words;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
