import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** An HTTP proxy that tunnels, and knows where to. */
export interface Proxy {
  url: string;
  /** `host:port` of each tunnel that was asked for, in order. */
  readonly tunnels: readonly string[];
  /** Tunnels from now on nothing: as `refuse` says. */
  refuse(): void;
  close(): Promise<void>;
}

export async function startProxy(): Promise<Proxy> {
  const tunnels: string[] = [];
  const open = new Set<Socket>();
  let isShut = false;
  const server: Server = createServer((_request, response) => response.writeHead(400).end());
  server.on("connect", (request, near: Socket, head) => {
    near.on("error", () => undefined);
    tunnels.push(request.url ?? "");
    if (isShut) {
      near.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const far = connect(Number(port), host, () => {
      near.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      far.write(head);
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    refuse: () => {
      isShut = true;
      for (const socket of open) socket.destroy();
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
