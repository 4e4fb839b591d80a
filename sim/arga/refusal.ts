import type { Dialect } from "./dialect.ts";

/** An answer of 4xx: `detail` as Arga's envelope has it, and fields that some refusals add beside it. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: unknown, more: Record<string, unknown> = {}) {
    super(typeof detail === "string" ? detail : JSON.stringify(detail));
    this.name = "Refusal";
    this.status = status;
    this.body = { detail, ...more };
    this.headers = {};
  }

  /** The body as the dialect has it. */
  bodyIn({ errorField, schemaDetail }: Required<Dialect>): Record<string, unknown> {
    const { detail, ...more } = this.body;
    const isList = Array.isArray(detail) && schemaDetail === "string";
    return { [errorField]: isList ? detail.map(sentenceOf).join("; ") : detail, ...more };
  }

  /** The same refusal with a response header. */
  withHeader(name: string, value: string): this {
    this.headers[name] = value;
    return this;
  }
}

function sentenceOf({ loc, msg }: { loc: PropertyKey[]; msg: string }): string {
  return `${loc.join(".")}: ${msg}`;
}
