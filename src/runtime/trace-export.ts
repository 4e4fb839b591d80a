import { hostname } from "node:os";
import { type Context, context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { type ExportResult, ExportResultCode, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Telemetry } from "bullmq";
import type { Logger } from "pino";
import { VERSION } from "../base/version.ts";
import { queueTelemetry } from "../jobs/telemetry.ts";

export type TraceProtocol = "http/protobuf" | "http/json";

/** Traces that are being recorded. */
export interface TraceExport {
  /** For BullMQ. */
  telemetry: Telemetry<Context>;
  /** Sends what is left. */
  stop: () => Promise<void>;
}

/** Records traces from now on and sends them to where OTEL_EXPORTER_OTLP_ENDPOINT leads. */
export function exportTraces(protocol: TraceProtocol, env: NodeJS.ProcessEnv, logger: Logger): TraceExport {
  const exporter = protocol === "http/json" ? new JsonExporter() : new ProtobufExporter();
  const delay = Number(env.OTEL_BSP_SCHEDULE_DELAY);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      "service.name": "arga-slack",
      "service.version": VERSION,
      "service.instance.id": `${hostname()}:${process.pid}`,
    }).merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(env),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new ToldExporter(exporter, logger),
        ...(delay > 0 ? { scheduledDelayMillis: delay } : {}),
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  // Not what else the standard would pass on, such as baggage: Arga is told where a request belongs and no more.
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  logger.info({ protocol }, "Recording traces");
  return { telemetry: queueTelemetry(), stop: () => provider.shutdown() };
}

/** By OTEL_TRACES_SAMPLER; whatever isn't known records everything, as the standard says. */
function samplerOf(env: NodeJS.ProcessEnv): Sampler {
  const name = (env.OTEL_TRACES_SAMPLER ?? "").replace("parentbased_", "");
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG ?? 1);
  const samplers: Record<string, () => Sampler> = {
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1),
  };
  return new ParentBasedSampler({ root: samplers[name]?.() ?? new AlwaysOnSampler() });
}

/** Says in the log when traces get lost, once until they arrive again. OpenTelemetry's own words may repeat a header. */
class ToldExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Logger;
  #isFailing = false;

  constructor(exporter: SpanExporter, logger: Logger) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      const fails = result.code !== ExportResultCode.SUCCESS;
      if (fails && !this.#isFailing)
        this.#logger.warn({ why: reasonOf(result.error) }, "Couldn't send traces; dropping them");
      if (!fails && this.#isFailing) this.#logger.info("Traces are sent again");
      this.#isFailing = fails;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}

/** A status or a word of the system's. */
function reasonOf(error: Error | undefined): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? "no answer");
}
