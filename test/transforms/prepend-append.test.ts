import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { append, compose, limit, meter, prepend } from "../../transforms/mod.ts";
import { assertSplits, bytes, run, text } from "../harness/splits.ts";

describe("prepend", () => {
  const rows: readonly (readonly [name: string, content: string | Uint8Array, body: string, out: string])[] =
    [
      ["text", "hello ", "world", "hello world"],
      ["text in UTF-8", "é", "x", "\xc3\xa9x"],
      ["bytes", bytes("\xff"), "x", "\xffx"],
      ["to an empty body", "hello", "", "hello"],
      ["nothing", "", "world", "world"],
      ["nothing to nothing", "", "", ""],
    ];
  for (const [name, content, body, out] of rows) {
    it(`puts ${name} first`, () => assertSplits(() => prepend(content), body, out));
  }

  it("hands on the first chunk in the call that brings it", () => {
    const { pieces, counts } = run(prepend("a"), [bytes("b"), bytes("c")]);
    assert.deepEqual(pieces.map((piece) => text(piece)), ["a", "b", "c"]);
    assert.deepEqual(counts, [2, 3]);
  });

  it("keeps its own copy of what it was given", () => {
    const content = bytes("a");
    const transform = prepend(content);
    content.fill(0);
    assert.equal(text(...run(transform, [bytes("b")]).pieces), "ab");
  });

  it("says nothing of a body that is cut short", () => {
    const transform = prepend("a");
    transform.cancel?.(new Error("left"));
    const out: Uint8Array[] = [];
    transform.flush?.({ enqueue: (chunk) => void out.push(chunk), terminate() {} });
    assert.deepEqual(out, []);
  });

  it("refuses what is neither text nor bytes", () => {
    assert.throws(() => prepend(1 as unknown as string), {
      name: "TypeError",
      message: "Cannot prepend as the content must be a string or a Uint8Array: got number",
    });
  });
});

describe("append", () => {
  const rows: readonly (readonly [name: string, content: string | Uint8Array, body: string, out: string])[] =
    [
      ["text", " world", "hello", "hello world"],
      ["bytes", bytes("\xff"), "x", "x\xff"],
      ["to an empty body", "hello", "", "hello"],
      ["nothing", "", "world", "world"],
    ];
  for (const [name, content, body, out] of rows) {
    it(`puts ${name} last`, () => assertSplits(() => append(content), body, out));
    it(`puts ${name} last, when asked at the end`, () =>
      assertSplits(() => append(() => content), body, out));
  }

  it("asks for what comes last when all else has passed", () => {
    const measured = meter();
    const { pieces } = run(compose(measured, append(() => `${measured.bytes}${measured.end}`)), [
      bytes("ab"),
      bytes("c"),
    ]);
    assert.equal(text(...pieces), "abc3complete");
  });

  it("does not ask where the body is cut short", () => {
    let asked = 0;
    const asking = append(() => `${asked++}`);
    run(compose(asking, limit(1, { onExcess: "terminate" })), [bytes("ab")]);
    assert.equal(asked, 0);
  });

  it("refuses what is neither text nor bytes, at once or at the end", () => {
    assert.throws(() => append(null as unknown as string), {
      name: "TypeError",
      message: "Cannot append as the content must be a string or a Uint8Array: got null",
    });
    assert.throws(() => run(append((() => 1) as unknown as () => string), [bytes("a")]), TypeError);
  });
});

describe("prepend and append", () => {
  it("say that they retain nothing", () => {
    assert.deepEqual([prepend("a").retains, append("a").retains], [false, false]);
  });

  it("wrap a body", () => {
    assertSplits(() => compose(prepend("<"), append(">"), prepend("("), append(")")), "x", "(<x>)");
  });
});
