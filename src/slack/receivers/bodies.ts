import type { IncomingMessage } from "node:http";

/** A request's whole body, or why there is none. */
type Body = Buffer | "too large" | "no room" | "hung up";

/** Of unfinished bodies, over all connections. Slack's own are some kilobytes and come in one go. */
const HELD_MOST_BYTES = 32 * 1024 * 1024;

interface Unfinished {
  /** Room for more than has come: it doubles, so that a body in tiny pieces costs no more than one in large ones. */
  bytes: Buffer;
  length: number;
  drop: () => void;
}

/** Reads bodies, with a bound on what all of them together hold before they are complete. */
export class Bodies {
  readonly #unfinished = new Set<Unfinished>();
  #held = 0;

  /** Never rejects. What isn't kept is read past, so that the sender gets to the answer. */
  read(request: IncomingMessage, mostBytes: number): Promise<Body> {
    return new Promise((resolve) => {
      const body: Unfinished = { bytes: Buffer.alloc(0), length: 0, drop: () => end("no room") };
      const take = (chunk: Buffer): void => {
        if (body.length + chunk.length > mostBytes) end("too large");
        else this.#append(body, chunk, mostBytes);
      };
      const end = (result: Body): void => {
        request.off("data", take).resume();
        if (this.#unfinished.delete(body)) this.#held -= body.bytes.length;
        resolve(result);
      };
      this.#unfinished.add(body);
      request.on("data", take);
      request.once("end", () => end(body.bytes.subarray(0, body.length)));
      request.once("close", () => end("hung up"));
    });
  }

  #append(body: Unfinished, chunk: Buffer, mostBytes: number): void {
    const needed = body.length + chunk.length;
    if (needed > body.bytes.length) {
      const larger = Buffer.alloc(Math.min(mostBytes, Math.max(needed, 2 * body.bytes.length)));
      body.bytes.copy(larger, 0, 0, body.length);
      this.#held += larger.length - body.bytes.length;
      body.bytes = larger;
    }
    chunk.copy(body.bytes, body.length);
    body.length = needed;
    // Whoever holds the most makes room: that is never Slack.
    if (this.#held > HELD_MOST_BYTES) largest(this.#unfinished)?.drop();
  }
}

function largest(bodies: Iterable<Unfinished>): Unfinished | undefined {
  let found: Unfinished | undefined;
  for (const body of bodies) if (body.bytes.length > (found?.bytes.length ?? 0)) found = body;
  return found;
}
