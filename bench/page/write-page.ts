import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readResults } from '../measure/results.ts';
import { drawChart } from './draw-chart.ts';
import { drawGrowth } from './draw-growth.ts';
import { renderPage } from './render-page.ts';

/** Writes docs/benchmarks.md and its charts, out of the results that the work folder has. */
export async function writePage(work: string): Promise<void> {
  const results = readResults(work);
  if (results.machine === undefined) throw new Error('there are no results yet');
  const complete = { ...results, machine: results.machine, shapes: results.shapes ?? {} };
  const docs = fileURLToPath(new URL('../../docs', import.meta.url));
  mkdirSync(join(docs, 'images'), { recursive: true });
  writeFileSync(join(docs, 'images/benchmarks.svg'), drawChart(complete));
  if (results.growth) writeFileSync(join(docs, 'images/growth.svg'), drawGrowth(results.growth));
  writeFileSync(join(docs, 'benchmarks.md'), renderPage(complete));
  console.log('bench: wrote docs/benchmarks.md and its charts in docs/images');
}
