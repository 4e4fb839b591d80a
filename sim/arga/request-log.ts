/** One request, in the order of arrival. The Authorization header is never kept. */
export interface ArgaRequest {
  /** Epoch milliseconds. */
  at: number;
  method: string;
  path: string;
  query: Record<string, string>;
  /** As `POST /twin-runs/{run_id}/extend`; with the bare path where no route fits. */
  route: string;
  /** Parsed JSON; the text where it is not JSON; undefined without a body. */
  body: unknown;
  /** `reset` and `lost` are cut connections, before and after the request was carried out. */
  status: number | "pending" | "reset" | "lost" | "hang";
  /** Whether the request was carried out (and not refused), whatever the caller got to see. */
  applied: boolean;
  /** Only for streamed answers: whether it is still being sent. */
  stream?: "open" | "ended";
}

/** The last requests in lines for people. */
export function describeRequests(requests: ArgaRequest[]): string {
  const lines = requests.slice(-10).map(({ method, path, status }) => `  ${method} ${path} → ${status}`);
  return lines.length > 0 ? `last requests:\n${lines.join("\n")}` : "no requests so far";
}
