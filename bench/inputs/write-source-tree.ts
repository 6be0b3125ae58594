import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededNumbers } from '@onebuild/testkit';

export interface SourceTreeOptions {
  readonly files: number;
  readonly seed: string;
}

const perFolder = 100;
const words =
  'the return const value of index path await file if else for length name type of = ( ) { } ; + [ ]'.split(
    ' ',
  );

/** Writes files of 0.2 to 4 KB that compress as sources do, a hundred per folder. The same seed gives the same bytes. */
export function writeSourceTree(folder: string, { files, seed }: SourceTreeOptions): void {
  const random = seededNumbers(seed);
  const text = Array.from({ length: 60_000 }, () => {
    const at = Math.floor(random() * 4000);
    return at < 2000 ? words[at % words.length] : `name${at.toString(36)}`;
  }).join(' ');
  for (let at = 0; at < files; at++) {
    const within = join(folder, `part-${Math.floor(at / perFolder)}`);
    if (at % perFolder === 0) mkdirSync(within, { recursive: true });
    const start = Math.floor(random() * (text.length - 4000));
    const size = 200 + Math.floor(random() * random() * 3800);
    writeFileSync(join(within, `file-${at}.ts`), `// ${at}\n${text.slice(start, start + size)}\n`);
  }
}
