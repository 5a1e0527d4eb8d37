/**
 * An HTML rewriter as a stage: any that is given a sink and then takes bytes, as that of the package
 * `html-rewriter-wasm`, which is lol-html in WebAssembly. It is not part of this package: whoever wants it
 * hands it in.
 *
 * A rewriter holds memory that no garbage collector sees, so it is made with the first byte and freed at the
 * end, whatever that is; but not while a handler is under way, which would come back to nothing.
 */
import type { TransformPair } from "../transforms/transform.ts";
import { concat } from "../transforms/concat.ts";
import { checkBodyChunk } from "./check-chunk.ts";
import { streams } from "./streams.ts";

/** What is asked of a rewriter. */
export interface HtmlRewriter {
  /** Takes the next bytes; settles when the handlers have. */
  write(chunk: Uint8Array): Promise<void>;
  /** Says that the document has ended. */
  end(): Promise<void>;
  /** Lets go of its memory. */
  free(): void;
}

/** A class of rewriters: each is given a function that takes what comes out. */
export interface HtmlRewriterConstructor<Rewriter extends HtmlRewriter> {
  /** Makes the rewriter of one document. */
  new (sink: (chunk: Uint8Array) => void): Rewriter;
}

/** The asynchronous transformer of one document. */
class Rewriting<Rewriter extends HtmlRewriter> {
  readonly #make: (sink: (chunk: Uint8Array) => void) => Rewriter;
  #rewriter: Rewriter | null = null;
  #work: Promise<void> = Promise.resolve();
  #output: Uint8Array[] = [];
  #cancelled = false;

  constructor(make: (sink: (chunk: Uint8Array) => void) => Rewriter) {
    this.#make = make;
  }

  async transform(
    chunk: Uint8Array,
    controller: TransformStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    if (chunk instanceof Uint8Array && chunk.length === 0) return;
    await this.#run((rewriter) => {
      checkBodyChunk(chunk);
      return rewriter.write(chunk);
    }, controller);
  }

  async flush(controller: TransformStreamDefaultController<Uint8Array>): Promise<void> {
    await this.#run((rewriter) => rewriter.end(), controller);
    this.#free();
  }

  async cancel(): Promise<void> {
    this.#cancelled = true;
    // Whoever waits for that work hears of its failure; here only its end matters.
    await this.#work.catch(() => {});
    this.#free();
  }

  // A rewriter hands its output over in crumbs: each goes on with what else the same input brought.
  async #run(
    work: (rewriter: Rewriter) => Promise<void>,
    controller: TransformStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    try {
      this.#rewriter ??= this.#make((chunk) => void this.#output.push(chunk));
      this.#work = work(this.#rewriter);
      await this.#work;
    } catch (error) {
      this.#abandon();
      throw error;
    }
    const output = concat(this.#output);
    this.#output = [];
    if (output.length > 0 && !this.#cancelled) controller.enqueue(output);
  }

  #abandon(): void {
    try {
      this.#free();
    } catch {
      // One that failed in the middle of a handler can't be freed; what it failed with is what counts.
    }
  }

  #free(): void {
    const rewriter = this.#rewriter;
    this.#rewriter = null;
    this.#output = [];
    rewriter?.free();
  }
}

/**
 * Makes a stage of an HTML rewriter that is handed in: selectors, element and text handlers, also async ones,
 * on a document that is never whole in memory. What a handler throws fails the body.
 *
 * Bytes that no handler changes pass as they are; text that one changes is written as UTF-8. A text handler
 * gets a text in parts, as it comes: it must know that from `lastInTextNode`.
 *
 * - **Bytes held**: a tag, a comment or a character that is not whole yet. The rewriter sets no limit to that;
 * `limit` before it does.
 * - **Delay added**: that of the handlers. What one chunk brings is passed on together.
 * - **Memory**: that of the rewriter, freed at the end of the body, or when it is cut short.
 *
 * @param Rewriter The class, such as `HTMLRewriter` of `html-rewriter-wasm`.
 * @param setup Is given the rewriter, when the first bytes come, to set its handlers. What it throws, as for a
 * selector that is none, fails the body.
 * @returns The pair; it does not need to be used.
 * @throws {TypeError} If `Rewriter` or `setup` is no function.
 *
 * @example Links to where they should lead
 * ```ts
 * import { htmlRewrite } from "sluice";
 * import { HTMLRewriter } from "html-rewriter-wasm";
 * import assert from "node:assert/strict";
 *
 * const links = htmlRewrite(HTMLRewriter, (rewriter) => {
 *   rewriter.on("a[href]", {
 *     element: (a) => void a.setAttribute("href", a.getAttribute("href")!.replace("http:", "https:")),
 *   });
 * });
 * const body = new Blob(['<p><a href="http://example.com/">x</a>']).stream().pipeThrough(links);
 * assert.equal(await new Response(body).text(), '<p><a href="https://example.com/">x</a>');
 * ```
 */
export function htmlRewrite<Rewriter extends HtmlRewriter>(
  Rewriter: HtmlRewriterConstructor<Rewriter>,
  setup: (rewriter: Rewriter) => void,
): TransformPair {
  for (const [value, role] of [[Rewriter, "the rewriter's class"], [setup, "what sets it up"]] as const) {
    if (typeof value === "function") continue;
    throw new TypeError(`Cannot rewrite HTML as ${role} must be a function: got ${typeof value}`);
  }
  return new streams.TransformStream<Uint8Array, Uint8Array>(
    new Rewriting((sink) => {
      const rewriter = new Rewriter(sink);
      try {
        setup(rewriter);
      } catch (error) {
        rewriter.free();
        throw error;
      }
      return rewriter;
    }),
  );
}
