import { parseArgs } from "node:util";
import { parseSize } from "../../lib/size.ts";
import type { Plan } from "./measure.ts";

/** What is run, and how much of it. */
export interface Options extends Plan {
  /** Length of the large body in bytes. */
  readonly size: number;
  /** Only subjects whose name matches. */
  readonly only: RegExp;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run bench -- [options]
       npm run bench -- transforms [options]   the transforms alone, without sockets; --help lists its options

  --rounds N     how often each subject is measured (3; with --quick 1)
  --size SIZE    length of the large body (512m; with --quick 128m)
  --only REGEXP  only the subjects whose name matches
  --quick        few rounds and small bodies: shows that all runs, measures badly
  --help         this text
`;

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
      size: { type: "string" },
      only: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? "1" : "3"));
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new RangeError(
      `Cannot run --rounds as it must be a whole number of at least 1: got ${values.rounds}`,
    );
  }
  const size = parseSize(values.size ?? (values.quick ? "128m" : "512m"));
  if (size < 1) throw new RangeError("Cannot send --size as it must be at least one byte: got 0");
  return {
    rounds,
    size,
    only: new RegExp(values.only, "i"),
    loadSeconds: values.quick ? 1 : 3,
    help: values.help,
  };
}
