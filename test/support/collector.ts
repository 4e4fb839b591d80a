import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as a collector gets it. */
export interface CollectedSpan {
  name: string;
  /** 2: server, 3: client, 4: producer, 5: consumer. */
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  attributes: Record<string, unknown>;
  events: string[];
  links: { traceId: string; spanId: string; attributes: Record<string, unknown> }[];
  /** 2: something went wrong. */
  status: number;
}

/** Takes traces as an OpenTelemetry collector does, by JSON; of protobuf it keeps the bytes alone. */
export interface Collector {
  url: string;
  readonly spans: readonly CollectedSpan[];
  /** The attributes of each resource that sent something. */
  readonly resources: readonly Record<string, unknown>[];
  readonly bodies: readonly { path: string; type: string; headers: object; text: string }[];
  /** Answers with this status from now on, and takes nothing. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface Sent {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: SentSpan[] }[];
  }[];
}

interface SentSpan {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: Attribute[];
  events: { name: string }[];
  links: { traceId: string; spanId: string; attributes: Attribute[] }[];
  status: { code: number };
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const resources: Record<string, unknown>[] = [];
  const bodies: { path: string; type: string; headers: object; text: string }[] = [];
  let status = 200;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString("utf8");
    const type = request.headers["content-type"] ?? "";
    if (status === 200) {
      bodies.push({ path: request.url ?? "", type, headers: request.headers, text });
      if (type === "application/json") take(JSON.parse(text) as Sent);
    }
    response.writeHead(status, { "content-type": type }).end(type === "application/json" ? "{}" : "");
  });
  const take = ({ resourceSpans }: Sent): void => {
    for (const { resource, scopeSpans } of resourceSpans) {
      resources.push(valuesOf(resource.attributes));
      for (const scope of scopeSpans) spans.push(...scope.spans.map(collected));
    }
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    resources,
    bodies,
    answerWith: (next) => {
      status = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const collected = (span: SentSpan): CollectedSpan => ({
  ...span,
  parentSpanId: span.parentSpanId,
  attributes: valuesOf(span.attributes),
  events: span.events.map(({ name }) => name),
  links: span.links.map((link) => ({ ...link, attributes: valuesOf(link.attributes) })),
  status: span.status.code,
});

const valuesOf = (attributes: Attribute[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
