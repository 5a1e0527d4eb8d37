import { test } from "node:test";
import { play } from "../harness/playbook.ts";
import { replace } from "../../transforms/mod.ts";
import type { Flow } from "../../lib/flow.ts";

test("a response passes", async () => {
  await play({}, async ({ client, origin }) => {
    client.send("GET /a HTTP/1.1\r\nHost: proxy\r\n\r\n");
    const upstream = await origin();
    await upstream.gets("GET /a HTTP/1.1\r\nHost: origin.test\r\nVia: 1.1 sluice\r\n\r\n");
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    await client.gets("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nVia: 1.1 sluice\r\n\r\nhello");
    client.send("GET /b HTTP/1.1\r\nHost: proxy\r\n\r\n");
    await upstream.gets("GET /b HTTP/1.1\r\nHost: origin.test\r\nVia: 1.1 sluice\r\n\r\n");
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n5\r\nbarxx\r\n0\r\n\r\n");
    await client.gets("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nVia: 1.1 sluice\r\n\r\n3\r\nfoo\r\n5\r\nbarxx\r\n0\r\n\r\n");
  });
});

test("foobar is replaced", async () => {
  const hooks = [{ responseheaders: (flow: Flow) => { flow.response!.stream = replace("foobar", "BAZ"); } }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send("GET /b HTTP/1.1\r\nHost: proxy\r\n\r\n");
    const upstream = await origin();
    await upstream.getsHead();
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nxxfoo\r\n5\r\nbarxx\r\n0\r\n\r\n");
    await client.getsHead();
    await client.gets("2\r\nxx\r\n5\r\nBAZxx\r\n0\r\n\r\n");
  });
});
