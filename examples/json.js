/** Changes a whole body: with `stream = false` it is read to its end first, and its length is set anew. */
export function responseheaders(flow) {
  if (isJson(flow.response)) flow.response.stream = false;
}

export function response(flow) {
  if (!isJson(flow.response) || flow.response.text === null) return;
  const value = JSON.parse(flow.response.text);
  flow.response.text = JSON.stringify({ ...value, seen: flow.id });
}

function isJson(message) {
  return message.headers.get("content-type")?.startsWith("application/json") ?? false;
}
