import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededNumbers } from '@onebuild/testkit';

/** The file of a program that says its version; another version is another program. */
export const versionFile = 'version.c';

export interface ProgramSize {
  readonly files: number;
  /** In each file. */
  readonly functions: number;
  readonly seed: string;
}

/**
 * Writes a program in C that has nothing to say but takes a compiler its time: functions of loops and branches over
 * tables, each of which is called. The same seed gives the same bytes.
 */
export function writeProgram(folder: string, { files, functions, seed }: ProgramSize): void {
  const random = seededNumbers(seed);
  mkdirSync(folder, { recursive: true });
  for (let file = 0; file < files; file++) {
    const parts = Array.from({ length: functions }, (_, at) => writeFunction(`f${file}_${at}`, random));
    const calls = Array.from({ length: functions }, (_, at) => `f${file}_${at}(seed + ${at}, 7)`);
    const sum = `unsigned sum${file}(unsigned seed) {\n  return ${calls.join(' ^\n    ')};\n}\n`;
    writeFileSync(join(folder, `part${file}.c`), `${parts.join('\n')}\n${sum}`);
  }
  const names = Array.from({ length: files }, (_, file) => `sum${file}`);
  const declarations = names.map((name) => `unsigned ${name}(unsigned);`).join('\n');
  const total = names.map((name) => `${name}(1)`).join(' ^ ');
  writeFileSync(
    join(folder, 'main.c'),
    `#include <stdio.h>\nextern const char version[];\n${declarations}\n` +
      `int main(void) {\n  printf("%s %u\\n", version, ${total});\n  return 0;\n}\n`,
  );
  writeFileSync(join(folder, versionFile), 'const char version[] = "1";\n');
}

function writeFunction(name: string, random: () => number): string {
  const number = (most: number) => 1 + Math.floor(random() * most);
  const table = Array.from({ length: 32 }, () => number(65_000)).join(', ');
  const cases = Array.from(
    { length: 12 },
    (_, at) =>
      `      case ${at}: x = (x << ${number(13)}) ^ (x / ${number(99)}) + table[(x >> ${number(20)}) & 31]; break;`,
  ).join('\n');
  return `static const unsigned ${name}_table[32] = { ${table} };
unsigned ${name}(unsigned x, unsigned rounds) {
  const unsigned *table = ${name}_table;
  for (unsigned at = 0; at < rounds * ${number(9)}; at++) {
    switch ((x ^ at) % 12) {
${cases}
    }
    for (unsigned in = 0; in < (x & 7); in++) x += table[in] * (in ^ ${number(255)}u);
  }
  return x;
}
`;
}
