/**
 * Reads octets with llhttp, the parser of Node, as strictly as Node does. Undici carries it as WebAssembly, so it runs on
 * every runtime, and synchronously.
 */
import { createRequire } from "node:module";

/** A message as far as llhttp has read it. */
export interface LlhttpMessage {
  /** A method and a target, or a status and a reason phrase. */
  readonly line: readonly [string, string];
  readonly version: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
  readonly complete: boolean;
}

/** What llhttp has read. */
export interface LlhttpReading {
  /** The messages; the last one may be without its head. */
  readonly messages: readonly LlhttpMessage[];
  /** `null`, or what it refuses: the name of the error and its reason. */
  readonly error: string | null;
}

/** What llhttp has to know. */
export interface LlhttpContext {
  /** A server reads requests, a client responses. */
  readonly role: "server" | "client";
  /** The methods of the requests that the responses answer; the last one stands for those that follow. */
  readonly methods: readonly string[];
  /** Whether FIN comes behind the octets. */
  readonly fin: boolean;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_execute(parser: number, from: number, length: number): number;
  llhttp_finish(parser: number): number;
  llhttp_get_method(parser: number): number;
  llhttp_get_http_major(parser: number): number;
  llhttp_get_http_minor(parser: number): number;
  llhttp_method_name(method: number): number;
  llhttp_errno_name(error: number): number;
  llhttp_get_error_reason(parser: number): number;
  malloc(length: number): number;
  free(at: number): void;
}

const REQUEST = 1;
const RESPONSE = 2;
const PAUSED_UPGRADE = 22;
/** What `on_headers_complete` returns to say that no body follows. */
const SKIP_BODY = 1;
/** The same, and that nothing else does. */
const TUNNEL = 2;

interface Draft {
  line: [string, string];
  version: string;
  fields: [string, string][];
  body: string;
  trailers: [string, string][];
  complete: boolean;
}

/** What the callbacks write into: they know no other state. */
class Script {
  readonly messages: Draft[] = [];
  #context: LlhttpContext;
  #parser: number;
  #finals = 0;
  #headComplete = false;
  #name = "";
  #value: string | null = null;

  constructor(context: LlhttpContext, parser: number) {
    this.#context = context;
    this.#parser = parser;
  }

  begin(): void {
    this.messages.push({ line: ["", ""], version: "", fields: [], body: "", trailers: [], complete: false });
    this.#headComplete = false;
  }

  /** A target or a reason phrase, maybe a part of it. */
  line(text: string): void {
    this.#message.line[1] += text;
  }

  /** A part of a field's name, or of its value. */
  field(text: string, isValue: boolean): void {
    if (isValue) this.#value = (this.#value ?? "") + text;
    else {
      if (this.#value !== null) this.#endField();
      this.#name += text;
    }
  }

  head(status: number): number {
    this.#endField();
    this.#headComplete = true;
    const message = this.#message;
    message.version = `${llhttp.llhttp_get_http_major(this.#parser)}.${
      llhttp.llhttp_get_http_minor(this.#parser)
    }`;
    if (this.#context.role === "server") {
      message.line[0] = textAt(llhttp.llhttp_method_name(llhttp.llhttp_get_method(this.#parser)));
      return 0;
    }
    message.line[0] = String(status);
    const method = this.#context.methods[this.#finals] ?? this.#context.methods.at(-1) ?? "GET";
    if (status >= 200) this.#finals++;
    if (method === "CONNECT" && status >= 200 && status < 300) return TUNNEL;
    return method === "HEAD" ? SKIP_BODY : 0;
  }

  body(text: string): void {
    this.#message.body += text;
  }

  end(): void {
    this.#endField();
    this.#message.complete = true;
  }

  get #message(): Draft {
    return this.messages.at(-1)!;
  }

  #endField(): void {
    // An empty value comes with no call of its own.
    if (this.#name === "" && this.#value === null) return;
    const section = this.#headComplete ? this.#message.trailers : this.#message.fields;
    section.push([this.#name, (this.#value ?? "").replace(/[\t ]+$/, "")]);
    this.#name = "";
    this.#value = null;
  }
}

let script: Script;

const llhttp: Exports = instantiate();

function instantiate(): Exports {
  const octets = createRequire(import.meta.url)("undici/lib/llhttp/llhttp-wasm.js") as Uint8Array<
    ArrayBuffer
  >;
  const span = (use: (text: string) => void) => (_: number, at: number, length: number): number => {
    use(textIn(at, length));
    return 0;
  };
  const step = (use: () => void) => (): number => {
    use();
    return 0;
  };
  const env = {
    wasm_on_message_begin: step(() => script.begin()),
    wasm_on_url: span((text) => script.line(text)),
    wasm_on_status: span((text) => script.line(text)),
    wasm_on_header_field: span((text) => script.field(text, false)),
    wasm_on_header_value: span((text) => script.field(text, true)),
    wasm_on_headers_complete: (_: number, status: number): number => script.head(status),
    wasm_on_body: span((text) => script.body(text)),
    wasm_on_message_complete: step(() => script.end()),
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(octets), { env });
  const instance = exports as unknown as Exports;
  instance._initialize();
  return instance;
}

function textIn(at: number, length: number): string {
  let text = "";
  for (const octet of new Uint8Array(llhttp.memory.buffer, at, length)) text += String.fromCharCode(octet);
  return text;
}

function textAt(at: number): string {
  const memory = new Uint8Array(llhttp.memory.buffer);
  return at === 0 ? "" : textIn(at, memory.indexOf(0, at) - at);
}

/**
 * Reads octets.
 *
 * @param octets What came, a character an octet.
 * @param context Who reads, and what was asked for.
 * @returns What was read.
 */
export function readWithLlhttp(octets: string, context: LlhttpContext): LlhttpReading {
  const parser = llhttp.llhttp_alloc(context.role === "server" ? REQUEST : RESPONSE);
  const input = llhttp.malloc(Math.max(1, octets.length));
  try {
    script = new Script(context, parser);
    const memory = new Uint8Array(llhttp.memory.buffer);
    for (let i = 0; i < octets.length; i++) memory[input + i] = octets.charCodeAt(i);
    let error = octets.length === 0 ? 0 : llhttp.llhttp_execute(parser, input, octets.length);
    if (error === 0 && context.fin) error = llhttp.llhttp_finish(parser);
    // A tunnel is no error.
    const failed = error !== 0 && error !== PAUSED_UPGRADE;
    const reason = textAt(llhttp.llhttp_get_error_reason(parser));
    return {
      messages: script.messages,
      error: failed ? `${textAt(llhttp.llhttp_errno_name(error))}: ${reason}` : null,
    };
  } finally {
    llhttp.free(input);
    llhttp.llhttp_free(parser);
  }
}

/** The methods that llhttp knows; it refuses others. */
export const llhttpMethods: ReadonlySet<string> = new Set(
  Object.keys(
    (createRequire(import.meta.url)("undici/lib/llhttp/constants.js") as { METHODS: Record<string, number> })
      .METHODS,
  ),
);
