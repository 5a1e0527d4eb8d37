/**
 * What a client speaks, by its first bytes.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { sniff, type Speech } from "../../lib/sniff.ts";
import { octets } from "../harness/playbook.ts";

/** What comes first, what it is, and after how many octets that is known. */
const rows: readonly (readonly [text: string, speech: Speech, known: number])[] = [
  ["GET / HTTP/1.1\r\n", "http", 5],
  ["OPTIONS * HTTP/1.1\r\n", "http", 9],
  ["M-SEARCH * HTTP/1.1\r\n", "http", 10],
  ["POST http://a/ HTTP/1.1\r\n", "http", 12],
  ["GET HTTPS://a/ HTTP/1.1\r\n", "http", 12],
  ["\r\n\r\nGET / HTTP/1.1\r\n", "http", 9],
  ["\nGET / HTTP/1.1\r\n", "http", 6],
  ["GETS /", "http", 6],
  ["PRIOR /", "http", 7],
  ["\x16\x03\x01\x02\x00\x01", "tls", 3],
  ["\x16\x03\x04", "tls", 3],
  ["\x16\x03\x05", "other", 3],
  ["\x16\x02\x00", "other", 2],
  ["\x80\x2e\x01", "other", 1],
  ["SSH-2.0-OpenSSH_9.2\r\n", "other", 6],
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "other", 4],
  ["CONNECT a:80 HTTP/1.1\r\n", "other", 8],
  ["OPTIONS rtsp://a/ RTSP/1.0\r\n", "other", 9],
  ["GET http:/a", "other", 11],
  ["GET httpx", "other", 9],
  ["EHLO a\r\n", "other", 6],
  ["get /a\r\n", "other", 1],
  ["GET  /", "other", 5],
  [" / ", "other", 1],
  ["\r / ", "other", 2],
  ["\0\0", "other", 1],
  ["A".repeat(40), "other", 33],
  ["\r\n".repeat(40), "other", 64],
];

describe("sniff()", () => {
  for (const [text, speech, known] of rows) {
    it(`says ${speech} of ${JSON.stringify(text.slice(0, 32))} after ${known} octets, and nothing before`, () => {
      for (let length = 0; length <= text.length; length++) {
        const expected = length < known ? null : speech;
        assert.equal(sniff(octets(text.slice(0, length))), expected, `after ${length}`);
      }
    });
  }

  it("never changes what it has said, and knows after 64 octets", () => {
    const octet = fc.oneof(
      fc.constantFrom(..."GET /*htps:\r\n\x16\x03".split("")),
      fc.string({ maxLength: 1, minLength: 1 }),
    );
    fc.assert(fc.property(fc.array(octet, { maxLength: 80 }), (characters) => {
      const bytes = octets(characters.join("").replace(/[^\0-\xff]/g, "?"));
      let said: Speech | null = null;
      for (let length = 0; length <= bytes.length; length++) {
        const now = sniff(bytes.subarray(0, length));
        if (said !== null) assert.equal(now, said);
        said = now;
        if (length >= 64) assert.notEqual(now, null);
      }
    }));
  });
});
