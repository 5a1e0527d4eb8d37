// What all works share: the origins, started when they are first wanted and kept to the end, and the proxies
// of the work under way, which end with it.

import { type Body, writeBodies } from "./body.ts";
import { ownProxy } from "./launches.ts";
import type { Options } from "./options.ts";
import { startOrigin } from "./origin.ts";
import { type Program, startProgram } from "./programs.ts";
import type { Subject } from "./subjects.ts";
import type { Row, RowName, Values } from "./work.ts";

/** A proxy that runs. */
export interface Proxy extends Subject {
  readonly running: Program;
}

/** A subject, and its proxy if it could be started. */
export interface Started {
  readonly subject: Subject;
  readonly proxy: Proxy | null;
  readonly notes: readonly string[];
}

/** What works are measured with. */
export class Bench {
  readonly options: Options;
  /** A folder for bodies and configuration; it is removed in the end. */
  readonly folder: string;
  /** Gets a line for each step. */
  readonly progress: (line: string) => void;
  readonly #proxies = new Set<Program>();
  #files: Promise<{ readonly port: number; readonly body: Body }> | undefined;
  readonly #origins = new Map<string, Promise<number>>();

  constructor(options: Options, folder: string, progress: (line: string) => void) {
    this.options = options;
    this.folder = folder;
    this.progress = progress;
  }

  /** The origin that serves files, and what the large one is. */
  files(): Promise<{ readonly port: number; readonly body: Body }> {
    return this.#files ??= this.#startFiles();
  }

  /** The port of an origin of this folder's own. */
  origin(file: "generator.js" | "sink.js"): Promise<number> {
    let port = this.#origins.get(file);
    if (port === undefined) this.#origins.set(file, port = this.#startOrigin(file));
    return port;
  }

  /** Starts a proxy in front of an origin; it runs until the work ends. */
  async start(subject: Subject, originPort: number): Promise<Proxy> {
    if (subject.program === null) throw new Error(`not installed${subject.hint ?? ""}`);
    const { program, launch } = subject;
    const running = await startProgram(await launch({ program, originPort, folder: this.folder }));
    this.#proxies.add(running);
    return { ...subject, running };
  }

  /** Ends one proxy. */
  async stop({ running }: Proxy): Promise<void> {
    await running.stop();
    this.#proxies.delete(running);
  }

  /** Ends all proxies. */
  async stopProxies(): Promise<void> {
    await Promise.all([...this.#proxies].map((program) => program.stop()));
    this.#proxies.clear();
  }

  /**
   * Starts proxies in front of an origin and warms them up. One that fails says so in its row and takes no
   * further part: the others are still worth seeing.
   *
   * @param subjects The proxies.
   * @param originPort The origin.
   * @param warmUp Makes sure that a proxy does what it should; what it returns is noted.
   * @returns The proxies, in the same order.
   */
  async startAll(
    subjects: readonly Subject[],
    originPort: number,
    warmUp: (proxy: Proxy) => Promise<string | void>,
  ): Promise<readonly Started[]> {
    const all: Started[] = [];
    for (const subject of subjects.filter(({ name }) => this.options.subjects.test(name))) {
      this.progress(
        `start and warm up ${subject.name}${subject.variant === "" ? "" : `, ${subject.variant}`}`,
      );
      try {
        const proxy = await this.start(subject, originPort);
        const note = await warmUp(proxy);
        all.push({ subject, proxy, notes: note === undefined ? [] : [note] });
      } catch (error) {
        all.push({ subject, proxy: null, notes: [messageOf(error)] });
      }
    }
    return all;
  }

  async #startFiles(): Promise<{ readonly port: number; readonly body: Body }> {
    this.progress("write the bodies and start the origin");
    const body = writeBodies(this.folder, this.options.size);
    return { port: (await startOrigin(this.folder)).port, body };
  }

  async #startOrigin(file: string): Promise<number> {
    const launch = ownProxy(file)({ program: process.execPath, originPort: 0, folder: this.folder });
    return (await startProgram(await launch)).port;
  }
}

/**
 * Makes the row of a proxy.
 *
 * @param started The proxy.
 * @param name What differs from the subject's own name.
 * @param measure Measures once.
 * @returns The row.
 */
export function rowOf(
  { subject, proxy, notes }: Started,
  name: Partial<RowName>,
  measure: (proxy: Proxy) => Promise<Values>,
): Row {
  return {
    subject: subject.name,
    variant: subject.variant,
    at: null,
    ...name,
    measure: proxy === null ? null : () => measure(proxy),
    notes,
  };
}

/**
 * What an error says.
 *
 * @param error Whatever was thrown.
 * @returns Its message.
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
