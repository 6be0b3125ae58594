import type { CacheRecord } from './cache-record.ts';
export function isSigned(_record: CacheRecord, _keys: readonly string[]): boolean {
  return false;
}
export function signRecord(record: CacheRecord, _key: string): CacheRecord {
  return record;
}
export function publicKeyOf(_key: string): string {
  return '';
}
