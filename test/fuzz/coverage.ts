/**
 * How much of some files has run, by V8's own account: so that one sees that the fuzzer gets behind the front door. Node
 * has this, Deno has not.
 */
import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";

/** What of a file has run. */
export interface FileCoverage {
  /** Its path below the folder. */
  readonly file: string;
  /** How many characters it has, without comments and blanks at the ends of lines. */
  readonly size: number;
  /** How many of them have run. */
  readonly run: number;
  /** The lines that have not. */
  readonly missed: readonly number[];
}

/** Watches what runs. */
export class Coverage {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  /** Starts; only what is loaded afterwards is watched in full. */
  static async start(): Promise<Coverage> {
    const session = new Session();
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
    return new Coverage(session);
  }

  /**
   * Ends.
   *
   * @param folder Where the files are that count.
   * @returns The files of it that were loaded.
   */
  async stop(folder: URL): Promise<FileCoverage[]> {
    const { result } = await this.#session.post("Profiler.takePreciseCoverage");
    this.#session.disconnect();
    return result.filter(({ url }) => url.startsWith(folder.href)).map(({ url, functions }) => {
      const source = readFileSync(fileURLToPath(url), "utf8");
      const ran = new Uint8Array(source.length).fill(1);
      // Outer ranges come before those within them.
      for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
        ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      }
      return { file: url.slice(folder.href.length), ...account(source, ran) };
    }).sort((a, b) => a.file < b.file ? -1 : 1);
  }
}

function account(source: string, ran: Uint8Array): Omit<FileCoverage, "file"> {
  const code = source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/\S/g, " "));
  const missed: number[] = [];
  let size = 0;
  let run = 0;
  let line = 1;
  for (let at = 0; at < code.length; at++) {
    if (code[at] === "\n") line++;
    if (/\s/.test(code[at]!)) continue;
    size++;
    run += ran[at]!;
    if (ran[at] === 0 && missed.at(-1) !== line) missed.push(line);
  }
  return { size, run, missed };
}
