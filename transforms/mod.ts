/**
 * The transforms: synchronous transformers for HTTP bodies, and `compose`, which fuses them.
 *
 * @module
 */

export { append } from "./append.ts";
export type { Charset, CharsetOptions } from "./charset.ts";
export { compose } from "./compose.ts";
export { type Crc32, crc32 } from "./crc32.ts";
export type { ServerSentEvent } from "./event-view.ts";
export { hash, type IncrementalHash } from "./hash.ts";
export { limit, type LimitOptions } from "./limit.ts";
export { type EventFunction, type EventItem, mapEvents, type MapEventsOptions } from "./map-events.ts";
export { drop, mapJson, type MapJsonOptions } from "./map-json.ts";
export { mapLines, mapRecords, type MapRecordsOptions, type RecordFunction } from "./map-records.ts";
export { type Meter, meter, type MeterOptions } from "./meter.ts";
export { prepend } from "./prepend.ts";
export { type Progress, progress, type ProgressOptions } from "./progress.ts";
export { rechunk, type RechunkOptions } from "./rechunk.ts";
export { record, type RecordEnd, type RecordOptions, type RecordOutcome, type RecordSink } from "./record.ts";
export { replace } from "./replace.ts";
export { replaceMany } from "./replace-many.ts";
export type { RegExpEngine } from "./regexp-pattern.ts";
export { replaceRegExp, type ReplaceRegExpOptions } from "./replace-regexp.ts";
export type { Replacement, ReplaceOptions } from "./replacement.ts";
export type { RegExpMatch, RegExpReplacement } from "./regexp-template.ts";
export type { TextCharset } from "./text-codec.ts";
export { sseText, type SseTextOptions } from "./sse-text.ts";
export { tapUsage, type TapUsageOptions, type UsageReport } from "./tap-usage.ts";
export { tap, type TapEnd, type TapObserver } from "./tap.ts";
export {
  type TextEnd,
  type TextField,
  type TextFormat,
  type TextFormatName,
  textFormats,
} from "./text-formats.ts";
export {
  type Controller,
  makeTransform,
  type MakeTransformOptions,
  type Transform,
  type Transformer,
  type TransformPair,
  type TransformStreamConstructor,
  useTransformStream,
} from "./transform.ts";
export type { ServerSentEventInit } from "./write-event.ts";
