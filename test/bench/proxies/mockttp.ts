// mockttp, told to forward everything. Usage: node mockttp.js ORIGIN_PORT

import { loadPackage } from "../packages.ts";

interface Mockttp {
  getLocal(options: object): {
    readonly port: number;
    start(): Promise<void>;
    forAnyRequest(): { thenForwardTo(url: string): Promise<unknown> };
  };
}

const { getLocal } = await loadPackage("mockttp") as Mockttp;
const server = getLocal({ recordTraffic: false });
await server.start();
await server.forAnyRequest().thenForwardTo(`http://127.0.0.1:${process.argv[2]}`);
console.log(`listening on http://127.0.0.1:${server.port}`);
