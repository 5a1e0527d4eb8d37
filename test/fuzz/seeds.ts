/** What is known to be worth varying: the codec's vectors, and the corpus. */
import { latin1 } from "../harness/playbook.ts";
import { readVectors } from "../h1/vectors.ts";
import type { CodecSettings } from "./codec-reader.ts";
import { corpusMessages } from "./corpus-messages.ts";
import type { Case } from "./target.ts";

/** Octets, and how to read them. */
export function wireSeeds(): Case<CodecSettings>[] {
  const base = { upgrade: false, early: false, fin: false, narrow: false, methods: ["GET"], cuts: [] };
  const vectors = [...readVectors().values()].flat().map(({ scene, bytes }): Case<CodecSettings> => {
    const { role, methods = ["GET"], upgrade = false, fin = false } = scene;
    return { octets: latin1(bytes), settings: { ...base, role, methods, upgrade, fin } };
  });
  const corpus = corpusMessages().map(({ octets, role, methods, fin }): Case<CodecSettings> => {
    return { octets, settings: { ...base, role, methods, fin } };
  });
  return [...vectors, ...corpus].filter(({ octets }) => octets.length <= LONGEST_SEED);
}

// Longer ones are about limits, and too slow to be varied.
const LONGEST_SEED = 4096;
