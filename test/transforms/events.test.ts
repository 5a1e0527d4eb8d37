import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { compose, type EventItem, mapEvents, replace, type Transform } from "../../transforms/mod.ts";
import { assertAtMost, duration } from "../harness/linear.ts";
import { assertSplits, bytes, cutAt, cutEvery, run, seed, splits, text } from "../harness/splits.ts";

/** An event as clients get it. */
interface Dispatched {
  readonly type: string;
  readonly data: string;
  readonly id: string | null;
}

/** What eventsource-parser gets of a stream. */
function parsed(stream: Uint8Array): { events: Dispatched[]; retries: number[] } {
  const events: Dispatched[] = [];
  const retries: number[] = [];
  const parser = createParser({
    onEvent: ({ event, data, id }) => void events.push({ type: event ?? "message", data, id: id ?? null }),
    onRetry: (retry) => void retries.push(retry),
  });
  parser.feed(new TextDecoder().decode(stream));
  // A CR at the end waits there for what follows; a chunk without a line end would not make it look.
  parser.feed(":\r");
  return { events, retries };
}

/** The bytes of a stream without what its end cuts short, which clients throw away. */
function withoutRest(stream: string): string {
  const lines = [...stream.matchAll(/([^\r\n]*)(?:\r\n|\r|\n)/g)];
  const last = lines.findLast(([, content]) => content === "");
  return last === undefined ? "" : stream.slice(0, last.index + last[0].length);
}

/** What `mapEvents` shows. */
function shown(stream: Uint8Array, size: number): Dispatched[] {
  const events: Dispatched[] = [];
  const watch = mapEvents(({ type, data, id }) => void events.push({ type, data, id }));
  run(watch, cutEvery(stream, size));
  return events;
}

/** The pieces that one call made. */
function pieces(transform: Transform, chunk: string): string[] {
  const out: string[] = [];
  transform.transform(bytes(chunk), { enqueue: (piece) => void out.push(text(piece)), terminate() {} });
  return out;
}

const fragments = [
  "data",
  "data:",
  "data: a",
  "data:  é🙂",
  "data:a:b",
  "datum: x",
  "event: ping",
  "event:",
  "id: 1",
  "id",
  "id: \0",
  "retry: 10",
  "retry: 1x",
  ": comment",
  ":",
  "x",
  "\r",
  "\n",
  "\r\n",
];
/** Streams that say much in little: whole lines and their ends, also without one another. */
const stream = fc.array(
  fc.tuple(
    fc.constantFrom("", ...fragments),
    fc.constantFrom("\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", ""),
  ),
  { maxLength: 12 },
).map((parts) => parts.flat().join(""));
const encoder = new TextEncoder();

describe("mapEvents shows", () => {
  it("what eventsource-parser gets", () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 40 }), fc.boolean(), (stream, size, mark) => {
        const body = encoder.encode((mark ? "\ufeff" : "") + withoutRest(stream));
        assert.deepEqual(shown(body, size), parsed(body).events);
      }),
      { seed, numRuns: 3000 },
    );
  });

  it("retries, and what has no data where it is told to", () => {
    const retries: (number | null)[] = [];
    const datas: string[] = [];
    const watch = mapEvents((event) => {
      retries.push(event.retry);
      datas.push(event.data);
    }, { withoutData: true });
    const body = bytes("retry: 5\n\n: alive\n\nretry: 7\nretry: x\ndata: a\n\n");
    run(watch, [body]);
    assert.deepEqual(retries, [5, null, 7]);
    assert.deepEqual(retries.filter((retry) => retry !== null), parsed(body).retries);
    assert.deepEqual(datas, ["", "", "a"]);
  });

  it("what the body's end cuts short, which some clients take", () => {
    for (const rest of ["data: b", "data: b\n", "data: b\r\n", "id: 1\ndata: b"]) {
      assert.deepEqual(shown(bytes(`data: a\n\n${rest}`), 5).map(({ data }) => data), ["a", "b"]);
    }
  });

  it("events during the call only", () => {
    let kept: { data: string } | undefined;
    run(mapEvents((event) => void (kept = event)), [bytes("data: a\n\n")]);
    assert.throws(() => kept!.data, {
      name: "TypeError",
      message:
        "Cannot read the event as it must be read during the call that shows it: the call has returned",
    });
  });
});

describe("mapEvents leaves byte for byte", () => {
  it("what its function says nothing about", () => {
    fc.assert(
      fc.property(stream, fc.boolean(), (stream, mark) => {
        const body = encoder.encode((mark ? "\ufeff" : "") + stream);
        assertSplits(() => mapEvents(() => {}), body, body);
        assertSplits(() => mapEvents((event) => event), body, body);
      }),
      { seed, numRuns: 400 },
    );
  });

  it("what is assigned to be as it was", () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 40 }), (stream, size) => {
        const body = encoder.encode(stream);
        const same = mapEvents((event) => {
          const { type, data, id, retry } = event;
          Object.assign(event, { type, data, id, retry });
        });
        assert.deepEqual(run(same, cutEvery(body, size)).pieces.flatMap((piece) => [...piece]), [...body]);
      }),
      { seed, numRuns: 500 },
    );
  });

  const rows: readonly (readonly [name: string, body: string])[] = [
    ["bytes that are no UTF-8", "data: \xff\xfe\n\n: \x80\n\n"],
    ["several empty lines", "\n\n\r\n\rdata: a\n\n\n\n"],
    ["a byte order mark alone", "\xef\xbb\xbf"],
    ["a part of a byte order mark", "\xef\xbb"],
    ["no events at all", ""],
  ];
  for (const [name, body] of rows) {
    it(name, () => assertSplits(() => mapEvents(() => {}, { withoutData: true }), body, body));
  }
});

describe("mapEvents writes", () => {
  const rows: readonly (readonly [
    name: string,
    map: Parameters<typeof mapEvents>[0],
    body: string,
    expected: string,
  ])[] = [
    [
      "new data, and keeps the rest of the event",
      (event) => void (event.data = "b"),
      ": c\r\nid: 1\r\nx: y\r\ndata: a\r\nretry: 1\r\n\r\n",
      ": c\r\nid: 1\r\nx: y\r\ndata: b\r\nretry: 1\r\n\r\n",
    ],
    [
      "fewer lines of data",
      (event) => void (event.data = "b"),
      "data: a\nid: 1\ndata: c\n\n",
      "data: b\nid: 1\n\n",
    ],
    [
      "more lines of data",
      (event) => void (event.data = "b\nc\r\nd\re"),
      "data: a\r\rid: 1\r\r",
      "data: b\rdata: c\rdata: d\rdata: e\r\rid: 1\r\r",
    ],
    [
      "data without a space where it had none",
      (event) => void (event.data = "b"),
      "data:a\n\n",
      "data:b\n\n",
    ],
    ["data that begins with a space", (event) => void (event.data = " b"), "data:a\n\n", "data:  b\n\n"],
    ["data where the line had no colon", (event) => void (event.data = "b"), "data\n\n", "data: b\n\n"],
    ["empty data", (event) => void (event.data = ""), "data: a\n\n", "data: \n\n"],
    ["another type", (event) => void (event.type = "b"), "event:a\ndata: 1\n\n", "event:b\ndata: 1\n\n"],
    ["a type where it had none", (event) => void (event.type = "b"), "data: 1\n\n", "data: 1\nevent: b\n\n"],
    [
      "an id and a retry",
      (event) => void Object.assign(event, { id: "7", retry: 9 }),
      "data\r\r",
      "data\rid: 7\rretry: 9\r\r",
    ],
    [
      "no id and no retry",
      (event) => void Object.assign(event, { id: null, retry: null }),
      "id: 1\nretry: 2\ndata\nid: 3\n\n",
      "data\n\n",
    ],
    [
      "no line end that would join another",
      (event) => void (event.id = null),
      "data: a\rid: 1\n\ndata: b\n\n",
      "data: a\r\n\ndata: b\n\n",
    ],
    [
      "no empty line that would join another",
      (event) => [event, event],
      "id: 1\ndata: a\r\r",
      "id: 1\ndata: a\r\rid: 1\ndata: a\r\n\n",
    ],
    [
      "an event left out",
      ({ data }) => data === "a" ? null : undefined,
      "data: a\r\n\r\ndata: b\r\r",
      "data: b\r\r",
    ],
    [
      "the byte order mark in front",
      (event) => [{ data: "0" }, event],
      "\xef\xbb\xbfdata: a\n\n",
      "\xef\xbb\xbfdata: 0\n\ndata: a\n\n",
    ],
    [
      "another event in its place",
      () => ({ data: "b", type: "t" }),
      "data: a\r\n\r\n",
      "event: t\r\ndata: b\r\n\r\n",
    ],
    [
      "all that an event can say",
      () => ({ comment: "c\nd", type: "t", id: "", retry: 0, data: " 1\n2" }),
      "data\n\n",
      ": c\n: d\nevent: t\nid: \nretry: 0\ndata:  1\ndata: 2\n\n",
    ],
    [
      "events around it",
      (event) => [{ data: "0" }, event, { data: "2" }, { comment: "" }],
      "data: 1\r\n\r\ndata: 1\r\n\r\n",
      "data: 0\r\n\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n: \r\n\r\n".repeat(2),
    ],
    ["nothing in its place", () => [], "data: 1\n\ndata: 2\r\n\r\n", ""],
    ["a changed rest", (event) => void (event.data = "b"), "data: a", "data: b"],
    ["a new field into a rest", (event) => void (event.id = "1"), "data: a", "data: a\nid: 1\n"],
    ["an event in front of a rest", (event) => [{ data: "0" }, event], "data: a\n", "data: 0\n\ndata: a\n"],
    [
      "an event behind a rest",
      (event) => [event, { data: "2" }],
      "id: 1\r\ndata: a",
      "id: 1\r\ndata: a\r\n\r\ndata: 2\r\n\r\n",
    ],
    [
      "an event behind a rest that lacks its empty line",
      (event) => [event, { data: "2" }],
      "data: a\n",
      "data: a\n\ndata: 2\n\n",
    ],
  ];
  for (const [name, map, body, expected] of rows) {
    it(name, () => assertSplits(() => mapEvents(map), body, expected));
  }

  it("the same for every cut, whatever it does to an event", () => {
    const maps: readonly Parameters<typeof mapEvents>[0][] = [
      (event) => void (event.data += "!"),
      (event) => void (event.type = "t"),
      (event) => event.data.length > 0 ? null : undefined,
      (event) => [{ data: "before" }, event, { data: "after" }],
      (event) => [event, event],
      () => ({ data: "instead" }),
    ];
    fc.assert(
      fc.property(stream, fc.constantFrom(...maps), fc.boolean(), (stream, map, withoutData) => {
        const body = encoder.encode(stream);
        const whole = run(mapEvents(map, { withoutData }), [body]).pieces;
        assertSplits(
          () => mapEvents(map, { withoutData }),
          body,
          Uint8Array.from(whole.flatMap((p) => [...p])),
        );
      }),
      { seed, numRuns: 600 },
    );
  });

  it("what eventsource-parser then gets", () => {
    const value = fc.string({ unit: fc.constantFrom("a", " ", ":", "é", "🙂", "\n"), maxLength: 6 });
    const line = value.map((value) => value.replaceAll("\n", ""));
    fc.assert(
      fc.property(
        stream,
        value,
        line,
        line,
        fc.integer({ min: 1, max: 40 }),
        (stream, data, type, id, size) => {
          const body = encoder.encode(withoutRest(stream));
          const map = mapEvents((event): readonly EventItem[] => {
            Object.assign(event, { data, type, id });
            return [event, { data, type, id }];
          });
          const { pieces } = run(map, cutEvery(body, size));
          const dispatched = { data, type: type || "message", id };
          const wanted = parsed(body).events.flatMap(() => [dispatched, dispatched]);
          assert.deepEqual(parsed(Uint8Array.from(pieces.flatMap((piece) => [...piece]))).events, wanted);
        },
      ),
      { seed, numRuns: 2000 },
    );
  });

  it("what it did not change as it came, though some of it is no UTF-8", () => {
    const map = () => mapEvents((event) => void (event.id = "2"));
    assertSplits(map, "id: 1\ndata: \xff\xfe\n\n", "id: 2\ndata: \xff\xfe\n\n");
  });

  it("an error for what no event can say", () => {
    const faults: readonly (readonly [map: Parameters<typeof mapEvents>[0], error: object])[] = [
      [(event) => void (event.type = "a\nb"), {
        name: "RangeError",
        message: 'Cannot set the type of the event as it must have no line ends: got "a\\nb"',
      }],
      [(event) => void (event.id = "\0"), { name: "RangeError" }],
      [(event) => void (event.id = 7 as unknown as string), { name: "TypeError" }],
      [(event) => void (event.retry = 1.5), { name: "RangeError" }],
      [(event) => void (event.data = null as unknown as string), {
        name: "TypeError",
        message: "Cannot set the data of the event as it must be a string: got object",
      }],
      [() => ({}), { name: "TypeError" }],
      [() => "x" as unknown as EventItem, {
        name: "TypeError",
        message: "Cannot map the event as its function must return events, null or undefined: got string",
      }],
      [(() => Promise.resolve()) as unknown as () => void, {
        name: "TypeError",
        message: "Cannot map the event as its function must return events, null or undefined: got a promise",
      }],
      [() => [null as unknown as EventItem], { name: "TypeError" }],
    ];
    for (const [map, error] of faults) {
      assert.throws(() => run(mapEvents(map), [bytes("data: a\n\n")]), error);
    }
    assert.throws(() => mapEvents({} as unknown as () => void), TypeError);
    assert.throws(() => mapEvents(() => {}, { maxEvent: -1 }), RangeError);
  });
});

describe("mapEvents holds nothing longer than it must", () => {
  it("passes on each event in the call that brings its last byte, as a piece by itself", () => {
    const body = "data: a\n\nid: 1\r\ndata: b\r\n\r\n: c\r\rdata: d\r\n\n";
    const events = ["data: a\n\n", "id: 1\r\ndata: b\r\n\r\n", ": c\r\r", "data: d\r\n\n"];
    assert.deepEqual(run(mapEvents(() => {}), [bytes(body)]).pieces.map((piece) => text(piece)), events);
    for (let place = 0; place <= body.length; place++) {
      const [begun] = cutAt(bytes(body), [place]);
      const out: string[] = [];
      mapEvents(() => {}).transform(begun!, {
        enqueue: (piece) => void out.push(text(piece)),
        terminate() {},
      });
      // The LF that the cut may take from the second event is the only byte that can come by itself.
      const wanted = events.map((event, i) => [event, events.slice(0, i + 1).join("").length] as const)
        .flatMap(([event, end], i) =>
          end <= place ? [event] : i === 1 && end === place + 1 ? [event.slice(0, -1)] : []
        );
      assert.deepEqual(out, wanted, `${place}`);
    }
  });

  it("does not wait for the LF of a CR LF, but for what is sent behind it", () => {
    const plain = mapEvents(() => {});
    assert.deepEqual(pieces(plain, "data: a\r\n\r"), ["data: a\r\n\r"]);
    assert.deepEqual(pieces(plain, "\n"), ["\n"]);
    const followed = mapEvents((event) => [event, { data: "b" }]);
    assert.deepEqual(pieces(followed, "data: a\r\n\r"), ["data: a\r\n\r"]);
    assert.deepEqual(pieces(followed, "\nda"), ["\n", "data: b\r\n\r\n"]);
    const dropped = mapEvents(() => null);
    assert.deepEqual(pieces(dropped, "data: a\r\n\r"), []);
    assert.deepEqual(pieces(dropped, "\n: b\n\n"), [": b\n\n"]);
  });

  it("fails where an event is too long, after all events before it, whatever ends its lines", () => {
    for (const end of ["\n", "\r", "\r\n"]) {
      const fits = `data: ab${end}`.length;
      for (const [name, chunks] of splits(bytes(`data: ab${end}${end}data: abc${end}${end}`))) {
        const out: Uint8Array[] = [];
        const controller = { enqueue: (piece: Uint8Array) => void out.push(piece.slice()), terminate() {} };
        const transform = mapEvents(() => {}, { maxEvent: fits });
        assert.throws(
          () => chunks.forEach((chunk) => transform.transform(chunk, controller)),
          (error: Error) => error instanceof RangeError && error.message.includes(`at most ${fits} bytes`),
          name,
        );
        assert.equal(text(...out), `data: ab${end}${end}`, name);
      }
    }
  });

  it("takes linear time for an event in small pieces", () => {
    const [short, long] = [1 << 14, 1 << 18].map((length) =>
      cutEvery(bytes(`data: ${"a".repeat(length)}\n\n`), 4)
    );
    const time = (chunks: readonly Uint8Array[]) =>
      duration(mapEvents((event) => void (event.data += "b")), chunks);
    assertAtMost(64, { long: () => time(long!), short: () => time(short!) });
  });

  it("says that it retains nothing, and that each chunk is a piece by itself", () => {
    assert.equal(mapEvents(() => {}).retains, false);
    assert.equal(mapEvents(() => {}).fragments, false);
  });

  it("works in a chain", () => {
    const make = () =>
      compose(replace("one", "two"), mapEvents((event) => event.data === "two" ? null : undefined));
    assertSplits(make, "data: one\n\ndata: on\n\n", "data: on\n\n");
  });
});
