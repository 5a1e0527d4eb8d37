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
  /** Whether it undoes those of a list that names `identity`, or nothing, as well; `null` where that can't be told. */
  readonly padded: boolean | null;
}

const common = ["gzip", "x-gzip", "deflate", "br"];

/**
 * The first row that fits counts. Deno goes by the first of several field lines, and none of those is to be seen in the
 * field: it undoes `gzip` and `identity` in two lines, not in one.
 */
const rows: readonly FetchDecoding[] = [
  { agent: "Node.js/", since: 24, codings: [...common, "zstd"], lists: true, padded: false },
  { agent: "Node.js/", codings: common, lists: true, padded: false },
  { agent: "Deno/", codings: ["gzip", "br"], lists: false, padded: null },
  { agent: "Bun/", codings: [...common, "zstd"], lists: false, padded: true },
  { agent: "Cloudflare-Workers", codings: ["gzip", "br"], lists: false, padded: null },
  { agent: "Mozilla/", codings: [...common, "zstd"], lists: true, padded: null },
  { agent: "", codings: common, lists: true, padded: false },
];

/**
 * Tells whether a `fetch` has undone the content codings of a response.
 *
 * @param members The members of its `Content-Encoding`, lower-cased, in their order; also `identity` and empty ones.
 * @param agent The runtime, as its `navigator.userAgent`; default this one.
 * @returns Whether the body is plain; `null` if that can't be told.
 */
export function fetchDecodes(members: readonly string[], agent: string = thisAgent()): boolean | null {
  const { codings, lists, padded } = rows.find((row) => fits(row, agent))!;
  const names = members.filter(isCoding);
  if (!names.every((name) => codings.includes(name)) || (names.length > 1 && !lists)) return false;
  return names.length === members.length ? true : padded;
}

/** Whether a member of `Content-Encoding` changes the bytes. */
export function isCoding(member: string): boolean {
  return member !== "" && member !== "identity";
}

function fits({ agent: beginning, since = 0 }: FetchDecoding, agent: string): boolean {
  return agent.startsWith(beginning) && (since === 0 || parseInt(agent.slice(beginning.length)) >= since);
}

function thisAgent(): string {
  return (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent ?? "";
}
