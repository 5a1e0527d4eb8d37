/**
 * From the command line's words to settings, by the table of options.
 *
 * The runtime's `parseArgs` only splits the words into tokens (`strict: false`); what a token may be, and what is said
 * when it may not, is decided here, so that every mistake gets one line that names the option, what it wants and what
 * it got.
 */
import { nearest } from "./nearest.ts";
import type { FlagOption, ListOption, ValueOption } from "./option-rows.ts";
import { longName, type Options, options, type Settings } from "./options.ts";

/** A word of the command line, as `parseArgs` of `node:util` tells it with `tokens: true`. */
export type ArgToken =
  | {
    readonly kind: "option";
    /** The long name without dashes, or whatever was written if it is unknown. */
    readonly name: string;
    /** The option as it was written. */
    readonly rawName: string;
    /** The value, if the option takes one or was given one. */
    readonly value: string | undefined;
    /** Whether the value was written with `=`, or right behind a short option. */
    readonly inlineValue: boolean | undefined;
  }
  | { readonly kind: "positional"; readonly value: string }
  | { readonly kind: "option-terminator" };

/** What `parseArgs` is given. */
export interface ArgsConfig {
  readonly args: string[];
  readonly options: Record<string, { type: "string" | "boolean"; short?: string }>;
  readonly strict: false;
  readonly allowPositionals: true;
  readonly tokens: true;
}

/** `parseArgs` of `node:util`, as far as it is used. */
export type ParseArgs = (config: ArgsConfig) => { tokens: readonly ArgToken[] };

/** The command line can't be understood: one line says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type AnyOption = FlagOption | ValueOption<unknown> | ListOption<unknown>;
const rows = Object.entries(options) as [keyof Options, AnyOption][];
const longNames = rows.map(([name]) => longName(name));

/**
 * Reads the command line.
 *
 * @param args The words after the program's name.
 * @param parseArgs `parseArgs` of `node:util`.
 * @returns What was set, and the defaults of what was not.
 * @throws {UsageError} If an option is unknown, lacks its value, or has one that it does not want.
 */
export function readSettings(args: readonly string[], parseArgs: ParseArgs): Settings {
  const settings = new Map<string, unknown>(rows.map(([name, row]) => [name, initial(row)]));
  for (const token of parseArgs(configFor(args)).tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") throw strayWord(token.value);
    const [name, row] = rows.find(([name]) => longName(name) === `--${token.name}`) ?? [];
    if (name === undefined || row === undefined) throw unknownOption(token.rawName);
    const value = valueOf(row, token);
    settings.set(name, row.kind === "list" ? [...settings.get(name) as unknown[], value] : value);
  }
  return Object.fromEntries(settings) as unknown as Settings;
}

function configFor(args: readonly string[]): ArgsConfig {
  const config = rows.map(([name, row]) => [longName(name).slice(2), {
    type: row.kind === "flag" ? "boolean" : "string",
    ...(row.short !== undefined && { short: row.short }),
  }]);
  return {
    args: [...args],
    options: Object.fromEntries(config),
    strict: false,
    allowPositionals: true,
    tokens: true,
  };
}

function initial(row: AnyOption): unknown {
  if (row.kind === "flag") return false;
  if (row.kind === "list") return [];
  return row.fallback === undefined ? undefined : row.parse(row.fallback);
}

function valueOf(row: AnyOption, token: ArgToken & { kind: "option" }): unknown {
  const { rawName, value } = token;
  if (row.kind === "flag") {
    if (value === undefined) return true;
    throw new UsageError(`Cannot use ${rawName} with a value as it takes none: got ${JSON.stringify(value)}`);
  }
  // A word that begins with a dash is the next option, unless it is a number: the value was forgotten.
  if (value === undefined || (!token.inlineValue && /^-[^\d]/.test(value))) {
    throw new UsageError(`Cannot use ${rawName} without a value as it must be ${row.wanted}: got none`);
  }
  try {
    return row.parse(value);
  } catch (cause) {
    const line = `Cannot use ${rawName} as it must be ${row.wanted}: got ${shown(row, value)}`;
    // Of what has a syntax, the reader of it knows best what is wrong.
    const why = cause instanceof SyntaxError ? `; ${cause.message}` : "";
    throw new UsageError(line + why, { cause });
  }
}

/** A value as an error may show it: passwords are for nobody's eyes, nor for a log. */
function shown(row: AnyOption, value: string): string {
  if (row.kind === "value" && row.secret === true) return "something else";
  return JSON.stringify(value.replace(/\/\/.*@/s, "//...@"));
}

function unknownOption(written: string): UsageError {
  const guess = written.startsWith("--") ? nearest(written, longNames) : null;
  const hint = guess === null ? "see --help" : `did you mean ${guess}?`;
  return new UsageError(`Cannot use ${JSON.stringify(written)} as there is no such option; ${hint}`);
}

function strayWord(word: string): UsageError {
  return new UsageError(
    `Cannot use ${
      JSON.stringify(word)
    } as a word must be an option or follow one that takes a value; see --help`,
  );
}
