/**
 * What the command line makes of where it listens: who may use the proxy, and what it may reach.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseArgs } from "node:util";
import { readSettings } from "../../lib/args.ts";
import { type Exposure, exposureOf } from "../../lib/exposure.ts";

const REVERSE = "-m reverse:http://127.0.0.1:3000";
const OWN: Exposure = {
  blockPrivate: false,
  connectPorts: undefined,
  proxyAuth: undefined,
  forwarded: "keep",
  warning: null,
};
const GUARDED: Exposure = { ...OWN, blockPrivate: true, connectPorts: [443] };
const warning = (host: string) =>
  `Everyone who reaches ${host} can use this proxy: --allow-public is set without --proxy-auth`;

function decide(line: string, password?: string): Exposure {
  return exposureOf(readSettings(line.split(" ").filter((word) => word !== ""), parseArgs), password);
}

describe("a proxy that only this machine reaches", () => {
  for (
    const host of ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST", "::ffff:127.0.0.1"]
  ) {
    it(`is open on ${host}`, () => assert.deepEqual(decide(`--listen-host ${host}`), OWN));
  }
  it("may be asked to guard itself", () => {
    assert.deepEqual(decide("--block-private --connect-ports 443 --proxy-auth a:b"), {
      ...GUARDED,
      proxyAuth: "a:b",
    });
  });
});

describe("a forward proxy that others reach", () => {
  for (const host of ["0.0.0.0", "::", "192.168.1.1", "example.com", "localhost.example.com"]) {
    it(`has to be asked for on ${host}`, () => {
      assert.throws(() => decide(`--listen-host ${host}`), {
        name: "UsageError",
        message:
          `Cannot listen on ${host} as a forward proxy that others reach must not serve everyone by accident; ` +
          "set --proxy-auth USER:PASSWORD, or --allow-public to serve everyone",
      });
    });
    it(`is guarded on ${host}, and warned of`, () => {
      const decided = decide(`--listen-host ${host} --allow-public`);
      assert.deepEqual(decided, { ...GUARDED, warning: warning(host) });
    });
  }
  it("with credentials needs no warning", () => {
    const wanted = { ...GUARDED, proxyAuth: "a:b" };
    assert.deepEqual(decide("--listen-host :: --proxy-auth a:b"), wanted);
    assert.deepEqual(decide("--listen-host :: --proxy-auth a:b", "c:d"), wanted);
    assert.deepEqual(decide("--listen-host ::", "a:b"), wanted);
  });
  it("may be opened bit by bit", () => {
    const decided = decide("--listen-host :: --allow-public --allow-private --connect-ports all");
    assert.deepEqual(decided, { ...OWN, warning: warning("::") });
  });
});

for (const mode of ["socks5", "upstream:http://127.0.0.1:3128"]) {
  describe(`a proxy of --mode ${mode}`, () => {
    it("is a forward proxy: open here, and elsewhere if it is asked for", () => {
      assert.deepEqual(decide(`-m ${mode}`), OWN);
      assert.throws(() => decide(`-m ${mode} --listen-host ::`), /^UsageError: Cannot listen on ::/);
      assert.deepEqual(decide(`-m ${mode} --listen-host :: --proxy-auth a:b`), {
        ...GUARDED,
        proxyAuth: "a:b",
      });
      const decided = decide(`-m ${mode} --listen-host :: --allow-public`);
      assert.deepEqual(decided, { ...GUARDED, warning: warning("::") });
    });
  });
}

describe("a reverse proxy", () => {
  it("that only this machine reaches changes nothing", () => assert.deepEqual(decide(REVERSE), OWN));
  it("that others reach replaces what they say of themselves", () => {
    assert.deepEqual(decide(`${REVERSE} --listen-host 0.0.0.0`), { ...OWN, forwarded: "replace" });
    assert.deepEqual(decide(`${REVERSE} --listen-host 0.0.0.0 --forwarded keep`), OWN);
  });
  it("takes no credentials, and leaves the environment's alone", () => {
    assert.deepEqual(decide(REVERSE, "a:b"), OWN);
    assert.throws(
      () => decide(`${REVERSE} --proxy-auth a:b`),
      /^UsageError: Cannot use --proxy-auth with --mode reverse/,
    );
  });
});

it("contradictions are refused", () => {
  assert.throws(() => decide("--block-private --allow-private"), /^UsageError: .* contradict each other$/);
});
