import type { BuildOptions } from '@onebuild/engine';
import type { BuildFlags } from './build-flags.ts';

/** `--no-cache` and `--no-cache-filter`: names of stages with commas between them, or the text of an instruction, where `*` stands for anything. */
export function chooseNoCache({
  cache,
  cacheFilter,
}: Pick<BuildFlags, 'cache' | 'cacheFilter'>): BuildOptions['noCache'] {
  if (!cache) return true;
  const stages: string[] = [];
  const steps: string[] = [];
  for (const text of cacheFilter) {
    const parts = text.split(',').map((part) => part.trim());
    // no stage has a space or a star in its name, but an instruction may have commas
    if (parts.some((part) => /[\s*]/.test(part))) steps.push(text.trim());
    else stages.push(...parts.filter((part) => part !== ''));
  }
  if (stages.length + steps.length === 0) return false;
  return { stages, ...(steps.length > 0 && { steps }) };
}
