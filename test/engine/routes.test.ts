/**
 * Routes: which transforms apply to which host and path.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import { type RouteHandler, type RouteMatch, RouteTable } from "../../lib/route.ts";
import { replace } from "../../transforms/mod.ts";
import { ORIGIN, play, settle } from "../harness/playbook.ts";

/** Sends one request through the routes and gives back the body that the client gets; the origin says `abc`. */
async function fetched(
  routes: RouteTable,
  path = "/",
  { method = "GET", hooks = [{}] } = {},
): Promise<string> {
  let body = "";
  await play({ routes, hooks }, async ({ client, origin }) => {
    client.send(`${method} ${path} HTTP/1.1\r\nHost: proxy\r\n\r\n`);
    (await origin()).send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    const head = await client.getsHead();
    await settle();
    body = head.includes(" 500 ") ? "500" : client.received.slice(head.length);
  });
  return body.replace(/^3\r\n(.*)\r\n0\r\n\r\n$/s, "$1");
}

const a = () => replace("a", "1");
const b = () => replace("b", "2");
const c = () => replace("c", "3");

/** Hosts: a pattern, and whether it matches the origin's name. */
const hosts: [string, boolean][] = [
  [ORIGIN, true],
  [ORIGIN.toUpperCase(), true],
  ["*", true],
  ["*.test", true],
  ["*.TEST", true],
  ["test", false],
  [`*.${ORIGIN}`, false],
  ["origin", false],
  ["other.test", false],
];

for (const [pattern, matches] of hosts) {
  test(`host ${pattern} ${matches ? "matches" : "does not match"} ${ORIGIN}`, async () => {
    const routes = new RouteTable();
    routes.route(pattern).get("*", a);
    assert.equal(await fetched(routes), matches ? "1bc" : "abc");
  });
}

/** Paths: a pattern, a path, and whether they match. */
const paths: [string, string, boolean][] = [
  ["/", "/", true],
  ["/a", "/a", true],
  ["/a", "/a?x=1", true],
  ["/a", "/a/b", false],
  ["/a", "/ab", false],
  ["/a/*", "/a/b/c", true],
  ["*", "/a/b", true],
  ["/users/:id", "/users/7", true],
  ["/users/:id", "/users", false],
  ["/users/:id/posts", "/users/7/posts", true],
];

for (const [pattern, path, matches] of paths) {
  test(`path ${pattern} ${matches ? "matches" : "does not match"} ${path}`, async () => {
    const routes = new RouteTable();
    routes.route("*").get(pattern, a);
    assert.equal(await fetched(routes, path), matches ? "1bc" : "abc");
  });
}

test("a route is for its method", async () => {
  const routes = new RouteTable();
  routes.route("*").get("*", a).post("*", b).on("PURGE", "*", c);
  assert.equal(await fetched(routes), "1bc");
  assert.equal(await fetched(routes, "/", { method: "POST" }), "a2c");
  assert.equal(await fetched(routes, "/", { method: "PURGE" }), "ab3");
  assert.equal(await fetched(routes, "/", { method: "DELETE" }), "abc");
});

test("several routes add to one flow, in order", async () => {
  const routes = new RouteTable();
  routes.route("*").all("*", a).get("/x", () => [b()]).get("/y", c);
  routes.route(ORIGIN).get("*", () => replace("1", "9"));
  assert.equal(await fetched(routes, "/x"), "92c");
  assert.equal(await fetched(routes, "/y"), "9b3");
});

test("what a script has chosen comes first", async () => {
  const routes = new RouteTable();
  routes.route("*").get("*", () => replace("1", "9"));
  const hooks = [{ responseheaders: (flow: Flow) => void (flow.response!.stream = a()) }];
  assert.equal(await fetched(routes, "/", { hooks }), "9bc");
});

test("a handler gets the flow, the parts of the path and the query; it may be async, and choose nothing", async () => {
  const seen: [number, string, RouteMatch][] = [];
  const handler: RouteHandler = async (flow, match) => {
    await Promise.resolve();
    seen.push([flow.response!.status, flow.request.method, match]);
  };
  const routes = new RouteTable();
  routes.route("*").get("/users/:id/*", handler);
  assert.equal(await fetched(routes, "/users/a%20b/x?q=1&q=2&r=3"), "abc");
  assert.equal(seen.length, 1);
  const [status, method, { params, query }] = seen[0]!;
  assert.equal(status, 200);
  assert.equal(method, "GET");
  assert.equal(params["id"], "a%20b");
  assert.deepEqual({ ...query }, { q: ["1", "2"], r: "3" });
});

test("true and false choose as a script does", async () => {
  const routes = new RouteTable();
  routes.route("*").get("/stream", () => true).get("/buffer", () => false);
  const seen: unknown[] = [];
  const hooks = [{ response: (flow: Flow) => void seen.push(flow.response!.text) }];
  assert.equal(await fetched(routes, "/stream", { hooks }), "abc");
  assert.equal(await fetched(routes, "/buffer", { hooks }), "abc");
  assert.deepEqual(seen, [null, "abc"]);
});

test("a handler that throws is a 500", async () => {
  const routes = new RouteTable();
  routes.route("*").get("*", () => {
    throw new Error("no");
  });
  assert.equal(await fetched(routes), "500");
});

test("routes look at where the request goes, not at where it came", async () => {
  const routes = new RouteTable();
  routes.route(ORIGIN).get("/moved", a);
  const hooks = [{ requestheaders: ({ request }: Flow) => void (request.url.pathname = "/moved") }];
  assert.equal(await fetched(routes, "/", { hooks }), "1bc");
});

test("OPTIONS * meets routes as the origin's root", async () => {
  const routes = new RouteTable();
  routes.route("*").on("OPTIONS", "/", a);
  assert.equal(await fetched(routes, "*", { method: "OPTIONS" }), "1bc");
});
