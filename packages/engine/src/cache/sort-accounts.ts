import { canonicalJson } from '@onebuild/oci';
import type { CacheAccount } from './cache-record.ts';

const kept = 200;

/** The latest accounts, each once, oldest first. */
export function sortAccounts(accounts: readonly CacheAccount[]): readonly CacheAccount[] {
  const byText = new Map(accounts.map((account) => [canonicalJson(account), account]));
  return [...byText]
    .sort(([one, { at }], [other, { at: otherAt }]) => at - otherAt || (one < other ? -1 : 1))
    .slice(-kept)
    .map(([, account]) => account);
}
