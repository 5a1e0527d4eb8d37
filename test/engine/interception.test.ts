/**
 * Which connections are opened, in whose name, and how many certificates are kept for that.
 */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import { Authority } from "../../lib/authority.ts";
import { parseHostPattern } from "../../lib/host-pattern.ts";
import { Interception } from "../../lib/interception.ts";
import { Leaves } from "../../lib/leaves.ts";
import type { Tls, TlsServer } from "../../lib/tls.ts";
import { modules } from "../harness/certificates.ts";

const authority = await Authority.open(modules, await Authority.make(modules));

function place(text: string): { host: string; port: number } {
  const [, host, port] = /^(.*):(\d+)$/.exec(text)!;
  return { host: host!, port: Number(port) };
}

describe("a host pattern", () => {
  const rows: [pattern: string, yes: string[], no: string[]][] = [
    ["example.com", ["example.com:1", "EXAMPLE.com:2", "example.com.:3"], [
      "www.example.com:1",
      "xample.com:1",
    ]],
    ["*.example.com", ["www.example.com:1", "a.b.example.com:1"], ["example.com:1", "badexample.com:1"]],
    ["*", ["a:1", "::1:2"], []],
    ["_dmarc.a-b.test.", ["_dmarc.a-b.test:1"], ["dmarc.a-b.test:1"]],
    ["Example.com:443", ["example.com:443"], ["example.com:80"]],
    ["*:8443", ["a:8443"], ["a:443"]],
    ["127.0.0.1", ["127.0.0.1:1"], ["127.0.0.2:1"]],
    ["::1", ["::1:5"], ["::2:5"]],
    ["2001:DB8::1", ["2001:db8:0:0::1:443"], ["2001:db8::2:443"]],
    ["[::1]:443", ["::1:443"], ["::1:80"]],
  ];
  for (const [pattern, yes, no] of rows) {
    it(`such as ${pattern} matches what it says, and nothing else`, () => {
      const matches = parseHostPattern(pattern);
      for (const text of yes) assert.ok(matches(place(text)), text);
      for (const text of no) assert.ok(!matches(place(text)), text);
    });
  }
  for (
    const text of [
      "",
      "a b",
      "https://a",
      "a/b",
      "a:0",
      "a:65536",
      "*a",
      "a.*",
      "[a]",
      "a:x",
      "(",
      "a..b",
      ".a",
      "a,b",
      "^a$",
    ]
  ) {
    it(`can't be ${JSON.stringify(text)}`, () =>
      void assert.throws(() => parseHostPattern(text), RangeError));
  }
});

/** TLS that makes no handshake, but says for whom it would. */
const names: string[] = [];
const tls: Tls = {
  client: () => () => Promise.reject(new Error("unused")),
  server: ({ cert }) => {
    names.push(new X509Certificate(cert).subjectAltName!);
    return () => Promise.reject(new Error("unused"));
  },
};

function opened(
  [hosts, ignore]: [hosts: string[] | undefined, ignore: string[]],
  target: string,
  serverName: string | null,
  protocols: string[] | null = null,
): string | null {
  const patterns = { hosts: hosts?.map(parseHostPattern), ignore: ignore.map(parseHostPattern) };
  const interception = new Interception({ tls, authority, ...patterns }, 10);
  return interception.open(place(target), { serverName, protocols })?.name ?? null;
}

describe("a connection is opened", () => {
  it("in the name that the client wants, or the one that it has connected to", () => {
    assert.equal(opened([undefined, []], "a.test:443", "a.test"), "a.test");
    assert.equal(opened([undefined, []], "a.test:443", null), "a.test");
    assert.equal(opened([undefined, []], "A.test.:443", null), "a.test");
    assert.equal(opened([undefined, []], "192.0.2.1:443", "a.test"), "a.test");
    assert.equal(opened([undefined, []], "a.test:443", "b.test"), "b.test");
    assert.equal(opened([undefined, []], "2001:db8::1:443", null), "2001:db8::1");
  });

  it("if a pattern matches it by either name, and none says no by either", () => {
    assert.equal(opened([["a.test"], []], "a.test:443", "x.test"), "x.test");
    assert.equal(opened([["a.test"], []], "192.0.2.1:443", "a.test"), "a.test");
    assert.equal(opened([["a.test"], []], "b.test:443", "b.test"), null);
    assert.equal(opened([["*.test"], ["a.test"]], "a.test:443", "b.test"), null);
    assert.equal(opened([["*.test"], ["a.test"]], "b.test:443", "a.test"), null);
    assert.equal(opened([["*.test"], ["a.test"]], "b.test:443", "b.test"), "b.test");
  });

  it("where the proxy itself answers, whatever the patterns say; a name alone doesn't lead there", () => {
    const none: [string[], string[]] = [["a.test"], ["*"]];
    assert.equal(opened(none, "sluice.internal:443", null), "sluice.internal");
    assert.equal(opened(none, "Sluice.Internal.:443", "sluice.internal"), "sluice.internal");
    assert.equal(opened(none, "sluice.internal:8443", "sluice.internal"), null);
    assert.equal(opened([["a.test"], []], "b.test:443", "sluice.internal"), null);
  });

  it("unless it speaks what is not known here, or names nobody", () => {
    assert.equal(opened([undefined, []], "a.test:443", null, ["h2"]), null);
    assert.equal(opened([undefined, []], "a.test:443", null, ["h2", "http/1.1"]), "a.test");
    assert.equal(opened([undefined, []], "a.test:443", null, ["http/1.0"]), "a.test");
    for (const name of ["a b", "a..b", "-", "*.test", "a\0", "a".repeat(64), "a.".repeat(127) + "aa"]) {
      assert.equal(opened([undefined, []], "a.test:443", name), null, name);
    }
  });
});

describe("certificates for hosts", () => {
  it("are of that host alone, for less than 200 days, by an authority that may make no other", async () => {
    const ca = new X509Certificate(authority.pem);
    assert.ok(ca.ca);
    assert.match(await authority.fingerprint(), /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const long = `${"a".repeat(60)}.${"b".repeat(60)}.test`;
    const rows: [name: string, alternative: RegExp][] = [
      ["a.test", /^DNS:a\.test$/],
      [long, new RegExp(`^DNS:${long}$`)],
      ["192.0.2.7", /^IP Address:192\.0\.2\.7$/],
      ["2001:db8::1", /^IP Address:2001:db8:(?::|0:0:0:0:0:)1$/i],
    ];
    for (const [name, alternative] of rows) {
      const leaf = new X509Certificate((await authority.identity(name)).cert);
      assert.match(leaf.subjectAltName!, alternative);
      assert.ok(!leaf.ca);
      assert.ok(leaf.verify(ca.publicKey));
      const days = (Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / 86_400_000;
      assert.ok(days > 100 && days < 200, `${days} days`);
      assert.ok(Date.parse(leaf.validFrom) < Date.now() - 86_400_000);
      assert.notEqual(
        leaf.serialNumber,
        new X509Certificate((await authority.identity(name)).cert).serialNumber,
      );
    }
  });

  it("are made once for those that want one at the same time, and are what the name says", async () => {
    names.length = 0;
    const interception = new Interception({ tls, authority }, 10);
    const open = () => interception.open(place("a.test:1"), { serverName: null, protocols: null })!.server;
    const [one, two] = await Promise.all([open(), open()]);
    assert.equal(one, two);
    assert.equal(await open(), one);
    assert.deepEqual(names, ["DNS:a.test"]);
  });

  it("are kept up to a number, those longest that were used last", async () => {
    const made: string[] = [];
    const leaves = new Leaves(3, (name) => {
      made.push(name);
      return Promise.resolve(() => Promise.reject(new Error(name)));
    });
    for (const name of ["a", "b", "c", "a", "d", "a", "b"]) await leaves.take(name);
    assert.deepEqual(made, ["a", "b", "c", "d", "b"]);
    for (let i = 0; i < 1000; i++) await leaves.take(`host-${i}`);
    assert.equal(leaves.size, 3);
  });

  it("are tried anew after a failure", async () => {
    let tries = 0;
    const server: TlsServer = () => Promise.reject(new Error("unused"));
    const leaves = new Leaves(
      3,
      () => ++tries === 1 ? Promise.reject(new Error("no")) : Promise.resolve(server),
    );
    await assert.rejects(leaves.take("a"), /no/);
    assert.equal(await leaves.take("a"), server);
  });
});

describe("an authority", () => {
  it("is opened from what was made only", async () => {
    const [key, certificate] = (await Authority.make(modules)).split("-----BEGIN CERTIFICATE-----") as [
      string,
      string,
    ];
    for (
      const pem of [
        "",
        key,
        `-----BEGIN CERTIFICATE-----${certificate}`,
        key + authority.pem.replace(/M/, "N"),
      ]
    ) {
      await assert.rejects(Authority.open(modules, pem), TypeError);
    }
  });
});
