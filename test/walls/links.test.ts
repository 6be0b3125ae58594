import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { listFiles, top } from './source-files.ts';

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[^]*?^```/gm, '');
}

test('relative links of all pages lead somewhere', () => {
  const broken: string[] = [];
  let checked = 0;
  for (const page of listFiles('.', '.md')) {
    const text = readFileSync(join(top, page), 'utf8');
    const targets = [
      ...withoutCode(text).matchAll(/\[[^\]]*\]\(([^)\s]+)[^)]*\)/g),
      ...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g),
    ];
    for (const [, target = ''] of targets) {
      if (/^[a-z]+:/.test(target)) continue;
      checked++;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(top, file))) broken.push(`${page}: ${target}`);
      else if (
        anchor &&
        file.endsWith('.md') &&
        !anchorsOf(readFileSync(join(top, file), 'utf8')).has(anchor)
      ) {
        broken.push(`${page}: ${target}`);
      }
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(checked > 0);
});
