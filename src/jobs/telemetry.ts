import { type Context, createContextKey, type Link, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { type Span, SpanKind, type Telemetry } from "bullmq";
import { type BullMQOTelSpan, BullMQOtel } from "bullmq-otel";
import { deliveryIn, errorType, markFailed, withDelivery } from "../base/tracing.ts";
import { VERSION } from "../base/version.ts";

/** Why there is a job: links to the span that enqueued it, and to the delivery from Slack that this goes back to. */
const LINKS = createContextKey("arga-slack.links");

/**
 * BullMQ's spans, by its own adapter but for two things. A job begins a trace of its own, with links to what led to it: the
 * adapter would make all looks at a run one trace without an end. And what BullMQ does for itself, such as asking for
 * the next job every two seconds, is no span.
 */
export function queueTelemetry(): Telemetry<Context> {
  const { tracer, contextManager } = new BullMQOtel({ tracerName: "arga-slack", version: VERSION });
  return {
    contextManager: {
      active: () => contextManager.active(),
      with: (context, work) => contextManager.with(context, work),
      root: () => ROOT_CONTEXT,
      getMetadata: (context) => JSON.stringify(linksFrom(context)),
      fromMetadata: (_active, metadata) => contextOf(JSON.parse(metadata) as unknown),
    },
    tracer: {
      startSpan: (name, { kind } = { kind: SpanKind.INTERNAL }, context = contextManager.active()) => {
        if (kind === SpanKind.INTERNAL) return UNRECORDED;
        const links = context.getValue(LINKS);
        const options = kind === SpanKind.CONSUMER ? { kind, root: true, links } : { kind };
        return coded(tracer.startSpan(name, options, context) as BullMQOTelSpan);
      },
    },
  };
}

function linksFrom(context: Context): Link[] {
  const cause = trace.getSpanContext(context);
  const delivery = deliveryIn(context);
  return [
    ...(cause ? [{ context: cause, attributes: { "arga_slack.link": "enqueued by" } }] : []),
    ...(delivery ? [{ context: delivery, attributes: { "arga_slack.link": "delivery" } }] : []),
  ];
}

function contextOf(metadata: unknown): Context {
  // Another version may have written something else.
  const links = Array.isArray(metadata) ? (metadata as Link[]) : [];
  const context = ROOT_CONTEXT.setValue(LINKS, links);
  const delivery = links.find(({ attributes }) => attributes?.["arga_slack.link"] === "delivery");
  return delivery ? withDelivery(context, delivery.context) : context;
}

/** An error's message and stack stay out of it. */
function coded(span: BullMQOTelSpan): Span<Context> {
  span.recordException = (error) => markFailed(span.span, errorType(error));
  return span;
}

const UNRECORDED: Span<Context> = {
  setSpanOnContext: (context) => context,
  setAttribute: () => {},
  setAttributes: () => {},
  addEvent: () => {},
  recordException: () => {},
  end: () => {},
};
