import type { AddressInfo, Server } from "node:net";

/**
 * Listens on a free port of the loopback interface and says so on standard output, as sluice does.
 *
 * @param server The server, not listening yet.
 */
export function announce(server: Server): void {
  server.listen(0, "127.0.0.1", 1024, () => {
    const { port } = server.address() as AddressInfo;
    console.log(`listening on http://127.0.0.1:${port}`);
  });
}
