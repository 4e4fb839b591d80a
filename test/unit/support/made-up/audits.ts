import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The service behind the made-up kind: it starts audits, lists them, and streams what each does. */
export interface Audits {
  url: string;
  /** `GET /audits` and the like, in order. */
  requests: string[];
  /** One that nobody asked of the bot. */
  add(site: string, status: "passed" | "failed"): void;
  /** Of the audit of that site. */
  step(site: string, text: string): void;
  finish(site: string): void;
  close(): Promise<void>;
}

interface Audit {
  id: string;
  site: string;
  status: string;
  changedAt: number;
}

export async function startAudits(): Promise<Audits> {
  const audits: Audit[] = [];
  const streams = new Map<string, ServerResponse>();
  const requests: string[] = [];
  const make = (site: string, status: string): Audit => {
    const made = { id: `audit-${audits.length}`, site, status, changedAt: Date.now() };
    audits.push(made);
    return made;
  };
  const of = (site: string): Audit => {
    const found = audits.find((each) => each.site === site);
    if (!found) throw new Error(`there is no audit of ${site}`);
    return found;
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://audits");
    const [, , id, part] = pathname.split("/");
    requests.push(`${request.method} ${pathname}`);
    if (part === "steps" && id) {
      streams.set(id, response);
      response.writeHead(200).flushHeaders();
      return;
    }
    if (request.method === "POST" && id === undefined) make(searchParams.get("site") ?? "", "running");
    const answer =
      request.method === "POST" ? audits.at(-1) : id ? audits.find((each) => each.id === id) : audits;
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    add: (site, status) => void make(site, status),
    step: (site, text) => void streams.get(of(site).id)?.write(`${text}\n`),
    finish: (site) => {
      const found = of(site);
      Object.assign(found, { status: "passed", changedAt: Date.now() });
      streams.get(found.id)?.end("over\n");
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
