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

  /** The same refusal with a response header. */
  withHeader(name: string, value: string): this {
    this.headers[name] = value;
    return this;
  }
}
