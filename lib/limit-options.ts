/**
 * The options of the command line that set limits: which there are. What each says, wants and defaults to comes from the
 * tables of limits.
 */
import { parseDuration } from "./duration.ts";
import { type LimitRow, type Limits, limitTable } from "./limits.ts";
import { type Timeouts, timeoutTable } from "./timeouts.ts";
import type { ValueOption } from "./option-rows.ts";
import { parseSize } from "./size.ts";

const timeoutOptions = {
  headTimeout: "headMs",
  bodyTimeout: "bodyMs",
  writeTimeout: "writeMs",
  upstreamTimeout: "originMs",
  connectTimeout: "connectMs",
  handshakeTimeout: "handshakeMs",
  idleTimeout: "idleMs",
  upstreamIdleTimeout: "originIdleMs",
  tunnelTimeout: "tunnelMs",
  hookTimeout: "hookMs",
  drainTimeout: "drainMs",
} as const;

const limitOptions = {
  maxConnections: "connectionCount",
  headSizeLimit: "requestHeadBytes",
  upstreamHeadSizeLimit: "responseHeadBytes",
  lineSizeLimit: "lineBytes",
  fieldCountLimit: "fieldCount",
  trailerSizeLimit: "trailerBytes",
  decodedSizeLimit: "decodedBytes",
} as const;

/** The options that set limits. */
export type LimitOption = keyof typeof timeoutOptions | keyof typeof limitOptions;

/** What these options say: a number of milliseconds, bytes or things. */
export type LimitSettings = { readonly [Name in LimitOption]: number };

interface Unit {
  /** What the help calls a value. */
  readonly value: string;
  readonly wanted: string;
  readonly parse: (text: string) => number;
  /** Units from the largest to the smallest, with their letters. */
  readonly steps: readonly (readonly [letter: string, size: number])[];
}

const units: Readonly<Record<"ms" | "bytes" | "count", Unit>> = {
  ms: {
    value: "TIME",
    wanted: "a time such as 500ms, 30s or 2h (a bare number is seconds)",
    parse: parseDuration,
    steps: [["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]],
  },
  bytes: {
    value: "SIZE",
    wanted: "a size such as 500k or 1.5m",
    parse: parseSize,
    steps: [["m", 1024 * 1024], ["k", 1024], ["b", 1]],
  },
  count: { value: "N", wanted: "a number", parse: parseCount, steps: [["", 1]] },
};

/** The rows of these options. */
export const limitRows: { readonly [Name in LimitOption]: ValueOption<number> } = {
  ...rowsFor(timeoutOptions, timeoutTable),
  ...rowsFor(limitOptions, limitTable),
};

/**
 * The limits and timeouts that the command line sets.
 *
 * @param settings What it was told.
 * @returns What `createProxy` takes.
 */
export function limitsOf(settings: LimitSettings): { limits: Partial<Limits>; timeouts: Partial<Timeouts> } {
  return { limits: renamed(settings, limitOptions), timeouts: renamed(settings, timeoutOptions) };
}

function renamed<Option extends LimitOption, Name extends string>(
  settings: LimitSettings,
  names: Readonly<Record<Option, Name>>,
): { [name in Name]?: number } {
  const entries = Object.entries(names) as [Option, Name][];
  return Object.fromEntries(entries.map(([option, name]) => [name, settings[option]])) as {
    [name in Name]?: number;
  };
}

function rowsFor<Option extends string, Name extends string>(
  names: Readonly<Record<Option, Name>>,
  table: Readonly<Record<Name, LimitRow>>,
): Record<Option, ValueOption<number>> {
  const entries = Object.entries(names) as [Option, Name][];
  const rows = entries.map(([option, name]) => [option, rowFor(table[name])]);
  return Object.fromEntries(rows) as Record<Option, ValueOption<number>>;
}

function rowFor({ unit, value, what }: LimitRow): ValueOption<number> {
  const { value: called, wanted, parse, steps } = units[unit as keyof typeof units];
  // An hour is told as 1h, a minute and a half as 90s.
  const [letter, size] = steps.find(([, size]) => value % size === 0)!;
  return {
    kind: "value",
    value: called,
    wanted: `${wanted}, more than 0`,
    fallback: `${value / size}${letter}`,
    parse: (text) => positive(parse(text)),
    help: what,
  };
}

function parseCount(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : NaN;
}

function positive(value: number): number {
  if (value > 0) return value;
  throw new RangeError(`Cannot set the limit as it must be more than 0: got ${value}`);
}
