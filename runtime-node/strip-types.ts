/**
 * TypeScript to JavaScript by putting blanks in the place of the types, so that lines and columns stay. It is the
 * stripper that newer versions of Node have built in; with it, a script means the same on every version.
 */
import { createRequire } from "node:module";

/**
 * Strips the types of a module.
 *
 * @param text The module, TypeScript or JavaScript.
 * @param path Where it comes from, for the error.
 * @returns The module as JavaScript.
 * @throws {SyntaxError} If it is neither, or has syntax that is more than types, such as an `enum`; with the place.
 */
export function stripTypes(text: string, path: string): string {
  // Loaded when it is needed first: it is large.
  const swc = createRequire(import.meta.url)("@swc/wasm-typescript") as typeof import("@swc/wasm-typescript");
  try {
    return swc.transformSync(text, { mode: "strip-only", module: true, filename: path }).code;
  } catch (cause) {
    if (!isDiagnostic(cause)) throw cause;
    const place = `${path}:${cause.startLine}:${cause.startColumn + 1}`;
    throw new SyntaxError(`${cause.message} (${place})`, { cause });
  }
}

interface Diagnostic {
  readonly message: string;
  readonly startLine: number;
  readonly startColumn: number;
}

function isDiagnostic(thrown: unknown): thrown is Diagnostic {
  return typeof thrown === "object" && thrown !== null && "startLine" in thrown;
}
