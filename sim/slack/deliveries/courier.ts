import { defined } from "../json.ts";
import type { Log } from "../log.ts";
import type { Settings } from "../settings.ts";
import type { Delivery } from "../types.ts";
import { sealForHttp, sendOverHttp } from "./http.ts";
import type { Answer, Outgoing, Sealed } from "./outgoing.ts";
import type { Sockets } from "./socket.ts";

/** A delivery that was made, and its answer. */
export interface Sent {
  readonly id: string;
  readonly transport: Delivery["transport"];
  readonly answer: Answer;
}

interface Letter {
  readonly outgoing: Outgoing;
  readonly sealed: Sealed;
}

/** Brings payloads to the app: by signed POST when there is a request URL, over its sockets otherwise. */
export class Courier {
  requestUrl: string | undefined;
  readonly #letters = new Map<string, Letter>();
  readonly #settings: Settings;
  readonly #log: Log;
  readonly #sockets: Sockets;

  constructor(settings: Settings, log: Log, sockets: Sockets) {
    this.#settings = settings;
    this.#log = log;
    this.#sockets = sockets;
  }

  deliver(outgoing: Outgoing): Promise<Sent> {
    return this.#send({ outgoing, sealed: this.#seal(outgoing) });
  }

  /** Sends the very same again: the same signature and timestamp, or the same envelope. @throws Error on an unknown id */
  redeliver(id: string): Promise<Sent> {
    const letter = this.#letters.get(id);
    if (letter === undefined) throw new Error(`nothing was delivered as ${id}`);
    return this.#send(letter);
  }

  #seal(outgoing: Outgoing): Sealed {
    if (this.requestUrl === undefined) return this.#sockets.seal(outgoing);
    // Signed with the real time: receivers compare it with their own clock.
    return sealForHttp(outgoing, this.#settings.app.signingSecret, Date.now());
  }

  async #send(letter: Letter): Promise<Sent> {
    const { outgoing, sealed } = letter;
    const id = `delivery-${this.#letters.size + 1}`;
    this.#letters.set(id, letter);
    const { name: method, payload: args, retry } = outgoing;
    const about = { method, args: retry === undefined ? args : { ...args, retry } };
    this.#log.write({ kind: "delivery", ...about, ok: true, applied: true });
    const answer = await this.#carry(sealed);
    this.#log.write({
      kind: answer.timedOut ? "timeout" : "ack",
      ...about,
      ...outcomeOf(answer),
      applied: true,
    });
    return { id, transport: sealed.transport, answer };
  }

  async #carry(sealed: Sealed): Promise<Answer> {
    if (sealed.transport === "socket") return this.#sockets.send(sealed);
    if (this.requestUrl === undefined) return { ackMs: 0, timedOut: false, failure: "connection_failed" };
    return sendOverHttp(this.requestUrl, sealed, this.#settings.timing.ackMs);
  }
}

function outcomeOf({ failure, status }: Answer): { ok: boolean; error?: string; status?: number } {
  return {
    ok: failure === undefined,
    ...defined({ error: failure, status }),
  };
}
