/**
 * Takes a secret out of the text of an LLM's stream, also where events and chunks cut it, and says what the
 * stream cost.
 */
const secret = "hunter2";

export function responseheaders(flow, { replace, sseText, tapUsage }) {
  const type = flow.response.headers.get("content-type") ?? "";
  if (!type.startsWith("text/event-stream")) return;
  flow.response.stream = [
    tapUsage(({ model, outputTokens, how }) => console.error(`${model}: ${outputTokens} tokens, ${how}`)),
    sseText("llm", () => replace(secret, "[redacted]")),
  ];
}
