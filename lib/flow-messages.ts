/**
 * The request and the response of a flow, as a script sees them: messages, with what only the one or the other has.
 */
import { Message, type MessageContext } from "./body.ts";
import type { RequestHead, ResponseHead } from "./message.ts";
import { placeOf, schemeOf, type Target } from "./target.ts";

/** A request, as a script sees it. */
export class FlowRequest extends Message {
  /** The method, case kept. */
  method: string;
  /** The client's version. */
  readonly version: RequestHead["version"];
  #target: Target;
  #url: URL | null = null;
  #href = "";

  /** Made by the engine. */
  constructor(head: RequestHead, target: Target, context: MessageContext) {
    super(head.headers, context);
    this.method = head.method;
    this.version = head.version;
    this.#target = target;
  }

  /** Where the request goes; assigning it, or changing it in place, sends the flow elsewhere. */
  get url(): URL {
    if (this.#url === null) {
      this.#url = new URL(this.#target.href);
      this.#href = this.#url.href;
    }
    return this.#url;
  }

  set url(url: URL | string) {
    if (!URL.canParse(url)) {
      throw new TypeError(
        `Cannot send the request elsewhere as the URL must be absolute: got ${JSON.stringify(String(url))}`,
      );
    }
    this.#href = "";
    this.#url = new URL(url);
  }

  /** Where the request goes, with the target byte for byte as it came unless a script has set another. */
  get target(): Target {
    const url = this.#url;
    if (url === null || url.href === this.#href) return this.#target;
    const scheme = schemeOf(url.protocol);
    if (scheme === null) {
      throw new TypeError(`Cannot send the request to ${url.href} as its scheme must be http or https`);
    }
    return {
      scheme,
      ...placeOf(url, scheme),
      authority: url.host,
      path: url.pathname + url.search,
      href: url.href,
    };
  }

  /** The URL as text, for logs: what came, without the cost of parsing it. */
  get href(): string {
    return this.#url?.href ?? this.#target.href;
  }
}

/** A response, as a script sees it. */
export class FlowResponse extends Message {
  /** The status code. */
  status: number;
  /** The reason phrase. */
  reason: string;
  /** The origin's version. */
  readonly version: ResponseHead["version"];

  /** Made by the engine. */
  constructor(head: ResponseHead, context: MessageContext) {
    super(head.headers, context);
    this.status = head.status;
    this.reason = head.reason;
    this.version = head.version;
  }
}
