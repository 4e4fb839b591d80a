import { context, ROOT_CONTEXT, type SpanContext, trace } from "@opentelemetry/api";
import { SpanKind } from "bullmq";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { readConfig } from "../../../src/base/config.ts";
import { deliveryIn, withDelivery } from "../../../src/base/tracing.ts";
import { queueTelemetry } from "../../../src/jobs/telemetry.ts";
import { startTracing, traceSettings } from "../../../src/runtime/tracing.ts";

const PLACE = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
const json = { protocol: "http/json" };
const protobuf = { protocol: "http/protobuf" };

describe("whether traces are recorded", () => {
  test.each<[Record<string, string>, object]>([
    [{}, {}],
    [{ OTEL_SERVICE_NAME: "bot", OTEL_TRACES_SAMPLER: "always_on" }, {}],
    [PLACE, protobuf],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://otel.example.com/v1/traces" }, protobuf],
    [{ OTEL_TRACES_EXPORTER: "otlp" }, protobuf],
    [{ ...PLACE, OTEL_TRACES_EXPORTER: "none" }, {}],
    [{ ...PLACE, OTEL_SDK_DISABLED: "true" }, {}],
    [{ ...PLACE, OTEL_SDK_DISABLED: "TRUE" }, {}],
    [{ ...PLACE, OTEL_SDK_DISABLED: "false" }, protobuf],
    [{ ...PLACE, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, json],
    [
      { ...PLACE, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" },
      json,
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: " " }, {}],
  ])("%j: %j", (env, expected) => {
    expect(traceSettings(env)).toEqual(expected);
  });

  test.each([
    [{ ...PLACE, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "http/protobuf or http/json"],
    [{ ...PLACE, OTEL_TRACES_EXPORTER: "zipkin" }, "otlp or none"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, "http:// or https://"],
  ])("%j is said in the log and stops nothing", async (env, word) => {
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    expect(await startTracing(env, logger)).toBeUndefined();
    expect(lines).toEqual([expect.stringContaining(word)]);
  });

  test("its variables are no slips of ours", () => {
    const ours = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1", ARGA_API_KEY: "arga_sk_1" };
    const env = { ...ours, ...PLACE, OTEL_SDK_DISABLED: "false", OTEL_SERVICE_NAME: "bot" };
    expect(readConfig(env)).toEqual(readConfig(ours));
  });
});

describe("what BullMQ records with", () => {
  const { contextManager, tracer } = queueTelemetry();

  test.each(["[]", "{}", '{"traceparent":"00-1-2-01"}', "null"])(
    "takes jobs whose origin another version wrote: %s",
    (metadata) => {
      const made = contextManager.fromMetadata(context.active(), metadata);
      expect(() => tracer.startSpan("process arga", { kind: SpanKind.CONSUMER }, made).end()).not.toThrow();
    },
  );

  test("leaves out what BullMQ does for itself", () => {
    const span = tracer.startSpan("getNextJob", { kind: SpanKind.INTERNAL });
    expect(span.setSpanOnContext(ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
  });

  test("links a job with what enqueued it, and with the delivery that it goes back to", () => {
    const cause: SpanContext = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    const delivery: SpanContext = { ...cause, spanId: "3".repeat(16) };
    const from = withDelivery(trace.setSpanContext(ROOT_CONTEXT, cause), delivery);
    const metadata = contextManager.getMetadata(from);
    expect(JSON.parse(metadata)).toEqual([
      { context: cause, attributes: { "arga_slack.link": "enqueued by" } },
      { context: delivery, attributes: { "arga_slack.link": "delivery" } },
    ]);
    // A job begins a trace of its own; what it enqueues goes back to the same delivery.
    const job = contextManager.fromMetadata(from, metadata);
    expect(trace.getSpanContext(job)).toBeUndefined();
    expect(deliveryIn(job)).toEqual(delivery);
    expect(contextManager.getMetadata(ROOT_CONTEXT)).toBe("[]");
    expect(deliveryIn(contextManager.fromMetadata(from, "[]"))).toBeUndefined();
  });
});
