import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  propagation,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { CodedError } from "./errors.ts";
import { VERSION } from "./version.ts";

/** What `src` records with. It drops everything unless src/runtime/tracing.ts has brought something that keeps it. */
const tracer = trace.getTracer("arga-slack", VERSION);

/** A piece of work worth a span. Attributes never hold a secret, nor what people wrote. */
interface Work {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
  /** In ms since the epoch. */
  startTime?: number;
}

/** Does the work in a span below the current one, which ends with it. Of what is thrown, the code alone is recorded. */
function traced<T>({ name, ...options }: Work, work: (span: Span) => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      markFailed(span, errorType(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A call to another server, as a span. */
export const tracedCall = <T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> => traced({ name, kind: SpanKind.CLIENT, attributes }, work);

const DELIVERY = createContextKey("arga-slack.delivery");

/** What Slack delivered, as a span; `arrived` in ms since the epoch. All that it leads to is linked with it. */
export const tracedDelivery = (
  type: string,
  arrived: number,
  work: (span: Span) => Promise<void>,
): Promise<void> =>
  traced(
    {
      name: `slack ${type}`,
      kind: SpanKind.SERVER,
      attributes: { "arga_slack.delivery": type },
      startTime: arrived,
    },
    (span) => context.with(withDelivery(context.active(), span.spanContext()), () => work(span)),
  );

/** The delivery that work in this context goes back to, if it does. */
export const deliveryIn = (of: Context): SpanContext | undefined =>
  of.getValue(DELIVERY) as SpanContext | undefined;

export const withDelivery = (of: Context, delivery: SpanContext): Context => of.setValue(DELIVERY, delivery);

/** Does something that isn't the delivery's business any more, such as what recurs for everybody. */
export const withoutDelivery = <T>(work: () => T): T =>
  context.with(context.active().deleteValue(DELIVERY), work);

/** The message stays out of it: some repeat what was sent. */
export function markFailed(span: Span, type: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute("error.type", type);
}

export const errorType = (error: unknown): string =>
  error instanceof CodedError ? error.code : error instanceof Error ? error.name : "unknown";

/** Adds to the span of the work at hand. */
export const noteOnSpan = (attributes: Attributes): void => {
  trace.getActiveSpan()?.setAttributes(attributes);
};

/** The headers that tell another server which span its request belongs to; none unless traces are recorded. */
export function traceHeaders(): Record<string, string> {
  const headers = {};
  propagation.inject(context.active(), headers);
  return headers;
}
