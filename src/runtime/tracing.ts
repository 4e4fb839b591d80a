import type { Logger } from "pino";
import type { TraceExport, TraceProtocol } from "./trace-export.ts";

const PROTOCOLS: readonly string[] = ["http/protobuf", "http/json"] satisfies TraceProtocol[];

/**
 * Whether and how traces leave the process, as the standard variables say (docs/operations.md#traces): only if they name a
 * place, or OTEL_TRACES_EXPORTER is `otlp`. `problem` says why they don't although that is asked for.
 */
export function traceSettings(env: NodeJS.ProcessEnv): { protocol?: TraceProtocol; problem?: string } {
  const get = (name: string): string | undefined => env[name]?.trim() || undefined;
  const place = get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? get("OTEL_EXPORTER_OTLP_ENDPOINT");
  const exporter = get("OTEL_TRACES_EXPORTER") ?? (place === undefined ? "none" : "otlp");
  if (get("OTEL_SDK_DISABLED")?.toLowerCase() === "true" || exporter === "none") return {};
  if (exporter !== "otlp") return { problem: "OTEL_TRACES_EXPORTER must be otlp or none" };
  const isAddress = place === undefined || (URL.canParse(place) && /^https?:$/.test(new URL(place).protocol));
  if (!isAddress) return { problem: "OTEL_EXPORTER_OTLP_ENDPOINT must start with http:// or https://" };
  const protocol =
    get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? get("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "http/protobuf";
  if (!PROTOCOLS.includes(protocol))
    return { problem: `OTEL_EXPORTER_OTLP_PROTOCOL must be ${PROTOCOLS.join(" or ")}` };
  return { protocol: protocol as TraceProtocol };
}

/** Begins to record traces if the environment asks for it. Otherwise, nothing of it is even loaded. */
export async function startTracing(env: NodeJS.ProcessEnv, logger: Logger): Promise<TraceExport | undefined> {
  const { protocol, problem } = traceSettings(env);
  if (problem !== undefined) logger.warn({ why: problem }, "Traces are asked for and can't be sent");
  if (protocol === undefined) return undefined;
  const { exportTraces } = await import("./trace-export.ts");
  return exportTraces(protocol, env, logger);
}
