import { once } from "node:events";
import { createServer } from "node:net";

/** Below what the system gives to those who take any port (32768 on Linux, 49152 elsewhere), above what is well known. */
const [FIRST, LAST] = [10_000, 30_000];

/**
 * A port on which nobody listens, and which nobody comes to listen on by chance: all that our tests start takes whatever
 * port the system gives.
 */
export async function closedPort(): Promise<number> {
  const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return await closedPort();
  }
  await once(server.close(), "close");
  return port;
}
