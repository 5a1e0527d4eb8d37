import { coded } from "./works/coded.ts";
import { fused } from "./works/fused.ts";
import { bodies, connections, frames } from "./works/growth.ts";
import { handshakes, intercepted } from "./works/interception.ts";
import { passed, replaced } from "./works/large-body.ts";
import { latency } from "./works/latency.ts";
import { memoryConnections } from "./works/memory-connections.ts";
import { memoryVolume } from "./works/memory-volume.ts";
import { newConnections, requests } from "./works/requests.ts";
import { uploads } from "./works/uploads.ts";
import { wireChunks } from "./works/wire-chunks.ts";
import type { Work } from "./work.ts";

/** All works, in the order of the tables. */
export const works: readonly Work[] = [
  passed,
  replaced,
  coded,
  wireChunks,
  uploads,
  requests,
  newConnections,
  intercepted,
  handshakes,
  latency,
  memoryVolume,
  memoryConnections,
  fused,
  bodies,
  frames,
  connections,
];
