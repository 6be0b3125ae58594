import { readFileSync } from 'node:fs';
import { capabilitiesFor } from '../capabilities.ts';
import type { Runtime } from '../runtime.ts';
import { compileFilter } from './compile-filter.ts';
import { loadLibseccomp } from './libseccomp.ts';
import { createSeccompFilter, type SeccompFilter } from './seccomp-filter.ts';

/** A filter in all forms that a runtime may take. */
export interface PreparedFilter {
  readonly filter: SeccompFilter;
  /** In base64. */
  readonly program?: string;
}

/** The filter for steps; undefined where this machine, its kernel or the runtime has none. */
export async function prepareFilter(filters: Runtime['filters']): Promise<PreparedFilter | undefined> {
  const filter = kernelFilters() ? createSeccompFilter(capabilitiesFor('sandbox')) : undefined;
  if (filter === undefined) return undefined;
  const program = filters === 'list' ? undefined : await compileFilter(filter);
  if (program !== undefined) return { filter, program: program.toString('base64') };
  return filters === 'program' ? undefined : { filter };
}

/** Whether steps will have a filter; some milliseconds. */
export async function canFilter(filters: Runtime['filters']): Promise<boolean> {
  if (!kernelFilters() || createSeccompFilter([]) === undefined) return false;
  return filters !== 'program' || (await loadLibseccomp()) !== undefined;
}

/** proc(5): the line is there where the kernel was made with seccomp. */
function kernelFilters(): boolean {
  return /^Seccomp:/m.test(readFileSync('/proc/self/status', 'latin1'));
}
