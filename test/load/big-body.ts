/** One large body through a chain of transforms, and the memory of the proxy while it passes. */
import { once } from "node:events";
import { get, request, startFloods } from "./flood.ts";
import { MiB, residentBytes, slopeOf } from "./measure.ts";
import { startProxy } from "./proxy.ts";

/** What was seen while a large body passed. */
export interface Passage {
  /** The bytes that came out, with the head. */
  readonly received: number;
  /** How much the memory grew after the warm-up, at most, in bytes. */
  readonly growth: number;
  /** How fast it grew, by the line that fits best, in bytes for each GiB of the body. */
  readonly slope: number;
  /** The memory at the end, in bytes. */
  readonly resident: number;
  /** How long it took, in seconds. */
  readonly seconds: number;
}

/**
 * Passes a large body through a chain of transforms.
 *
 * @param size The size of the body, in bytes.
 * @param warmUp How much of it passes before the memory counts, in bytes.
 */
export async function passBigBody(size: number, warmUp: number): Promise<Passage> {
  const origin = await startFloods(size);
  await using proxy = await startProxy(origin.port);
  const begun = performance.now();
  const client = await request(
    proxy.port,
    get("/transform").replace("HTTP/1.1\r\n", "HTTP/1.1\r\nConnection: close\r\n"),
  );
  const samples: [gib: number, resident: number][] = [];
  let received = 0;
  let next = warmUp;
  client.on("data", (chunk) => {
    received += chunk.length;
    if (received < next) return;
    samples.push([received / (1024 * MiB), residentBytes(proxy.pid)]);
    next += 8 * MiB;
  });
  await once(client, "close");
  const sizes = samples.map(([, resident]) => resident);
  const passage = {
    received,
    growth: Math.max(...sizes) - sizes[0]!,
    slope: slopeOf(samples),
    resident: sizes.at(-1)!,
    seconds: (performance.now() - begun) / 1000,
  };
  await origin.close();
  return passage;
}
