import type { ListedLogin } from '@onebuild/registry/client';
import { cleanLine } from '../display/clean-text.ts';
import { renderTable } from '../display/render-table.ts';

/** Logins as a table, or as JSON with an object for each. */
export function formatLogins(logins: readonly ListedLogin[], format: 'text' | 'json'): string {
  if (format === 'json') {
    const records = logins.map(({ registry, purpose, name, account, place, helper }) => {
      return { registry, purpose, name, account, place, helper };
    });
    return `${JSON.stringify(records, undefined, 2)}\n`;
  }
  if (logins.length === 0) return 'There are no logins.\n';
  const rows = logins.map(({ registry, purpose, name, account, place, helper }) =>
    [
      registry,
      purpose ?? 'pull, push',
      name ?? '-',
      account ?? '-',
      helper === undefined ? place : `${place} (credential helper ${helper})`,
    ].map((text) => cleanLine(text, { colours: false })),
  );
  return `${renderTable(['REGISTRY', 'PURPOSE', 'NAME', 'ACCOUNT', 'KEPT IN'], rows).join('\n')}\n`;
}
