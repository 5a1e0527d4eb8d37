/**
 * An origin that answers as a test says, and a client that uses a connection once.
 */
import { createServer, type IncomingMessage, request, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** An origin that runs; disposing closes it. */
export interface Origin extends AsyncDisposable {
  /** Its URL, without a path. */
  readonly url: string;
  /** Breaks off what is open, and stops it. */
  close(): Promise<void>;
}

/** Starts an origin on a free port. */
export async function startOrigin(answer: RequestListener): Promise<Origin> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A request on a connection of its own: settles with the head; `body` waits for the rest. */
export async function get(url: string): Promise<{ status: number; body: Promise<string> }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent: false }, resolve).on("error", reject).end();
  });
  return { status: response.statusCode!, body: text(response) };
}

async function text(response: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += chunk;
  return body;
}

/** The body of a page, as text. */
export async function body(url: string): Promise<string> {
  return await (await get(url)).body;
}
