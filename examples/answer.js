/** Answers some requests without the origin, and sends others elsewhere. */
export function requestheaders(flow) {
  const { url } = flow.request;
  if (url.pathname === "/health") {
    flow.response = { status: 200, headers: { "Content-Type": "text/plain" }, body: "fine\n" };
  }
  if (url.pathname.startsWith("/old/")) url.pathname = url.pathname.slice("/old".length);
}
