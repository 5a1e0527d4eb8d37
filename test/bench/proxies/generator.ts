// An origin that makes up its bodies as it sends them: GET /length/BYTES with Content-Length, and
// GET /chunked/BYTES/FRAME in wire chunks of FRAME bytes; a query is ignored. It writes prepared buffers of 256 KiB, so that small
// wire chunks cost it nothing. BYTES has to be a multiple of 64 KiB, FRAME a divisor of 64 KiB.
// Usage: node generator.js

import { createServer, type Socket } from "node:net";
import { BLOCK, makeBlock } from "../body.ts";
import { announce } from "./announce.ts";

/** Blocks in one write. */
const BLOCKS = 4;

const plain = makeBlock();
const framed = new Map<number, Buffer>();

const server = createServer({ noDelay: true }, (socket) => {
  socket.setEncoding("latin1");
  let head = "";
  socket.on("data", (text) => {
    head += text;
    if (!head.endsWith("\r\n\r\n")) return;
    answer(socket, head.split(/[ ?]/)[1] ?? "");
    head = "";
  });
  // A client that goes away in the middle of a body resets its socket.
  socket.on("error", () => socket.destroy());
});

function answer(socket: Socket, path: string): void {
  const [, kind, size, frame] = path.split("/");
  const chunked = kind === "chunked";
  const block = chunked ? frames(Number(frame)) : plain;
  const many = Buffer.concat(Array<Buffer>(BLOCKS).fill(block));
  const framing = chunked ? "transfer-encoding: chunked" : `content-length: ${size}`;
  socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${framing}\r\n\r\n`);
  let left = Number(size) / BLOCK;
  const more = (): void => {
    while (left > 0) {
      const piece = left < BLOCKS ? many.subarray(0, left * block.length) : many;
      left -= BLOCKS;
      if (!socket.write(piece)) return;
    }
    socket.off("drain", more);
    if (chunked) socket.write("0\r\n\r\n");
  };
  socket.on("drain", more);
  more();
}

function frames(size: number): Buffer {
  let buffer = framed.get(size);
  if (buffer === undefined) framed.set(size, buffer = Buffer.concat([...cut(size)]));
  return buffer;
}

function* cut(size: number): Generator<Buffer> {
  for (let at = 0; at < plain.length; at += size) {
    yield Buffer.from(`${size.toString(16)}\r\n`);
    yield plain.subarray(at, at + size);
    yield Buffer.from("\r\n");
  }
}

announce(server);
