import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromIterable, streams } from "../../lib/streams.ts";
import { tee, type TeeSink } from "../../lib/tee.ts";
import { bytes, text } from "../harness/splits.ts";

/** A sink that notes what is called, and whose writes wait for a test. */
function slowSink(): { sink: TeeSink; calls: string[]; resolve: () => void; reject: (error: Error) => void } {
  const calls: string[] = [];
  const waits: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const sink = new streams.WritableStream<Uint8Array>({
    write(chunk) {
      calls.push(text(chunk));
      return new Promise<void>((resolve, reject) => void waits.push({ resolve, reject }));
    },
    close: () => void calls.push("close"),
    abort: (reason) => void calls.push(`abort ${(reason as Error).message}`),
  });
  return {
    sink,
    calls,
    resolve: () => waits.shift()!.resolve(),
    reject: (error) => waits.shift()!.reject(error),
  };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

describe("tee", () => {
  it("copies the body, and closes the copy before the body's end is passed on", async () => {
    const log: string[] = [];
    const sink = { write: (chunk: Uint8Array) => log.push(text(chunk)), close: () => log.push("close") };
    const body = fromIterable([bytes("ab"), bytes(""), bytes("c")]).pipeThrough(tee(sink));
    for await (const chunk of body) log.push(`read ${text(chunk)}`);
    log.push("end");
    assert.deepEqual(log.filter((line) => !line.startsWith("read")), ["ab", "c", "close", "end"]);
    assert.deepEqual(log.filter((line) => line.startsWith("read")), ["read ab", "read c"]);
  });

  it("passes a chunk on at once, and the next when the sink has taken it", async () => {
    const { sink, calls, resolve } = slowSink();
    const read: string[] = [];
    const body = fromIterable([bytes("a"), bytes("b"), bytes("c")]).pipeThrough(tee(sink));
    const all = (async () => {
      for await (const chunk of body) read.push(text(chunk));
    })();
    await settled();
    assert.deepEqual([read, calls], [["a"], ["a"]]);
    resolve();
    await settled();
    assert.deepEqual([read, calls], [["a", "b"], ["a", "b"]]);
    resolve();
    await settled();
    resolve();
    await all;
    assert.deepEqual(calls, ["a", "b", "c", "close"]);
  });

  it("fails the body with a sink that fails", async () => {
    const { sink, reject } = slowSink();
    const reader = fromIterable([bytes("a"), bytes("b")]).pipeThrough(tee(sink)).getReader();
    assert.equal(text((await reader.read()).value!), "a");
    const next = reader.read();
    await settled();
    reject(new Error("disk"));
    await assert.rejects(next, { message: "disk" });
  });

  it("breaks the copy off when the reader leaves, or the source fails", async () => {
    for (const leave of [true, false]) {
      const calls: string[] = [];
      const sink: TeeSink = {
        write() {},
        close: () => calls.push("close"),
        abort: (reason) => calls.push(`abort ${(reason as Error).message}`),
      };
      let pulls = 0;
      const source = new streams.ReadableStream<Uint8Array>({
        pull: (controller) =>
          pulls++ < 2 || leave ? controller.enqueue(bytes("x")) : controller.error(new Error("cut")),
      }, { highWaterMark: 0 });
      const reader = source.pipeThrough(tee(sink)).getReader();
      await reader.read();
      if (leave) await reader.cancel(new Error("cut"));
      else {await assert.rejects(async () => void (await reader.read(), await reader.read()), {
          message: "cut",
        });}
      await settled();
      assert.deepEqual(calls, ["abort cut"], `leave: ${leave}`);
    }
  });

  it("refuses what is no sink", () => {
    assert.throws(() => tee(null as unknown as TeeSink), {
      name: "TypeError",
      message: "Cannot copy the body as the sink must be a WritableStream or an object with write: got null",
    });
    const locked = new streams.WritableStream<Uint8Array>();
    locked.getWriter();
    assert.throws(() => tee(locked), TypeError);
  });
});
