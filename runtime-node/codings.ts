/**
 * The content codings of Node, by its own zlib.
 */
import * as zlib from "node:zlib";
import type { ContentCodings } from "../lib/codings.ts";
import { zlibCodings } from "../lib/zlib-codings.ts";

/** gzip, deflate, br, and zstd from Node 22.15 on. */
export const codings: ContentCodings = zlibCodings(zlib);
