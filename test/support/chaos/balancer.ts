import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** One address for several processes, by turns; one that doesn't take a connection is passed over. */
export interface Balancer {
  url: string;
  close(): Promise<void>;
}

/** `ports` are those of the processes that are ready now. */
export async function startBalancer(ports: () => readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer((client) => {
    const known = ports();
    turn += 1;
    const order = known.map((_, n) => known[(turn + n) % known.length] as number);
    sockets.add(client);
    client.on("error", () => {});
    client.on("close", () => sockets.delete(client));
    passOn(client, order);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const gone = once(server.close(), "close");
      for (const socket of sockets) socket.destroy();
      await gone;
    },
  };
}

function passOn(client: Socket, [port, ...others]: readonly number[]): void {
  if (port === undefined) return void client.destroy();
  const other = connect(port, "127.0.0.1");
  other.once("connect", () => {
    client.pipe(other).pipe(client);
    other.on("close", () => client.destroy());
    client.on("close", () => other.destroy());
  });
  other.on("error", () => {
    if (other.connecting || other.bytesRead + other.bytesWritten === 0) passOn(client, others);
    else client.destroy();
  });
}
