/** The HTML rewriter that is handed in, as a stage. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HTMLRewriter } from "html-rewriter-wasm";
import { htmlRewrite, type HtmlRewriter } from "../../lib/html-rewrite.ts";
import type { Hooks } from "../../lib/hooks.ts";
import { pipeline } from "../../lib/pipeline.ts";
import type { Pair } from "../../lib/stages.ts";
import { fromIterable } from "../../lib/streams.ts";
import { play, settle } from "../harness/playbook.ts";
import { bytes, splits, text } from "../harness/splits.ts";

const page = '<!doctype html><p class=a>caf\xc3\xa9 <a href="/x">link</a> <!-- no --><a>none</a></p>';
const rewritten = '<!doctype html><p class=a>caf\xc3\xa9 <a href="/y">LINK</a> <a>none</a></p><hr>';

/** Element, text, comment and document handlers. */
function setup(rewriter: HTMLRewriter): void {
  let linked = "";
  rewriter
    .on("a[href]", {
      element: (link) => void link.setAttribute("href", "/y"),
      text(part) {
        linked += part.text;
        if (!part.lastInTextNode) return void part.remove();
        part.replace(linked.toUpperCase());
        linked = "";
      },
    })
    .on("*", { comments: (comment) => void comment.remove() })
    .onDocument({ end: (end) => void end.append("<hr>", { html: true }) });
}

/** The chunks that come out. */
async function through(chunks: readonly Uint8Array[], stage: Pair): Promise<string[]> {
  const out: string[] = [];
  for await (const chunk of pipeline(fromIterable(chunks), [stage])) out.push(text(chunk));
  return out;
}

/** A rewriter that passes everything on in crumbs, and notes what is called. */
function spiedRewriter(log: string[]): new (sink: (chunk: Uint8Array) => void) => HtmlRewriter {
  return class {
    readonly #sink: (chunk: Uint8Array) => void;

    constructor(sink: (chunk: Uint8Array) => void) {
      log.push("made");
      this.#sink = sink;
    }

    write(chunk: Uint8Array): Promise<void> {
      log.push(`write ${text(chunk)}`);
      for (const byte of chunk) this.#sink(Uint8Array.of(byte));
      return Promise.resolve();
    }

    end(): Promise<void> {
      log.push("end");
      this.#sink(new Uint8Array());
      return Promise.resolve();
    }

    free(): void {
      log.push("free");
    }
  };
}

describe("htmlRewrite", () => {
  it("rewrites a document, however it is cut", async () => {
    for (const [name, chunks] of splits(bytes(page))) {
      assert.equal((await through(chunks, htmlRewrite(HTMLRewriter, setup))).join(""), rewritten, name);
    }
  });

  it("waits for async handlers", async () => {
    const stage = htmlRewrite(HTMLRewriter, (rewriter) => {
      rewriter.on("a", {
        async element(link) {
          await settle();
          link.setAttribute("rel", "nofollow");
        },
      });
    });
    assert.equal(
      (await through([bytes("<a>x</a>"), bytes("<a>")], stage)).join(""),
      '<a rel="nofollow">x</a><a rel="nofollow">',
    );
  });

  it("rewrites several documents at a time", async () => {
    const stage = (rel: string) =>
      htmlRewrite(HTMLRewriter, (rewriter) => {
        rewriter.on("a", {
          async element(link) {
            await settle();
            link.setAttribute("rel", rel);
          },
        });
      });
    const all = await Promise.all(
      ["x", "y", "z"].map((rel) => through([bytes("<a>"), bytes("<a>")], stage(rel))),
    );
    assert.deepEqual(
      all.map((chunks) => chunks.join("")),
      ["x", "y", "z"].map((rel) => `<a rel="${rel}">`.repeat(2)),
    );
  });

  it("passes on what can be passed on with the chunk that brings it, in one chunk", async () => {
    const stage = htmlRewrite(HTMLRewriter, setup);
    const reader = stage.readable.getReader();
    const writer = stage.writable.getWriter();
    void writer.write(bytes("<p>some <b id=x>text</b><a"));
    assert.equal(text((await reader.read()).value!), "<p>some <b id=x>text</b>");
    void writer.write(bytes(" href=x>"));
    assert.equal(text((await reader.read()).value!), '<a href="/y">');
    await writer.abort();
  });

  it("makes its rewriter with the first byte, and frees it at the end", async () => {
    const log: string[] = [];
    const stage = htmlRewrite(spiedRewriter(log), () => void log.push("setup"));
    assert.deepEqual(log, []);
    assert.deepEqual(await through([bytes(""), bytes("ab"), bytes("c")], stage), ["ab", "c"]);
    assert.deepEqual(log, ["made", "setup", "write ab", "write c", "end", "free"]);
  });

  it("frees its rewriter when the reader leaves, or the source fails", async () => {
    for (const leave of [true, false]) {
      const log: string[] = [];
      const { readable, writable } = htmlRewrite(spiedRewriter(log), () => {});
      const reader = readable.getReader();
      const writer = writable.getWriter();
      void writer.write(bytes("a"));
      await reader.read();
      if (leave) await reader.cancel();
      else await writer.abort(new Error("source"));
      assert.deepEqual(log, ["made", "write a", "free"], `leave: ${leave}`);
    }
  });

  it("frees its rewriter only when the handler under way is through", async () => {
    const log: string[] = [];
    let finish = (): void => {};
    const stage = htmlRewrite(
      class extends spiedRewriter(log) {
        override async write(chunk: Uint8Array): Promise<void> {
          await super.write(chunk);
          await new Promise<void>((resolve) => void (finish = resolve));
          log.push("written");
        }
      },
      () => {},
    );
    const reader = stage.readable.getReader();
    const read = reader.read();
    const written = stage.writable.getWriter().write(bytes("a"));
    await settle();
    const cancelled = reader.cancel();
    await settle();
    assert.deepEqual(log, ["made", "write a"]);
    finish();
    await Promise.all([cancelled, written]);
    assert.deepEqual(await read, { done: true, value: undefined });
    assert.deepEqual(log, ["made", "write a", "written", "free"]);
  });

  const failures:
    readonly (readonly [name: string, setup: (rewriter: HTMLRewriter) => void, message: RegExp])[] = [
      ["a handler throws", (rewriter) => {
        rewriter.on("a", {
          element() {
            throw new Error("no");
          },
        });
      }, /^no$/],
      ["an async handler rejects", (rewriter) => {
        rewriter.on("a", {
          async element() {
            await settle();
            throw new Error("late");
          },
        });
      }, /^late$/],
      ["a selector is none", (rewriter) => void rewriter.on("a[", {}), /selector/],
      ["it can't be set up", () => {
        throw new Error("setup");
      }, /^setup$/],
    ];
  for (const [name, failing, message] of failures) {
    it(`fails the body if ${name}, and others go on`, async () => {
      await assert.rejects(through([bytes("<a>")], htmlRewrite(HTMLRewriter, failing)), { message });
      assert.equal((await through([bytes(page)], htmlRewrite(HTMLRewriter, setup))).join(""), rewritten);
    });
  }

  it("is a stage of the proxy, in the toolkit with the others that wait", async () => {
    const copy: string[] = [];
    const hooks: Hooks[] = [{
      responseheaders(flow, { htmlRewrite, replace, tee, throttle }) {
        const rewriting = htmlRewrite(HTMLRewriter, setup);
        flow.response!.stream = [
          replace("lank", "link"),
          throttle(),
          rewriting,
          tee({ write: (chunk: Uint8Array) => void copy.push(text(chunk)) }),
          replace("<hr>", "<br>"),
        ];
      },
    }];
    await play({ hooks }, async ({ client, origin }) => {
      client.send("GET / HTTP/1.1\r\nHost: proxy\r\n\r\n");
      const upstream = await origin();
      await upstream.getsHead();
      upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      upstream.send("d\r\n<a href=x>lan\r\n5\r\nk</a>\r\n0\r\n\r\n");
      const head = await client.getsHead();
      assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
      await client.gets('d\r\n<a href="/y">\r\n8\r\nLINK</a>\r\n4\r\n<br>\r\n0\r\n\r\n');
      assert.equal(copy.join(""), '<a href="/y">LINK</a><hr>');
    });
  });

  it("refuses what it can't use", () => {
    assert.throws(() => htmlRewrite(null as unknown as typeof HTMLRewriter, setup), {
      name: "TypeError",
      message: "Cannot rewrite HTML as the rewriter's class must be a function: got object",
    });
    assert.throws(() => htmlRewrite(HTMLRewriter, null as unknown as () => void), TypeError);
  });
});
