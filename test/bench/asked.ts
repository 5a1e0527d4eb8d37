import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** A process that answers each line that it is sent with a line of JSON. */
export class Asked {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  /**
   * @param command The program.
   * @param args Its arguments.
   */
  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Asks for something.
   *
   * @param line The question, without a line end.
   * @returns The answer.
   * @throws {Error} If the process has ended.
   */
  async ask(line: string): Promise<unknown> {
    this.#child.stdin.write(`${line}\n`);
    const answer = await this.#lines.next();
    if (answer.done) {
      throw new Error(`Cannot ask ${this.#child.spawnfile} for ${line} as it must run: it has ended`);
    }
    return JSON.parse(answer.value);
  }

  /** Lets the process end. */
  end(): void {
    this.#child.stdin.end();
  }
}
