/**
 * The SOCKS5 handshake without a network: every message whole, octet by octet, and cut everywhere.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Socks5, socksReplies, type SocksReply, socksReply } from "../../lib/socks5.ts";
import { latin1, octets } from "../harness/playbook.ts";

/** What a handshake comes to: what is sent, and how it ends. */
interface Outcome {
  readonly sent: string;
  readonly end: string;
  readonly rest: string;
}

/** Plays a handshake with the client's bytes in pieces. */
function play(pieces: readonly Uint8Array[], wanted: string | null): Outcome {
  const socks = new Socks5(wanted);
  let sent = "";
  for (const [i, piece] of pieces.entries()) {
    const lent = piece.slice();
    socks.receive(lent);
    // Whoever reads keeps the buffer.
    lent.fill(0xee);
    for (let step = socks.next(); step.kind !== "more"; step = socks.next()) {
      if (step.kind === "send") {
        sent += latin1(step.bytes);
        continue;
      }
      const rest = latin1(socks.rest) + pieces.slice(i + 1).map(latin1).join("");
      if (step.kind === "connect") return { sent, end: `${step.place.host} ${step.place.port}`, rest };
      return {
        sent: sent + latin1(step.bytes),
        end: step.reason.replace("Cannot serve SOCKS as ", ""),
        rest,
      };
    }
  }
  return { sent, end: "more", rest: latin1(socks.rest) };
}

const name = (text: string) => `\x03${String.fromCharCode(text.length)}${text}`;
const credentials = (user: string, password: string) =>
  `\x01${String.fromCharCode(user.length)}${user}${String.fromCharCode(password.length)}${password}`;
const answer = (reply: SocksReply) => latin1(socksReply(reply));

interface Row {
  readonly what: string;
  readonly wanted?: string;
  readonly bytes: string;
  readonly sent: string;
  readonly end: string;
  readonly rest?: string;
}

const HELLO = "\x05\x01\x00";
const rows: readonly Row[] = [
  {
    what: "an IPv4 address",
    bytes: `${HELLO}\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50`,
    sent: "\x05\x00",
    end: "192.0.2.1 80",
  },
  {
    what: "an IPv6 address",
    bytes: `${HELLO}\x05\x01\x00\x04\x20\x01\x0d\xb8${"\0".repeat(11)}\x01\x01\xbb`,
    sent: "\x05\x00",
    end: "2001:db8::1 443",
  },
  {
    what: "an IPv4 address in IPv6",
    bytes: `${HELLO}\x05\x01\x00\x04${"\0".repeat(10)}\xff\xff\x7f\x00\x00\x01\x00\x50`,
    sent: "\x05\x00",
    end: "::ffff:7f00:1 80",
  },
  {
    what: "a name",
    bytes: `${HELLO}\x05\x01\x00${name("origin.test")}\x1f\x90`,
    sent: "\x05\x00",
    end: "origin.test 8080",
  },
  {
    what: "an address as a name",
    bytes: `${HELLO}\x05\x01\x00${name("::1")}\x00\x50`,
    sent: "\x05\x00",
    end: "::1 80",
  },
  {
    what: "the longest name",
    bytes: `${HELLO}\x05\x01\x00${name("a".repeat(255))}\x00\x50`,
    sent: "\x05\x00",
    end: `${"a".repeat(255)} 80`,
  },
  {
    what: "bytes behind the request",
    bytes: `${HELLO}\x05\x01\x00${name("a")}\x00\x50\x05\x01\x00GET`,
    sent: "\x05\x00",
    end: "a 80",
    rest: "\x05\x01\x00GET",
  },
  {
    what: "several methods",
    bytes: `\x05\x03\x02\x01\x00\x05\x01\x00${name("a")}\x00\x50`,
    sent: "\x05\x00",
    end: "a 80",
  },
  {
    what: "credentials",
    wanted: "me:it",
    bytes: `\x05\x02\x00\x02${credentials("me", "it")}\x05\x01\x00${name("a")}\x00\x50`,
    sent: "\x05\x02\x01\x00",
    end: "a 80",
  },
  {
    what: "credentials in UTF-8, with a colon in the password",
    wanted: "mé:i:t",
    bytes: `\x05\x01\x02${credentials("m\xc3\xa9", "i:t")}\x05\x01\x00${name("a")}\x00\x50`,
    sent: "\x05\x02\x01\x00",
    end: "a 80",
  },
  ...[
    credentials("me", "It"),
    credentials("me", ""),
    credentials("", "it"),
    credentials("me:i", "t"),
    credentials("", ""),
  ]
    .map((given) => ({
      what: `wrong credentials ${JSON.stringify(given)}`,
      wanted: "me:it",
      bytes: `\x05\x01\x02${given}`,
      sent: "\x05\x02\x01\x01",
      end: "the user name or the password is wrong",
    })),
  {
    what: "a colon in the wrong place",
    wanted: "me:i:t",
    bytes: `\x05\x01\x02${credentials("me:i", "t")}`,
    sent: "\x05\x02\x01\x01",
    end: "the user name or the password is wrong",
  },
  {
    what: "credentials of another version",
    wanted: "me:it",
    bytes: "\x05\x01\x02\x05",
    sent: "\x05\x02\x01\x01",
    end: "the version of the credentials must be 1: got 5",
  },
  {
    what: "no method that is known",
    bytes: "\x05\x02\x01\x80",
    sent: "\x05\xff",
    end: "a client must do without authentication: it offers 1, 128",
  },
  {
    what: "no method at all",
    bytes: "\x05\x00",
    sent: "\x05\xff",
    end: "a client must do without authentication: it offers nothing",
  },
  {
    what: "no credentials where they are wanted",
    wanted: "me:it",
    bytes: "\x05\x01\x00",
    sent: "\x05\xff",
    end: "a client must authenticate itself: it offers 0",
  },
  {
    what: "SOCKS4",
    bytes: "\x04\x01\x00\x50",
    sent: "",
    end: "the version must be 5: got 4",
    rest: "\x01\x00\x50",
  },
  {
    what: "HTTP",
    bytes: "GET / HTTP/1.1\r\n",
    sent: "",
    end: "the version must be 5: got 71",
    rest: "ET / HTTP/1.1\r\n",
  },
  ...[["BIND", 2], ["UDP ASSOCIATE", 3], ["an unknown command", 9]].map(([what, command]) => ({
    what: `${what}`,
    bytes: `${HELLO}\x05${String.fromCharCode(Number(command))}\x00\x01\xc0\x00\x02\x01\x00\x50`,
    sent: `\x05\x00${answer("unknownCommand")}`,
    end: `the command must be CONNECT: got ${command}`,
  })),
  {
    what: "an unknown type of address",
    bytes: `${HELLO}\x05\x01\x00\x02`,
    sent: `\x05\x00${answer("unknownAddress")}`,
    end: "the address must be IPv4, IPv6 or a name: got type 2",
  },
  {
    what: "a request of another version",
    bytes: `${HELLO}\x04`,
    sent: `\x05\x00${answer("failure")}`,
    end: "the request's version must be 5: got 4",
  },
  {
    what: "port 0",
    bytes: `${HELLO}\x05\x01\x00${name("a")}\x00\x00`,
    sent: `\x05\x00${answer("failure")}`,
    end: "the port must not be 0",
  },
  ...["", "a b", "a\0", "a:80", "u@h", "[::1]", "a/b", "\xe9"].map((host) => ({
    what: `the name ${JSON.stringify(host)}`,
    bytes: `${HELLO}\x05\x01\x00${name(host)}\x00\x50`,
    sent: `\x05\x00${answer("hostUnreachable")}`,
    end: "the name must be one that can be resolved",
  })),
];

describe("a SOCKS5 handshake", () => {
  for (const { what, wanted = null, bytes, sent, end, rest = "" } of rows) {
    it(`takes ${what}, however it is cut`, () => {
      const whole = octets(bytes);
      const expected = { sent, end, rest };
      assert.deepEqual(play([whole], wanted), expected);
      assert.deepEqual(play(Array.from(whole, (octet) => Uint8Array.of(octet)), wanted), expected);
      for (let cut = 0; cut <= whole.length; cut++) {
        assert.deepEqual(
          play([whole.subarray(0, cut), whole.subarray(cut)], wanted),
          expected,
          `cut at ${cut}`,
        );
      }
    });

    it(`waits for the rest of ${what}`, () => {
      const needed = bytes.length - rest.length;
      for (let cut = 0; cut < needed; cut++) {
        assert.equal(play([octets(bytes.slice(0, cut))], wanted).end, "more", `cut at ${cut}`);
      }
    });
  }

  it("never throws, asks for no more than 513 octets a message, and is over for good", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const biased = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 3, 4, 5) }, octet);
    fc.assert(
      fc.property(fc.array(biased, { maxLength: 2000 }), fc.constantFrom(null, "a:b"), (bytes, wanted) => {
        const socks = new Socks5(wanted);
        socks.receive(Uint8Array.from(bytes));
        let step = socks.next();
        while (step.kind === "send") step = socks.next();
        if (step.kind === "more") assert.ok(socks.rest.length < 513);
        else assert.deepEqual(socks.next(), { kind: "more" });
      }),
    );
  });
});

describe("an answer to a request", () => {
  for (const [reply, code] of Object.entries(socksReplies)) {
    it(`says ${reply}`, () => {
      assert.deepEqual(socksReply(reply as SocksReply), Uint8Array.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0));
    });
  }
});
