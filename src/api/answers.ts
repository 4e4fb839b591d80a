import * as z from "zod";
import { ArgaAborted, NotArga, type Sent } from "./errors.ts";
import { type Answer, notArga } from "./refusals.ts";

const ANSWER_LIMIT_BYTES = 16 * 1024 * 1024;

/** An answer whose body comes piece by piece; stop reading by aborting the request's signal. */
export interface Opened {
  status: number;
  header(name: string): string | undefined;
  /** Throws {@link ArgaError} and nothing else. */
  body: AsyncIterable<Uint8Array>;
}

/** Reads an answer to its end. @throws {NotArga} when it has more than 16 MB. */
export async function read(opened: Opened, route: string): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of opened.body) {
    size += chunk.length;
    if (size > ANSWER_LIMIT_BYTES)
      throw new NotArga("Arga's answer is larger than 16 MB.", { route, sent: "maybe" });
    chunks.push(chunk);
  }
  return { ...headOf(opened, route), text: Buffer.concat(chunks).toString("utf8") };
}

/** Reads what is not 2xx. Its status alone says what became of the request: its words may be lost on the way. */
export async function readRefusal(opened: Opened, route: string): Promise<Answer> {
  try {
    return await read(opened, route);
  } catch (error) {
    if (error instanceof ArgaAborted) throw error;
    const detail = `Arga answered ${opened.status} to ${route}; why, was lost on the way.`;
    return { ...headOf(opened, route), text: JSON.stringify({ detail }) };
  }
}

const headOf = ({ status, header }: Opened, route: string): Omit<Answer, "text"> => ({
  route,
  status,
  retryAfter: header("retry-after"),
  contentType: header("content-type") ?? "",
});

/**
 * A 2xx is parsed or it is not Arga's. Whether it was applied is then unknown: a proxy may have put its page in place of
 * Arga's answer. Only what reads was certainly in vain. An empty body is `undefined` to the schema.
 */
export function parsed<T>(answer: Answer, schema: z.ZodType<T>): T {
  const { route, status, text } = answer;
  const sent: Sent = isPage(answer) && route.startsWith("GET ") ? "refused" : "maybe";
  try {
    return schema.parse(text.trim() === "" ? undefined : JSON.parse(text));
  } catch (error) {
    // Only zod's words: those of JSON.parse quote the text, in which tokens may stand.
    const cause = error instanceof z.ZodError ? { cause: error } : {};
    throw new NotArga(notArga(status), { route, status, sent, ...cause });
  }
}

const isPage = ({ contentType, text }: Answer): boolean => contentType.includes("html") || /^\s*</.test(text);
