/** What is compared: all vectors of the codec, and all that the corpus sends. */
import { corpusMessages } from "../fuzz/corpus-messages.ts";
import { readVectors } from "../h1/vectors.ts";
import { latin1 } from "../harness/playbook.ts";
import type { Sample } from "./difference.ts";

/** All samples; no two have the same id. */
export function readSamples(): Sample[] {
  const base = { upgrade: false, early: false, fin: false, narrow: false, methods: ["GET"], cuts: [] };
  const vectors = [...readVectors()].flatMap(([file, cases]) =>
    cases.map(({ title, scene, bytes }): Sample => {
      const { role, methods = ["GET"], upgrade = false, fin = false } = scene;
      return {
        id: `${file}: ${title}`,
        octets: latin1(bytes),
        settings: { ...base, role, methods, upgrade, fin },
      };
    })
  );
  const corpus = corpusMessages().map(({ id, octets, role, methods, fin }): Sample => {
    return { id, octets, settings: { ...base, role, methods, fin } };
  });
  return [...vectors, ...corpus];
}
