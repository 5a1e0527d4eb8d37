/**
 * Where requests go: the four forms of a target, in both roles.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderList } from "../../lib/headers.ts";
import type { RequestHead } from "../../lib/message.ts";
import type { Mode } from "../../lib/mode.ts";
import { connectTarget, parseAuthority, requestTarget } from "../../lib/target.ts";

const head = (target: string, method = "GET"): RequestHead => ({
  method,
  target,
  version: "1.1",
  headers: new HeaderList(),
});

/** Forward: the target, and where it goes: host, port, `Host`, path. */
const forward: [string, string, string, [string, number, string, string] | null][] = [
  ["GET", "http://a/", "absolute", ["a", 80, "a", "/"]],
  ["GET", "http://a", "no path", ["a", 80, "a", "/"]],
  ["GET", "http://a?x", "no path, a query", ["a", 80, "a", "/?x"]],
  ["OPTIONS", "http://a", "the server as a whole", ["a", 80, "a", "*"]],
  ["GET", "HTTP://A:8080/x?y=%7e[]", "kept byte for byte", ["A", 8080, "A:8080", "/x?y=%7e[]"]],
  ["GET", "http://[::1]:81/", "IPv6", ["::1", 81, "[::1]:81", "/"]],
  ["GET", "http://a:0/", "port 0", null],
  ["GET", "http://a:65536/", "a port too large", null],
  ["GET", "http://u@a/", "user information", null],
  ["GET", "http:///x", "no host", null],
  ["GET", "https://a/x", "https", ["a", 443, "a", "/x"]],
  ["GET", "HTTPS://[::1]:81", "https, IPv6", ["::1", 81, "[::1]:81", "/"]],
  ["GET", "ftp://a/", "another scheme", null],
  ["GET", "/", "origin-form", null],
  ["GET", "*", "asterisk-form", null],
  ["GET", "http://a/#x", "a fragment", null],
];

for (const [method, target, name, expected] of forward) {
  test(`forward: ${method} ${target}: ${name}`, () => {
    if (expected === null) {
      assert.throws(() => requestTarget(head(target, method), { kind: "regular" }), {
        name: "ProtocolError",
        status: 400,
        message: /^Cannot .* must be |^Cannot .* needs /,
      });
      return;
    }
    const { host, port, authority, path } = requestTarget(head(target, method), { kind: "regular" });
    assert.deepEqual([host, port, authority, path], expected);
  });
}

/** Reverse: the origin, the request, and the path and URL that it gets. */
const reverse: [string, string, string, string | null, string][] = [
  ["http://o", "GET", "/x?y", "/x?y", "http://o/x?y"],
  ["http://o/", "GET", "/", "/", "http://o/"],
  ["http://o/base", "GET", "/x", "/base/x", "http://o/base/x"],
  ["http://o/base/", "GET", "/x", "/base/x", "http://o/base/x"],
  ["http://o:81", "OPTIONS", "*", "*", "http://o:81"],
  ["http://o", "GET", "http://elsewhere/x", "/x", "http://o/x"],
  ["http://o", "GET", "//evil/x", "//evil/x", "http://o//evil/x"],
  ["http://o", "GET", "/../%2e%2E/x", "/../%2e%2E/x", "http://o/../%2e%2E/x"],
  ["http://o", "GET", "*", null, ""],
  ["http://o", "GET", "x", null, ""],
  ["http://o", "GET", "ftp://a/", null, ""],
];

for (const [origin, method, target, path, href] of reverse) {
  test(`reverse: ${method} ${target} for ${origin}`, () => {
    const mode: Mode = { kind: "reverse", origin: new URL(origin) };
    if (path === null) {
      assert.throws(() => requestTarget(head(target, method), mode), { name: "ProtocolError", status: 400 });
      return;
    }
    const found = requestTarget(head(target, method), mode);
    assert.equal(found.path, path);
    assert.equal(found.href, href);
    assert.equal(found.authority, new URL(origin).host);
    assert.equal(new URL(found.href).host, new URL(origin).host);
  });
}

test("CONNECT wants host:port", () => {
  const { host, port, path } = connectTarget(head("[2001:db8::1]:443", "CONNECT"));
  assert.deepEqual([host, port, path], ["2001:db8::1", 443, ""]);
  assert.throws(() => connectTarget(head("a", "CONNECT")), { name: "ProtocolError" });
});

test("an authority is a host and perhaps a port", () => {
  assert.deepEqual(parseAuthority("a", 80), { host: "a", port: 80 });
  assert.deepEqual(parseAuthority("a:1", null), { host: "a", port: 1 });
  for (const wrong of ["", ":80", "a:", "a:b", "a b", "a/b", "a@b", "[::1", "::1", "a:80:80", "a\r\nb"]) {
    assert.equal(parseAuthority(wrong, 80), null, wrong);
  }
});
