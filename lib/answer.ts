/**
 * Answers that a script gives instead of an origin.
 *
 * The body is whole, or a stream: one that the script has given, or what the transforms that it has set on its answer
 * make of either. As with an origin's response, `response` runs before a whole body leaves, and behind a stream.
 */
import type { Exchange } from "./exchange.ts";
import type { LocalAnswer } from "./local-answer.ts";
import { isBodyless, mustBeEmpty } from "./framing.ts";
import { checkChunk } from "./fused-path.ts";
import type { HeaderList } from "./headers.ts";
import { putHead } from "./head.ts";
import { withoutHopByHop } from "./hop-by-hop.ts";
import { warnOfLost } from "./lost-trailers.ts";
import type { Framing } from "./message.ts";
import { pieceSize } from "./piece-size.ts";
import { pipeline } from "./pipeline.ts";
import { type Plan, planBody } from "./plan.ts";
import { reframe, reframeBodyless, type Treatment } from "./reframe.ts";
import { streams } from "./streams.ts";

/** An answer, and the stages that its body goes through; `null` for none. */
interface Planned {
  readonly answer: LocalAnswer;
  readonly stages: Extract<Plan, { kind: "change" }>["stages"] | null;
}

/** Sends what a script has answered with. */
export async function deliverAnswer(x: Exchange): Promise<void> {
  // A client that is told the outcome instead of 100 may send its body or not: nobody could tell it from a request.
  if (x.expecting) x.last = true;
  let planned = planOf(x);
  if (!streaming(planned)) {
    await x.hook("response");
    // That hook may have answered differently.
    if (x.flow.answer !== planned.answer) planned = planOf(x);
  }
  const headers = withoutHopByHop(x.response.headers);
  const chunked = await sendAnswer(x, planned, headers);
  await x.hook("response");
  x.check();
  if (!chunked) warnOfLost(x, null);
  x.client.h1.sendEnd(chunked ? x.response.trailers : null);
  const pressure = x.client.flush();
  if (pressure !== null) await pressure;
}

function planOf(x: Exchange): Planned {
  const answer = x.flow.answer!;
  const { response, stream } = answer;
  const plan = planBody(
    response,
    stream === null ? { kind: "content-length", length: response.rawBody!.length } : { kind: "chunked" },
    x.flow,
    { ...x.messages, streamOver: undefined, wanted: false },
  );
  if (plan.kind === "buffer" && stream !== null) {
    throw new TypeError(
      "Cannot buffer the answer's body as it is a stream: read it, and answer with its bytes",
    );
  }
  return { answer, stages: plan.kind === "change" ? plan.stages : null };
}

function streaming({ answer, stages }: Planned): boolean {
  return answer.stream !== null || stages !== null;
}

/** Sends the head and the body, but not the message's end; tells whether the body is chunked. */
async function sendAnswer(x: Exchange, planned: Planned, headers: HeaderList): Promise<boolean> {
  const { response, stream } = planned.answer;
  const { version, method } = x.head;
  const streamed = streaming(planned);
  const bodyless = isBodyless(response.status, method);
  const body = response.rawBody ?? new Uint8Array(0);
  if (bodyless || mustBeEmpty(response.status)) {
    x.responded(false);
    if (!streamed && method === "HEAD") headers.set("Content-Length", String(body.length));
    putHead(
      x,
      headers,
      bodyless
        ? reframeBodyless(headers, response.status, streamed)
        : reframe(headers, NONE, wholeOf(0), version),
    );
    if (stream !== null) sourceOf(x, stream).cancel(new Error("The response has no body"));
    return false;
  }
  // A trailer section needs a chunked body to follow.
  const chunked = version === "1.1" && (streamed || response.trailers !== null);
  // A range would be one of the body as the script has given it.
  if (planned.stages !== null) headers.set("Accept-Ranges", "none");
  const kind = planned.stages === null ? "kept" : "changed";
  const framing = chunked || streamed
    ? reframe(headers, { kind: "chunked" }, { kind }, version)
    : reframe(headers, NONE, wholeOf(body.length), version);
  putHead(x, headers, framing);
  x.responded(streamed);
  if (streamed) await sendStream(x, streamOf(x, planned));
  else if (body.length > 0) x.client.h1.sendData(body);
  return chunked;
}

const NONE: Framing = { kind: "none" };

function wholeOf(length: number): Treatment {
  return { kind: "whole", length, changed: false };
}

function streamOf(
  x: Exchange,
  { answer: { response, stream }, stages }: Planned,
): ReadableStream<Uint8Array> {
  const body = stream ?? piecesOf(response.rawBody!, pieceSize(stages ?? [], x.context.chunkSize));
  if (stages === null) return body;
  response.pass();
  return pipeline(body, stages);
}

/** A whole body as a stream, for transforms that want no more than so many bytes at once. */
function piecesOf(body: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new streams.ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at >= body.length) return controller.close();
      controller.enqueue(body.subarray(at, at += size));
    },
  });
}

async function sendStream(x: Exchange, stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  const source = sourceOf(x, reader);
  x.paths.add(source);
  x.watch();
  for (;;) {
    // The head doesn't wait for the first chunk either.
    const pressure = x.client.flush();
    if (pressure !== null) await pressure;
    const { done, value } = await reader.read();
    x.check();
    if (done) break;
    checkChunk(value);
    if (value.length > 0) x.client.h1.sendData(value);
  }
  x.paths.delete(source);
}

/** Nobody waits for a stream that is not wanted; what goes wrong with its cancelling is told. */
function sourceOf(
  x: Exchange,
  stream: Pick<ReadableStreamDefaultReader, "cancel">,
): { readonly cancel: (reason: unknown) => void } {
  const failed = (error: unknown) => {
    if (error !== x.flow.error) x.messages.warn(`The cancel of an answer's body failed: ${String(error)}`);
  };
  return { cancel: (reason) => void stream.cancel(reason).catch(failed) };
}
