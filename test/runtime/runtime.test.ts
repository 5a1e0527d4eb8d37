/** Runs the suite with the network of the runtime that this is. */
import { describe } from "node:test";
import { addTests } from "./suite.ts";

if ("Deno" in globalThis) {
  const { network } = await import("../../runtime-deno/mod.ts");
  describe("the network of Deno", () => addTests(network, { abortIsReset: false }));
} else {
  const { network } = await import("../../runtime-node/mod.ts");
  describe("the network of Node", () => addTests(network, { abortIsReset: true }));
}
