/**
 * Marks the links of pages that lead elsewhere, with an HTML rewriter: `npm install html-rewriter-wasm` first.
 */
import { HTMLRewriter } from "html-rewriter-wasm";

export function responseheaders(flow, { htmlRewrite }) {
  const type = flow.response.headers.get("content-type") ?? "";
  if (type.startsWith("text/html")) flow.response.stream = htmlRewrite(HTMLRewriter, setup);
}

function setup(rewriter) {
  rewriter.on("a[href^=http]", { element: (link) => void link.setAttribute("rel", "nofollow") });
}
