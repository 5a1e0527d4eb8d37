// HTTPS through a forward proxy that opens it: what a handshake costs, on a connection of its own with one small
// request, and what a byte costs that is decrypted and encrypted again.

import { createHash } from "node:crypto";
import { type Bench, type Proxy, rowOf } from "../bench.ts";
import type { Body } from "../body.ts";
import { withCpu } from "../cpu.ts";
import { CPU, SPEED, transferValues } from "../quantities.ts";
import { interceptors, MITMPROXY } from "../subjects.ts";
import { downloadThrough, shakeHands } from "../tls-client.ts";
import { startTlsOrigin, type TlsOrigin } from "../tls-origin.ts";
import type { Quantity, Row, Values, Work } from "../work.ts";

const RATE: Quantity = { key: "rate", name: "handshakes/s", digits: 0 };
const CPU_PER_HANDSHAKE: Quantity = { key: "cpuPerHandshake", name: "CPU ms/handshake", digits: 2 };

/** A connection for each small request. */
export const handshakes: Work = {
  name: "handshakes",
  title: "HTTPS opened, a connection for each 1 kB",
  quantities: [RATE, CPU_PER_HANDSHAKE],
  bases: [MITMPROXY],
  targets: [{ quantity: RATE.key, against: { subject: MITMPROXY }, atLeast: 3 }],
  prepare: (bench) =>
    prepare(bench, async ({ running }, { port }) => {
      const { cpu, result } = await withCpu(
        running,
        () => shakeHands(running.port, port, bench.options.seconds),
      );
      const { count, seconds } = result;
      return { [RATE.key]: count / seconds, [CPU_PER_HANDSHAKE.key]: cpu / count * 1000 };
    }),
};

/** A large body. */
export const intercepted: Work = {
  name: "intercepted",
  title: "HTTPS opened, large body",
  quantities: [CPU, SPEED],
  bases: [MITMPROXY],
  targets: [{ quantity: CPU.key, against: { subject: MITMPROXY }, atMost: 0.5 }],
  prepare: (bench) =>
    prepare(bench, async ({ running }, origin, { size }) => {
      const { cpu, result } = await withCpu(running, () => downloadThrough(running.port, origin.port));
      if (result.bytes !== size) throw new Error(`wrong output: ${result.bytes} bytes, not ${size}`);
      return transferValues(cpu, result);
    }),
};

async function prepare(
  bench: Bench,
  measure: (proxy: Proxy, origin: TlsOrigin, body: Body) => Promise<Values>,
): Promise<readonly Row[]> {
  const { body } = await bench.files();
  const origin = await startTlsOrigin(bench.folder);
  const all = await bench.startAll(interceptors(origin.ca), origin.port, async ({ running }) => {
    const hash = createHash("sha256");
    await downloadThrough(running.port, origin.port, (data) => hash.update(data));
    if (hash.digest("hex") !== body.checksum) throw new Error("wrong output: a body of another content");
    await shakeHands(running.port, origin.port, 1);
  });
  return all.map((started) => rowOf(started, {}, (proxy) => measure(proxy, origin, body)));
}
