/**
 * Bundles a module for a runtime that has no files; Bun runs this, with the module, the folder for the bundle, and what is
 * left to the runtime. Tests come along: `node:test` is what `node-test.ts` has of it.
 */
import process from "node:process";
import { fileURLToPath } from "node:url";

/** As much of Bun as is needed. */
declare const Bun: {
  build(options: {
    readonly entrypoints: readonly string[];
    readonly outdir: string;
    readonly target: "browser";
    readonly format: "esm";
    /** Tests are imported for what they do, though the package says that its modules do nothing. */
    readonly ignoreDCEAnnotations: boolean;
    readonly external: readonly string[];
    readonly plugins: readonly {
      readonly name: string;
      setup(build: {
        onResolve(
          which: { readonly filter: RegExp },
          resolve: () => { readonly path: string; readonly namespace?: string },
        ): void;
        onLoad(
          which: { readonly filter: RegExp; readonly namespace: string },
          load: () => { readonly contents: string; readonly loader: "js" },
        ): void;
      }): void;
    }[];
  }): Promise<unknown>;
};

const [entry, outdir, ...external] = process.argv.slice(2) as [string, string, ...string[]];
const shim = fileURLToPath(new URL("node-test.js", import.meta.url));

await Bun.build({
  entrypoints: [entry],
  outdir,
  target: "browser",
  format: "esm",
  ignoreDCEAnnotations: true,
  external,
  plugins: [{
    name: "tests",
    setup(build) {
      build.onResolve({ filter: /^node:test$/ }, () => ({ path: shim }));
      if (external.length > 0) return;
      // What Bun puts in the place of `node:assert` has no strict half under a name of its own, and wants a `process`.
      build.onResolve(
        { filter: /^node:assert\/strict$/ },
        () => ({ path: "strict", namespace: "assert" }),
      );
      build.onLoad({ filter: /^strict$/, namespace: "assert" }, () => ({
        contents:
          'import assert from "node:assert"; globalThis.process ??= {}; export default assert.strict;',
        loader: "js",
      }));
    },
  }],
});
