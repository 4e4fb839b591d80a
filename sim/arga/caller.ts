interface Answer {
  status: number;
  /** Parsed JSON, or the text where it is none. */
  body: unknown;
  headers: Headers;
}

interface How {
  /** Another key than the server's; null sends no Authorization header. */
  key?: string | null;
  /** Default `application/json`. */
  contentType?: string;
}

export type Caller = (method: string, path: string, body?: unknown, how?: How) => Promise<Answer>;

/**
 * The plainest client there is, for tests and scripts that look at the stand-in itself.
 * A body that is a string is sent as it is, anything else as JSON.
 */
export function callerOf(arga: { url: string; key: string }): Caller {
  return async (method, path, body, how = {}) => {
    const headers: Record<string, string> = {};
    if (how.key !== null) headers.authorization = `Bearer ${how.key ?? arga.key}`;
    if (body !== undefined) headers["content-type"] = how.contentType ?? "application/json";
    const response = await fetch(`${arga.url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await bodyOf(response), headers: response.headers };
  };
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
