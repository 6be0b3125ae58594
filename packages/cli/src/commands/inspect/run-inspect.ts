import { type LayerEntry } from '@onebuild/oci';
import type { CliContext } from '../../cli-context.ts';
import { createImageReport } from './create-image-report.ts';
import type { InspectFlags } from './define-inspect.ts';
import { openSource } from './open-source.ts';
import { renderFiles, renderReport } from './render-report.ts';

/** `onebuild inspect` */
export async function inspect(context: CliContext, reference: string, flags: InspectFlags): Promise<void> {
  const source = await openSource(context, reference, flags);
  try {
    const report = await createImageReport(source, flags.platform);
    if (flags.files === undefined) return print(context, flags, report, () => renderReport(report));
    const { listLayerFiles } = await import('./list-layer-files.ts');
    const entries: readonly LayerEntry[] = await listLayerFiles(source, report, flags.files);
    print(context, flags, entries, () => renderFiles(entries));
  } finally {
    source.close();
  }
}

function print(context: CliContext, { format }: InspectFlags, value: unknown, render: () => string[]): void {
  const text = format === 'json' ? JSON.stringify(value, null, 2) : render().join('\n');
  context.stdout.write(`${text}\n`);
}
