/**
 * The content codings of Deno, by the zlib that it has in common with Node.
 */
import * as zlib from "node:zlib";
import type { ContentCodings } from "../lib/codings.ts";
import { zlibCodings } from "../lib/zlib-codings.ts";

/** gzip, deflate, br and zstd. */
export const codings: ContentCodings = zlibCodings(zlib);
