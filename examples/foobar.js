/** Changes every "foobar" of a text while it streams, also where it is cut in two. */
export function responseheaders(flow, { replace }) {
  const type = flow.response.headers.get("content-type") ?? "";
  if (type.startsWith("text/")) flow.response.stream = replace("foobar", "BAZ");
}
