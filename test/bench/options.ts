import { parseArgs } from "node:util";
import { parseSize } from "../../lib/size.ts";

/** What is run, and how much of it. */
export interface Options {
  /** How often each row is measured. */
  readonly rounds: number;
  /** How long one run of many requests takes, in whole seconds. */
  readonly seconds: number;
  /** Length of the large body in bytes. */
  readonly size: number;
  /** Length of the body that passes while the memory is watched, in bytes. */
  readonly volume: number;
  /** The longest of the bodies of growing size, in bytes. */
  readonly largest: number;
  /** Only works whose name matches. */
  readonly only: RegExp;
  /** Only subjects whose name matches. */
  readonly subjects: RegExp;
  readonly quick: boolean;
  readonly write: boolean;
  readonly help: boolean;
}

/** What `--help` prints. */
export const USAGE = `Usage: npm run bench -- [options]
       npm run bench -- transforms [options]   the transforms alone, without sockets; --help lists its options

Measures sluice beside other proxies, and prints tables.

  --rounds N         how often each row is measured, all in turns (5; with --quick 1)
  --seconds N        length of one run of many requests (2; with --quick 1)
  --size SIZE        length of the large body (512m; with --quick 64m)
  --volume SIZE      what passes in one body while the memory is watched (1g; with --quick 128m)
  --largest SIZE     the longest of the bodies of growing size (1g; with --quick 100m)
  --only REGEXP      only the tables whose name matches, as in "passed|requests"
  --subjects REGEXP  only the rows whose proxy matches, as in "sluice on Node"; such a run writes nothing
  --write            write what was measured into docs/performance.md and docs/plots/; tables that were not
                     measured stay as they are
  --quick            one short round: shows that all runs, measures badly
  --help             this text
`;

/** The amounts that are measured, by whether the run is quick. */
const amounts = {
  thorough: { rounds: "5", seconds: "2", size: "512m", volume: "1g", largest: "1g" },
  quick: { rounds: "1", seconds: "1", size: "64m", volume: "128m", largest: "100m" },
} as const;

/**
 * Reads the command line.
 *
 * @param args The arguments after the script's name.
 * @returns The options, defaults filled in.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a value is out of range.
 */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      size: { type: "string" },
      volume: { type: "string" },
      largest: { type: "string" },
      only: { type: "string", default: "" },
      subjects: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { rounds, seconds, size, volume, largest } = {
    ...amounts[values.quick ? "quick" : "thorough"],
    ...values,
  };
  if (values.write && values.subjects !== "") {
    throw new RangeError(
      "Cannot --write with --subjects as a table must have all its rows: leave one of them off",
    );
  }
  return {
    rounds: wholeNumber("rounds", rounds),
    seconds: wholeNumber("seconds", seconds),
    size: sizeOf("size", size),
    volume: sizeOf("volume", volume),
    largest: sizeOf("largest", largest),
    only: new RegExp(values.only, "i"),
    subjects: new RegExp(values.subjects, "i"),
    quick: values.quick,
    write: values.write,
    help: values.help,
  };
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`Cannot take --${option} as it must be a whole number of at least 1: got ${text}`);
}

function sizeOf(option: string, text: string): number {
  const size = parseSize(text);
  if (size >= 1024 ** 2) return size;
  throw new RangeError(`Cannot take --${option} as it must be at least 1m: got ${text}`);
}
