import { lintRulePage, lintRules } from '@onebuild/dockerfile';
import { type LayerEntry } from '@onebuild/oci';
import type { CliContext } from '../../cli-context.ts';
import { formatBytes, formatCount } from '../../display/format-amounts.ts';
import { createImageReport } from '../inspect/create-image-report.ts';
import { listLayerFiles } from '../inspect/list-layer-files.ts';
import { openSource } from '../inspect/open-source.ts';
import type { LintFlags } from './define-lint.ts';
import { findWaste, type Waste } from './find-waste.ts';
import type { Finding } from './finding.ts';

/** Less than this is the price of installing anything: package databases, caches of the linker. Bytes. */
const least = 500_000;

/** What the layers of an image hold for nothing. Every layer is read once. */
export async function lintImage(
  context: CliContext,
  reference: string,
  flags: LintFlags,
): Promise<readonly Finding[]> {
  const source = await openSource(context, reference, flags);
  try {
    const report = await createImageReport(source);
    const layers: (readonly LayerEntry[])[] = [];
    for (const index of report.layers.keys())
      layers.push(await listLayerFiles(source, report, String(index + 1)));
    return findWaste(layers)
      .filter(({ bytes }) => bytes >= least)
      .map((waste) => toFinding(waste, { name: source.name, makers: report.layers.map((l) => l.createdBy) }));
  } finally {
    source.close();
  }
}

function toFinding(
  { madeIn, goneIn, bytes, files, example, how }: Waste,
  { name, makers }: { readonly name: string; readonly makers: readonly (string | undefined)[] },
): Finding {
  const rule = how === 'repeats' ? 'OwnerChangedLater' : 'FileRemovedLater';
  const verb = { removes: 'removes', replaces: 'replaces', repeats: 'holds again' }[how];
  const maker = (number: number): string => {
    const step = makers[number - 1]?.replace(/\s+/g, ' ');
    return step === undefined
      ? `layer ${number}`
      : `layer ${number} (${step.length > 60 ? `${step.slice(0, 60)}...` : step})`;
  };
  return {
    rule,
    severity: lintRules[rule].severity,
    message: `${maker(goneIn)} ${verb} ${formatBytes(bytes)} in ${formatCount(files, 'file')} of ${maker(madeIn)}, among them /${example}`,
    location: { file: name, line: 1 },
    layer: goneIn,
    page: lintRulePage(rule),
    edits: [],
  };
}
