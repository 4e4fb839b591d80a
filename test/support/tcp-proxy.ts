import type { AddressInfo } from "node:net";
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";

/** Stands between the bot and something that it talks to, on a port of its own: counts, cuts, silences. */
export interface TcpProxy {
  port: number;
  /** From now on counts from 0. Calls `onReached` instead of passing on the n-th send, and cuts every connection. */
  stopAt(n: number, onReached: () => void): void;
  /** From now on counts from 0, and passes nothing on after so many sends: their connections stand and stay silent. */
  holdAfter(n: number): void;
  /** New connections go to this one from now on, as when a name leads to another master. */
  leadTo(target: NetConnectOpts): void;
  /** From now on this is read in place of that, in whatever the other side says. */
  pretend(that: RegExp, text: string): void;
  /** Nothing passes either way until what it returns is called, as when a cable is pulled: nobody is told. */
  silence(): () => void;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** How much was sent since the last {@link stopAt}. */
  sent(): number;
  close(): Promise<void>;
}

/** `onSent` hears whatever the bot says. */
export async function startTcpProxy(
  first: NetConnectOpts,
  onSent: (chunk: Buffer) => void = () => {},
): Promise<TcpProxy> {
  let count = 0;
  let limit = Number.POSITIVE_INFINITY;
  let held = Number.POSITIVE_INFINITY;
  let reached = (): void => {};
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  let target = first;
  let pretence: [RegExp, string] | undefined;
  let isSilent = false;
  const server = createServer((client) => {
    const other = connect(target);
    for (const socket of [client, other]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        other.destroy();
      });
    }
    other.on("data", (chunk) => {
      if (!pretence) return void client.write(chunk);
      const [that, text] = pretence;
      // As long as before: the length of a value is said in front of it.
      const same = (found: string): string => text.padEnd(found.length, "0").slice(0, found.length);
      client.write(Buffer.from(chunk.toString("latin1").replace(that, same), "latin1"));
    });
    client.on("data", (chunk) => {
      onSent(chunk);
      if (count >= held) return;
      if (count++ !== limit) return void other.write(chunk);
      cut();
      reached();
    });
    if (isSilent) for (const socket of [client, other]) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stopAt: (n, onReached) => {
      count = 0;
      limit = n;
      reached = onReached;
    },
    holdAfter: (n) => {
      count = 0;
      held = n;
    },
    leadTo: (other) => {
      target = other;
    },
    pretend: (that, text) => {
      pretence = [that, text];
    },
    silence: () => {
      isSilent = true;
      for (const socket of sockets) socket.pause();
      return () => {
        isSilent = false;
        for (const socket of sockets) socket.resume();
      };
    },
    cut,
    sent: () => count,
    close: () => closed(server, cut),
  };
}

async function closed(server: Server, cut: () => void): Promise<void> {
  const gone = new Promise((resolve) => server.close(resolve));
  cut();
  await gone;
}
