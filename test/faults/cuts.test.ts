/**
 * Messages that are cut behind every one of their octets, by an end and by a reset: whatever the place, they are whole
 * for their reader only if they were whole.
 */
import assert from "node:assert/strict";
import { it } from "node:test";
import { BODY, treating, type Treatment } from "./messages.ts";
import { headOf, judged, play, within } from "./scene.ts";
import { judge, type Verdict } from "./judge.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const trailed = "3;x=y\r\n012\r\nd\r\n3456789abcdef\r\n0\r\nX-Sum: 1\r\n\r\n";

const responses: Record<string, string> = {
  "content-length": `HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n${BODY}`,
  chunked: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${trailed}`,
  "close-delimited": `HTTP/1.1 200 OK\r\n\r\n${BODY}`,
  "behind an interim":
    `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n${BODY}`,
};

/** What the client may make of a response that ends behind `at` octets. */
function outcomes(
  kind: string,
  message: string,
  at: number,
  how: "end" | "reset",
  treatment: Treatment,
): Verdict[] {
  const all = at === message.length;
  const headed = at >= message.lastIndexOf("\r\n\r\n", message.indexOf("01")) + 4;
  if (kind === "close-delimited" && headed && how === "end") return ["whole"];
  if (kind !== "close-delimited" && all) return how === "end" ? ["whole"] : ["whole", "cut", 502];
  // A reset may overtake what was sent before it, the head too.
  if (how === "reset") return headed && treatment !== "buffered" ? ["cut", 502] : [502];
  return headed && treatment !== "buffered" ? ["cut"] : [502];
}

for (const [kind, message] of Object.entries(responses)) {
  for (const how of ["end", "reset"] as const) {
    for (const treatment of ["passed", "transformed", "buffered"] as const) {
      it(`a ${kind} response, ${treatment}, cut by ${how === "end" ? "an end" : "a reset"} anywhere`, async () => {
        await play({ hooks: [treating(treatment)] }, async (scene) => {
          for (let at = 0; at <= message.length; at++) {
            const client = await scene.connect();
            await client.send(GET);
            const upstream = await within(scene.origin.next(), "a connection to the origin");
            await headOf(upstream);
            await upstream.send(message.slice(0, at));
            if (how === "end") upstream.end();
            else upstream.reset();
            const { verdict } = await judged(client);
            client.end();
            const allowed = outcomes(kind, message, at, how, treatment);
            assert.ok(
              allowed.includes(verdict),
              `${verdict} instead of ${allowed.join(" or ")} behind ${at} octets`,
            );
          }
        });
      });
    }
  }
}

const requests: Record<string, string> = {
  "content-length": `POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 16\r\n\r\n${BODY}`,
  chunked: `POST / HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\n\r\n${trailed}`,
};

for (const [kind, message] of Object.entries(requests)) {
  for (const how of ["end", "reset"] as const) {
    for (const treatment of ["passed", "buffered"] as const) {
      it(`a ${kind} request, ${treatment}, cut by ${how === "end" ? "an end" : "a reset"} anywhere`, async () => {
        await play({ hooks: [treating(treatment)] }, async (scene) => {
          for (let at = 0; at <= message.length; at++) {
            const client = await scene.connect();
            const all = at === message.length;
            const answered = all && how === "end" ? answer() : null;
            await client.send(message.slice(0, at));
            if (how === "end") client.end();
            else client.reset();
            await answered;
            const { verdict } = await judged(client);
            const wanted = how === "reset" || at === 0 ? "nothing" : all ? "whole" : 400;
            assert.equal(verdict, wanted, `behind ${at} octets`);
            await client.closed;
          }
          async function answer(): Promise<void> {
            for (;;) {
              const upstream = await within(scene.origin.next(), "a connection to the origin");
              if ((await judged(upstream, "request")).verdict === "whole") return await upstream.send(OK);
            }
          }
          for (const { text } of scene.origin.wires.slice(0, -1)) {
            const { verdict } = judge(text, "end", "request");
            assert.ok(verdict === "cut" || verdict === "nothing", `the origin has a ${verdict} request`);
          }
        });
      });
    }
  }
}
