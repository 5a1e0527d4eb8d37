/**
 * What all connections of one proxy share.
 */
import type { ContentCodings } from "./codings.ts";
import type { ForwardedPolicy } from "./forwarded.ts";
import type { Hooks, Toolkit } from "./hooks.ts";
import type { Interception } from "./interception.ts";
import type { Limits } from "./limits.ts";
import type { Timeouts } from "./timeouts.ts";
import type { Log } from "./log.ts";
import type { Mode } from "./mode.ts";
import type { Pool } from "./pool.ts";
import type { Reach } from "./reach.ts";
import type { RouteTable } from "./route.ts";
import type { Scheme } from "./target.ts";
import type { TlsServer } from "./tls.ts";
import type { Upstream } from "./upstream.ts";

/** The settings and the common parts of a proxy. */
export interface ProxyContext {
  /** What role it plays. */
  readonly mode: Mode;
  /** Bodies over so many bytes are never buffered for a hook; `undefined`: no such size. */
  readonly streamOver: number | undefined;
  /** The most bytes of a piece that a transform gets of a body that isn't chunked; `undefined`: see `pieceSize`. */
  readonly chunkSize: number | undefined;
  /** The most bytes that a body may have. */
  readonly bodySizeLimit: number;
  /** The codec's limits. */
  readonly limits: Limits;
  /** How long things may take. */
  readonly timeouts: Timeouts;
  /** The scripts, as they are now. */
  readonly hooks: () => readonly Hooks[];
  /** What hooks get besides the flow. */
  readonly toolkit: Toolkit;
  /** Which transforms apply to which host and path; `null` if there are no routes. */
  readonly routes: RouteTable | null;
  /** The content codings that the runtime has. */
  readonly codings: ContentCodings;
  /** Where flows are told. */
  readonly log: Log;
  /** Where connections may go. */
  readonly reach: Reach;
  /** The user name and password, with a colon between, that requests must bring; `null` for none. */
  readonly proxyAuth: string | null;
  /** Opens the TLS connections of clients; `null` if they pass unread. */
  readonly interception: Interception | null;
  /** How the client speaks with the proxy. */
  readonly clientScheme: Scheme;
  /** Speaks TLS with clients; `null` if they come in clear. */
  readonly listenTls: TlsServer | null;
  /** What origins are told of clients. */
  readonly forwarded: ForwardedPolicy;
  /** The proxy behind this one; `null` if there is none. */
  readonly upstream: Upstream | null;
  /** The name that this proxy signs messages with. */
  readonly signature: string;
  /** The origin connections. */
  readonly pool: Pool;
  /** Whether the proxy is about to end, or full: connections are not kept. */
  readonly closing: () => boolean;
}
