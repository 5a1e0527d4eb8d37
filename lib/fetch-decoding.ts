/**
 * Which content codings the `fetch` of each runtime undoes. All of them leave `Content-Encoding` and
 * `Content-Length` as they came, so that the fields of a fetched `Response` don't tell what its body is.
 *
 * Found by asking them: Node 20 to 26, Deno 2.9, Bun 1.4, workerd 2026-11-17, Chromium 156; other browsers by what they
 * document.
 */

/** How one runtime decodes. */
interface FetchDecoding {
  /** How the runtime's `navigator.userAgent` begins; what has none is Node 20. */
  readonly agent: string;
  /** The least major version that the row is true of, where it matters. */
  readonly since?: number;
  /** The codings that it undoes. */
  readonly codings: readonly string[];
  /** Whether it undoes several, one after the other. */
  readonly lists: boolean;
}

const common = ["gzip", "x-gzip", "deflate", "br"];

/** The first row that fits counts. */
const rows: readonly FetchDecoding[] = [
  { agent: "Node.js/", since: 24, codings: [...common, "zstd"], lists: true },
  { agent: "Node.js/", codings: common, lists: true },
  { agent: "Deno/", codings: ["gzip", "br"], lists: false },
  { agent: "Bun/", codings: [...common, "zstd"], lists: false },
  { agent: "Cloudflare-Workers", codings: ["gzip", "br"], lists: false },
  { agent: "Mozilla/", codings: [...common, "zstd"], lists: true },
  { agent: "", codings: common, lists: true },
];

/**
 * Tells whether a `fetch` has undone the content codings of a response.
 *
 * @param names The codings, lower-cased, in the order in which they were applied; at least one.
 * @param agent The runtime, as its `navigator.userAgent`; default this one.
 * @returns Whether the body is plain.
 */
export function fetchDecodes(names: readonly string[], agent: string = thisAgent()): boolean {
  const { codings, lists } = rows.find((row) => fits(row, agent))!;
  return names.every((name) => codings.includes(name)) && (names.length === 1 || lists);
}

function fits({ agent: beginning, since = 0 }: FetchDecoding, agent: string): boolean {
  return agent.startsWith(beginning) && (since === 0 || parseInt(agent.slice(beginning.length)) >= since);
}

function thisAgent(): string {
  return (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent ?? "";
}
