/**
 * Coded bodies through the proxy, byte for byte, on a network in memory.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import type { ContentCodings } from "../../lib/codings.ts";
import { zlibCodings } from "../../lib/zlib-codings.ts";
import { replace, tap } from "../../transforms/mod.ts";
import { latin1, octets, play, type WireEnd } from "../harness/playbook.ts";
import {
  coding,
  codings,
  concat,
  encoder,
  oracles,
  prose,
  sink,
  textOf,
  utf8,
  withoutHandles,
} from "./oracles.ts";

const replacing = {
  responseheaders: (flow: Flow) => void (flow.response!.stream = replace("foobar", "BAR")),
};
const ways: Readonly<Record<string, ContentCodings>> = {
  "synchronous": codings,
  "streaming": zlibCodings(withoutHandles()),
};

/** Sends a request; what the origin gets of it is none of these tests' business. */
async function ask(client: WireEnd, origin: () => Promise<WireEnd>): Promise<WireEnd> {
  client.send("GET / HTTP/1.1\r\nHost: o\r\n\r\n");
  const upstream = await origin();
  await upstream.getsHead();
  return upstream;
}

/** Waits for one wire chunk. */
async function nextFrame(client: WireEnd): Promise<string> {
  let line = "";
  while (!line.endsWith("\r\n")) line += await client.takes(1);
  const data = await client.takes(parseInt(line, 16));
  await client.gets("\r\n");
  return data;
}

async function allFrames(client: WireEnd): Promise<string[]> {
  const frames: string[] = [];
  for (;;) {
    const frame = await nextFrame(client);
    if (frame === "") return frames;
    frames.push(frame);
  }
}

const frame = (bytes: Uint8Array): string => `${bytes.length.toString(16)}\r\n${latin1(bytes)}\r\n`;

for (const [way, known] of Object.entries(ways)) {
  describe(`a gzip response, ${way}`, () => {
    it("with Content-Length is changed and stays gzip", async () => {
      const body = prose(30_000);
      const coded = oracles["gzip"]!.encode(utf8(body));
      await play({ codings: known, hooks: [replacing] }, async ({ client, origin }) => {
        const upstream = await ask(client, origin);
        upstream.send(
          `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nETag: "e"\r\nContent-Length: ${coded.length}\r\n\r\n`,
        );
        upstream.send(latin1(coded));
        const head = await client.getsHead();
        assert.match(head, /^Content-Encoding: gzip\r$/m);
        assert.match(head, /^ETag: W\/"e"\r$/m);
        assert.match(head, /^Accept-Ranges: none\r$/m);
        assert.match(head, /^Transfer-Encoding: chunked\r$/m);
        assert.doesNotMatch(head, /Content-Length/);
        const changed = octets((await allFrames(client)).join(""));
        assert.equal(textOf(oracles["gzip"]!.decode(changed)), body.replaceAll("foobar", "BAR"));
      });
    });

    it("passes each event on at once", async () => {
      await play({ codings: known, hooks: [replacing] }, async ({ client, origin }) => {
        const upstream = await ask(client, origin);
        upstream.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.getsHead();
        const from = encoder(coding("gzip"));
        let received = "";
        let sent = "";
        for (const event of ["data: foobar\n\n", "data: two\n\n", "data: foobar foobar\n\n"]) {
          const out = sink();
          from.transform(utf8(event), out);
          upstream.send(frame(out.bytes()));
          sent += event.replaceAll("foobar", "BAR");
          do received += await nextFrame(client); while (
            textOf(oracles["gzip"]!.decodePart(octets(received))).length < sent.length
          );
          assert.equal(textOf(oracles["gzip"]!.decodePart(octets(received))), sent);
        }
        const out = sink();
        from.flush?.(out);
        upstream.send(`${frame(out.bytes())}0\r\n\r\n`);
        received += (await allFrames(client)).join("");
        assert.equal(textOf(oracles["gzip"]!.decode(octets(received))), sent);
      });
    });

    it("that is cut short never looks complete", async () => {
      const coded = oracles["gzip"]!.encode(utf8(prose(3000)));
      await play({ codings: known, hooks: [replacing] }, async ({ client, origin, ends }) => {
        const upstream = await ask(client, origin);
        // The framing is whole; what is in it isn't.
        const cut = coded.subarray(0, -5);
        upstream.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
        upstream.send(`${frame(cut)}0\r\n\r\n`);
        await client.getsHead();
        const rest = await client.ends();
        assert.doesNotMatch(rest, /0\r\n\r\n$/);
        assert.match(ends[0] ?? "", /Cannot decode the body/);
      });
    });

    it("that is a bomb ends early", async () => {
      const bomb = oracles["gzip"]!.encode(new Uint8Array(10 * 1024 * 1024));
      await play({ codings: known, hooks: [replacing] }, async ({ client, origin, ends }) => {
        const upstream = await ask(client, origin);
        upstream.send(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
        upstream.send(latin1(bomb));
        await client.getsHead();
        await client.ends();
        assert.match(ends[0] ?? "", /must give at most/);
      });
    });

    it("is read and written as text", async () => {
      const hooks = [{
        response: ({ response }: Flow) => void (response!.text = response!.text!.toUpperCase()),
      }];
      await play({ codings: known, hooks }, async ({ client, origin }) => {
        const upstream = await ask(client, origin);
        const coded = oracles["gzip"]!.encode(utf8("grüße, foobar"));
        upstream.send(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n`);
        upstream.send(latin1(coded));
        const head = await client.getsHead();
        assert.match(head, /^Content-Encoding: gzip\r$/m);
        const length = Number(/^Content-Length: (\d+)\r$/m.exec(head)?.[1]);
        const body = octets(await client.takes(length));
        assert.equal(textOf(oracles["gzip"]!.decode(body)), "GRÜSSE, FOOBAR");
      });
    });
  });
}

describe("coded bodies", () => {
  it("in two codings are changed and stay so", async () => {
    const coded = oracles["br"]!.encode(oracles["gzip"]!.encode(utf8("foobar, and foobar")));
    await play({ codings, hooks: [replacing] }, async ({ client, origin }) => {
      const upstream = await ask(client, origin);
      upstream.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nTransfer-Encoding: chunked\r\n\r\n");
      upstream.send(`${frame(coded)}0\r\n\r\n`);
      await client.getsHead();
      const changed = octets((await allFrames(client)).join(""));
      assert.equal(textOf(oracles["gzip"]!.decode(oracles["br"]!.decode(changed))), "BAR, and BAR");
    });
  });

  it("give one wire chunk for each", async () => {
    const from = encoder(coding("gzip"));
    const [first, second] = [sink(), sink()];
    from.transform(utf8("foobar ".repeat(100)), first);
    from.transform(utf8("foobar"), second);
    from.flush?.(second);
    await play({ codings, hooks: [replacing] }, async ({ client, origin }) => {
      const upstream = await ask(client, origin);
      upstream.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
      upstream.send(`${frame(first.bytes())}${frame(second.bytes())}0\r\n\r\n`);
      await client.getsHead();
      const frames = await allFrames(client);
      // The last one is the end of the coding.
      assert.equal(frames.length, 3);
      assert.equal(textOf(oracles["gzip"]!.decodePart(octets(frames[0]!))), "BAR ".repeat(100));
    });
  });

  it("in a coding that is not known pass untouched, with a warning", async () => {
    await play({ codings, hooks: [replacing] }, async ({ client, origin, warnings }) => {
      const upstream = await ask(client, origin);
      upstream.send("HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\nContent-Length: 6\r\n\r\nfoobar");
      const head = await client.getsHead();
      assert.match(head, /^Content-Length: 6\r$/m);
      await client.gets("foobar");
      assert.match(warnings.join(), /content coding is not known here: compress/);
    });
  });

  it("in three codings pass untouched: that many are an attack", async () => {
    await play({ codings, hooks: [replacing] }, async ({ client, origin }) => {
      const upstream = await ask(client, origin);
      upstream.send(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip\r\nContent-Length: 6\r\n\r\nfoobar",
      );
      await client.getsHead();
      await client.gets("foobar");
    });
  });

  it("are seen as they are by rawStream", async () => {
    const seen: Uint8Array[] = [];
    const hook = ({ response }: Flow): void =>
      void (response!.rawStream = tap((chunk) => void seen.push(chunk)));
    const coded = oracles["gzip"]!.encode(utf8("foobar"));
    await play({ codings, hooks: [{ responseheaders: hook }] }, async ({ client, origin }) => {
      const upstream = await ask(client, origin);
      upstream.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
      upstream.send(`${frame(coded)}0\r\n\r\n`);
      await client.getsHead();
      assert.deepEqual(octets((await allFrames(client)).join("")), coded);
      assert.deepEqual(concat(seen), coded);
    });
  });

  it("that a hook reads have the same bound", async () => {
    const bomb = oracles["gzip"]!.encode(new Uint8Array(10 * 1024 * 1024));
    const hooks = [{ response: ({ response }: Flow) => void response!.body }];
    await play({ codings, hooks }, async ({ client, origin, ends }) => {
      const upstream = await ask(client, origin);
      upstream.send(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
      upstream.send(latin1(bomb));
      const head = await client.getsHead();
      assert.match(head, /^HTTP\/1.1 5/);
      assert.match(ends[0] ?? "", /must give at most/);
    });
  });

  it("are changed in requests, too", async () => {
    const hooks = [{
      requestheaders: ({ request }: Flow) => void (request.stream = replace("foobar", "BAR")),
    }];
    await play({ codings, hooks }, async ({ client, origin }) => {
      const coded = oracles["gzip"]!.encode(utf8("a foobar"));
      client.send(
        `POST / HTTP/1.1\r\nHost: o\r\nContent-Encoding: gzip\r\nContent-Length: ${coded.length}\r\n\r\n`,
      );
      client.send(latin1(coded));
      const upstream = await origin();
      await upstream.getsHead();
      const changed = octets((await allFrames(upstream)).join(""));
      assert.equal(textOf(oracles["gzip"]!.decode(changed)), "a BAR");
      upstream.send("HTTP/1.1 204 No Content\r\n\r\n");
      await client.getsHead();
    });
  });
});
