/** Choosing among the addresses of a name: for the networks of the runtimes. */
import type { Address } from "./socket.ts";

/**
 * The addresses of a name that may be connected to.
 *
 * @param addresses The numeric addresses, at least one.
 * @param port The port.
 * @param check Throws for one that may not be connected to; `undefined` allows all.
 * @returns Those that may, in order, at least one.
 * @throws What `check` threw first, if none may.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const check = ({ host }: { host: string }) => {
 *   if (host.startsWith("10.")) throw new RangeError(host);
 * };
 * assert.deepEqual(admitted(["10.0.0.1", "192.0.2.1"], 80, check), ["192.0.2.1"]);
 * assert.throws(() => admitted(["10.0.0.1"], 80, check), RangeError);
 * ```
 */
export function admitted(
  addresses: readonly string[],
  port: number,
  check: ((address: Address) => void) | undefined,
): string[] {
  let refusal: unknown;
  const allowed = addresses.filter((host) => {
    try {
      check?.({ host, port });
      return true;
    } catch (error) {
      refusal ??= error;
      return false;
    }
  });
  if (allowed.length === 0) throw refusal;
  return allowed;
}
