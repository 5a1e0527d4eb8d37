/**
 * A function in WebAssembly with SIMD, and the memory it sees. Each kernel is one instance for all who use it,
 * as an engine reserves gigabytes of addresses for each memory: nobody may rely on what lies there once others
 * could have run.
 */

/** A kernel that is ready. */
export interface Kernel {
  readonly memory: Uint8Array;
  readonly run: (...args: readonly number[]) => number;
}

/** What a kernel is made of. */
export interface KernelSource {
  /** How many parameters it takes; all are i32, and so is its result. */
  readonly parameters: number;
  /** The size of the memory, in pages of 64 KiB. */
  readonly pages: number;
  /** The locals and instructions of the function, its end included: at most 16,000 bytes. */
  readonly code: readonly number[];
}

/** Makes an instance; `null` where there is no WebAssembly, no SIMD in it, or a policy against making code. */
function compile({ parameters, pages, code }: KernelSource): Kernel | null {
  const i32s = new Array<number>(parameters).fill(0x7f);
  const module = Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, parameters + 5, 1, 0x60, parameters, ...i32s, 1, 0x7f], // one type
    ...[3, 2, 1, 0], // one function
    ...[5, 3, 1, 0, pages], // one memory
    ...[7, 16, 2, 6, ...ascii("memory"), 2, 0, 3, ...ascii("run"), 0, 0], // exports
    ...[10, ...twoBytes(code.length + 3), 1, ...twoBytes(code.length), ...code],
  );
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module as BufferSource));
    return {
      memory: new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer),
      run: exports["run"] as Kernel["run"],
    };
  } catch {
    // The loops do without.
    return null;
  }
}

function ascii(name: string): number[] {
  return Array.from(name, (letter) => letter.charCodeAt(0));
}

/** A length below 2 ** 14, as LEB128 of two bytes. */
function twoBytes(length: number): [number, number] {
  return [length & 0x7f | 0x80, length >> 7];
}

/**
 * Makes a kernel when it is first asked for.
 *
 * @param source What it is made of.
 * @returns What gives the kernel; `null` if the runtime can't make it.
 */
export function lazyKernel(source: KernelSource): () => Kernel | null {
  let kernel: Kernel | null | undefined;
  return () => kernel === undefined ? kernel = compile(source) : kernel;
}
