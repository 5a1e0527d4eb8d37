/** Changes a body chunk by chunk with a generator: what it yields is sent at once. */
export function responseheaders(flow) {
  const type = flow.response.headers.get("content-type") ?? "";
  if (type.startsWith("text/")) flow.response.stream = upperCase;
}

async function* upperCase(chunks) {
  for await (const chunk of chunks) {
    yield chunk.map((byte) => byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);
  }
}
