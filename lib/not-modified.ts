/**
 * The `ETag` of a 304, which is to be the one that a 200 would have (RFC 9110 15.4.5).
 *
 * Whether a 200 would be changed on its way, a 304 does not tell: the field that a rule or a script goes by, `Content-Type`
 * for one, is in the 200 alone. The client's question does: it has the weak form only of a 200 that had it.
 */
import { weakenTag } from "./body.ts";
import type { HeaderList } from "./headers.ts";

/**
 * Weakens the `ETag` of a 304 if that is how the client has it.
 *
 * @param headers The 304's fields; they are changed in place.
 * @param question What the client sent as `If-None-Match`, or `null`.
 */
export function answerInKind(headers: HeaderList, question: string | null): void {
  const etag = headers.get("etag");
  if (question === null || etag === null) return;
  const tags: readonly string[] = question.match(/(?:W\/)?"[^"]*"/g) ?? [];
  if (tags.includes(`W/${etag}`) && !tags.includes(etag)) weakenTag(headers);
}
