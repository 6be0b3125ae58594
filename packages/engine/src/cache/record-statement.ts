import { canonicalJson } from '@onebuild/oci';
import type { CacheRecord } from './cache-record.ts';

/** What a record says, as one text: all of it but what changes while it is used, and who signed it. */
export function recordStatement(record: CacheRecord): string {
  const { used: _used, sig: _sig, ...rest } = record;
  if (!('ms' in rest)) return canonicalJson(rest);
  const { ms: _ms, ...said } = rest;
  return canonicalJson(said);
}
