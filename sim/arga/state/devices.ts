import { randomBytes, randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { Refusal } from "../refusal.ts";

interface Login {
  deviceName: string | null;
  approved: boolean;
  stopTimer: () => void;
}

const CODE_SECONDS = 600;

/** Logins of devices, and the keys that came of them. */
export class Devices {
  /** Logins that wait to be approved or fetched, by device code. */
  readonly #logins = new Map<string, Login>();
  /** Keys by their id. */
  readonly #keys = new Map<string, string>();
  readonly #clock: Clock;
  readonly #changed: () => void;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The codes of the logins that wait. */
  get pending(): string[] {
    return [...this.#logins.keys()];
  }

  accepts(key: string): boolean {
    return [...this.#keys.values()].includes(key);
  }

  /** The device code, which lives for ten simulated minutes. */
  start(deviceName: string | null): string {
    const code = randomBytes(16).toString("hex");
    const stopTimer = this.#clock.after(CODE_SECONDS, () => void this.#logins.delete(code));
    this.#logins.set(code, { deviceName, approved: false, stopTimer });
    this.#changed();
    return code;
  }

  /** What a person does in the browser. @throws Refusal 400 for an unknown, used or old code. */
  approve(code: string): void {
    this.#login(code).approved = true;
    this.#changed();
  }

  /** Undefined until it is approved; then a key, once. @throws Refusal 400 for an unknown, used or old code. */
  poll(code: string): { keyId: string; key: string; deviceName: string | null } | undefined {
    const { approved, deviceName, stopTimer } = this.#login(code);
    if (!approved) return undefined;
    stopTimer();
    this.#logins.delete(code);
    const keyId = randomUUID();
    const key = `arga_sk_${randomBytes(20).toString("hex")}`;
    this.#keys.set(keyId, key);
    return { keyId, key, deviceName };
  }

  /** @throws Refusal 404 */
  revoke(keyId: string): void {
    if (!this.#keys.delete(keyId)) throw new Refusal(404, "Device not found");
    this.#changed();
  }

  // The status and text for a code that is no longer good are not known.
  #login(code: string): Login {
    const login = this.#logins.get(code);
    if (!login) throw new Refusal(400, "Invalid or expired device code");
    return login;
  }
}
