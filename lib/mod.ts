/**
 * sluice's engine: pipelines of transforms over any stream, the HTTP/1 codec, and the proxy.
 *
 * @module
 */
export { pipeline, type StreamStep } from "./pipeline.ts";
export {
  isPair,
  isTransformer,
  type Pair,
  type Stage,
  type StreamFunction,
  type StreamValue,
  type WritableBytes,
} from "./stages.ts";
export { type StreamClasses, streams } from "./streams.ts";
export { htmlRewrite, type HtmlRewriter, type HtmlRewriterConstructor } from "./html-rewrite.ts";
export { tee, type TeeSink } from "./tee.ts";
export { throttle, type ThrottleClock, type ThrottleOptions } from "./throttle.ts";
export { transformResponse, type TransformResponseOptions } from "./transform-response.ts";
export type { CodedBody, CodingOptions } from "./response-coding.ts";
export { type CloseOptions, createProxy, Proxy, type ProxyOptions, type Work } from "./proxy.ts";
export { type HostRoutes, type RouteHandler, type RouteMatch, RouteTable } from "./route.ts";
export { FlowRequest, FlowResponse } from "./flow-messages.ts";
export { Flow, type FlowTunnel } from "./flow.ts";
export type { Answer, LocalAnswer } from "./local-answer.ts";
export { Message, type MessageContext } from "./body.ts";
export { type Hook, type HookName, hookNames, type Hooks } from "./hooks.ts";
export type { PairTools, Toolkit } from "./toolkit.ts";
export { type FieldSource, HeaderList } from "./headers.ts";
export type { Framing, RequestHead, ResponseHead, Version } from "./message.ts";
export type { Mode } from "./mode.ts";
export type { Scheme, Target } from "./target.ts";
export type {
  ContentCoding,
  ContentCodings,
  DecodeOptions,
  Decoding,
  Named,
  StreamCoding,
  StreamCodings,
} from "./codings.ts";
export type { Expansion, ExpansionLimits } from "./expansion.ts";
export { webCodings } from "./web-codings.ts";
export { zlibCodings } from "./zlib-codings.ts";
export type { ZlibFactory, ZlibFunction, ZlibModule, ZlibOptions, ZlibStream } from "./zlib-module.ts";
export { createLog, type Fields, type FlowRecord, type Log, type LogOptions, type Verbosity } from "./log.ts";
export { defaultLimits, type LimitName, type LimitRow, type Limits, limitTable } from "./limits.ts";
export { defaultTimeouts, type TimeoutName, type Timeouts, timeoutTable } from "./timeouts.ts";
export type { ForwardedPolicy } from "./forwarded.ts";
export * from "./errors.ts";
export { Authority } from "./authority.ts";
export {
  AuthorityError,
  type AuthorityHost,
  type FileFacts,
  type FileModule,
  keptAuthority,
} from "./authority-store.ts";
export type {
  Asn1Module,
  Encodable,
  PkiCertificate,
  PkiExtension,
  PkiModule,
  PkiModules,
  PkiNamePart,
  PkiStore,
} from "./pki-module.ts";
export { type HostMatcher, parseHostPattern } from "./host-pattern.ts";
export type { InterceptionOptions } from "./interception.ts";
export type {
  Tls,
  TlsClient,
  TlsClientHandshake,
  TlsClientOptions,
  TlsIdentity,
  TlsServer,
  TlsServerHandshake,
} from "./tls.ts";
export type { Address, ConnectOptions, Listener, ListenOptions, Network, Socket } from "./socket.ts";
export * from "./h1/mod.ts";
