// Draws results as SVG with Vega-Lite: bars with their min-max for works without an axis, and a curve for each
// subject, one panel a quantity, for those with one.

import { placeName } from "./judge.ts";
import { ensurePackages, loadPackage, packagesFolder } from "./packages.ts";
import { placesOf, type ResultRow, type WorkResult } from "./results.ts";
import { spread } from "./statistics.ts";
import { type Axis, labelOf, type Quantity, type WorkDescription } from "./work.ts";

/** A drawing. */
export interface Plot {
  readonly name: string;
  readonly svg: string;
}

type Spec = Readonly<Record<string, unknown>>;

interface Vega {
  readonly View: new (runtime: unknown, options: object) => { toSVG(): Promise<string> };
  parse(spec: unknown): unknown;
}

interface VegaLite {
  compile(spec: Spec): { readonly spec: unknown };
}

/** Colours that stay apart for people who see fewer. */
const COLOURS = ["#0072b2", "#009e73", "#cc79a7", "#d55e00", "#999999", "#e69f00", "#56b4e9", "#555555"];

/**
 * Draws what was measured.
 *
 * @param works All works.
 * @param results What was measured of them.
 * @returns A plot for each work that is to have one.
 */
export async function plotsOf(
  works: readonly WorkDescription[],
  results: readonly WorkResult[],
): Promise<readonly Plot[]> {
  const drawn = results.flatMap((result) => {
    const work = works.find(({ name }) => name === result.name);
    return work === undefined || (work.axis === undefined && work.plotted !== true) ? [] : [{ work, result }];
  });
  if (drawn.length === 0) return [];
  await ensurePackages(packagesFolder);
  const vega = await loadPackage("vega") as Vega;
  const vegaLite = await loadPackage("vega-lite") as VegaLite;
  return await Promise.all(drawn.map(async ({ work, result }) => {
    const spec = work.axis === undefined ? bars(work, result) : curves(work, result, work.axis);
    const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
    return { name: work.name, svg: `${await view.toSVG()}\n` };
  }));
}

function common(work: WorkDescription): Spec {
  return {
    title: { text: work.title, anchor: "start" },
    background: "white",
    config: { font: "sans-serif", range: { category: COLOURS } },
  };
}

function points(work: WorkDescription, rows: readonly ResultRow[], { key }: Quantity): readonly Spec[] {
  return rows.flatMap((row) => {
    const value = spread(row.values[key] ?? []);
    const { subject, variant, at } = row;
    const place = at === null ? "" : placeName(at, work);
    return value === null ? [] : [{ label: labelOf(row), subject, variant, place, ...value }];
  });
}

function bars(work: WorkDescription, { rows }: WorkResult): Spec {
  const quantity = work.quantities[0] as Quantity;
  const values = points(work, rows, quantity);
  const y = { field: "label", type: "nominal", sort: null, title: null, axis: { labelLimit: 300 } };
  return {
    ...common(work),
    data: { values },
    width: 480,
    height: { step: 22 },
    layer: [
      {
        mark: { type: "bar" },
        encoding: {
          y,
          x: { field: "median", type: "quantitative", title: `${quantity.name}: median, min–max` },
          color: {
            condition: { test: "indexof(datum.subject, 'sluice ') === 0", value: COLOURS[0] },
            value: "#bbbbbb",
          },
        },
      },
      {
        mark: { type: "rule", strokeWidth: 1.5 },
        encoding: { y, x: { field: "min", type: "quantitative" }, x2: { field: "max" } },
      },
    ],
  };
}

function curves(work: WorkDescription, { rows }: WorkResult, axis: Axis): Spec {
  const variants = [...new Set(rows.map(({ variant }) => variant))];
  const places = placesOf(rows).map((at) => placeName(at, work));
  const legend = { symbolType: "stroke", symbolStrokeWidth: 2, symbolSize: 300 };
  const dashes = { ...legend, symbolStrokeColor: "#555555" };
  return {
    ...common(work),
    hconcat: work.quantities.map((quantity) => ({
      // What is too little to be measured has no place where the scale is a logarithm.
      data: {
        values: points(work, rows, quantity).filter(({ median }) =>
          axis.logarithmic !== true || Number(median) > 0
        ),
      },
      width: 330,
      height: 260,
      encoding: {
        x: { field: "place", type: "ordinal", sort: places, title: axis.name, axis: { labelAngle: 0 } },
        y: {
          field: "median",
          type: "quantitative",
          title: quantity.name,
          scale: axis.logarithmic === true ? { type: "log" } : { zero: true },
          axis: { format: axis.logarithmic === true ? "~g" : "~f" },
        },
        color: { field: "subject", type: "nominal", title: null, sort: null, legend },
      },
      layer: [
        {
          mark: { type: "line" },
          encoding: variants.length < 2 ? {} : {
            strokeDash: { field: "variant", type: "nominal", title: null, sort: variants, legend: dashes },
          },
        },
        { mark: { type: "point", filled: true } },
      ],
    })),
  };
}
