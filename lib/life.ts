/**
 * The life of a flow towards its scripts, as a table: exactly one of `response` and `error` ends it.
 *
 * | state     | so far                       | `response` has run | it failed | the answer is out |
 * | --------- | ---------------------------- | ------------------ | --------- | ----------------- |
 * | `running` | neither hook has run         | `told`             | `failed`  | `over`            |
 * | `told`    | `response` has run           |                    | `lost`    | `over`            |
 * | `failed`  | `error` is what ends it      |                    |           |                   |
 * | `lost`    | it failed behind `response`  |                    |           |                   |
 * | `over`    | nothing can fail it any more |                    |           |                   |
 *
 * What the client has got of an answer by then is no part of it: that is the codec's to know (`ourState`, `delimited`).
 */

/** Where a flow is. */
export type Life = "running" | "told" | "failed" | "lost" | "over";

/** What moves it. */
export type Turn = "response" | "failure" | "end";

const TURNS: Readonly<Record<Life, Readonly<Partial<Record<Turn, Life>>>>> = {
  running: { response: "told", failure: "failed", end: "over" },
  told: { failure: "lost", end: "over" },
  failed: {},
  lost: {},
  over: {},
};

/**
 * Moves a flow.
 *
 * @param life Where it is.
 * @param turn What happens to it.
 * @returns Where it is then: where it was, if that changes nothing any more.
 */
export function turned(life: Life, turn: Turn): Life {
  return TURNS[life][turn] ?? life;
}
