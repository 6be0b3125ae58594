import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout, absolute. */
export const top = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export interface SourceFile {
  /** From the top: `packages/oci/src/digest.ts` */
  readonly path: string;
  /** Folder under `packages`, where it is in one. */
  readonly room: string | undefined;
  /** Tests, and what only they use: `x.test.ts`, `x.contract.ts`, `x.fixture.ts`, folders `test` and `testing`. */
  readonly isTest: boolean;
  readonly text: string;
  /** What it imports, also by `import()` and for types alone. */
  readonly imports: readonly string[];
}

const skipped = new Set(['node_modules', '.git', '.cache', 'coverage', 'dist', 'work']);

/** Paths from the top of all files whose name ends so, in order. */
export function listFiles(folder: string, ending: string): string[] {
  const entries = readdirSync(join(top, folder), { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return skipped.has(entry.name) ? [] : listFiles(path, ending);
      return entry.name.endsWith(ending) ? [relative('.', path)] : [];
    })
    .sort();
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(top, path), 'utf8');
  return {
    path,
    room: /^packages\/([^/]+)\//.exec(path)?.[1],
    isTest: /\.(test|contract|fixture)\.ts$|(^|\/)(test|testing)\//.test(path),
    text: withoutComments(text),
    imports: findImports(withoutComments(text)),
  };
}

/** Comments on lines of their own, and block comments, go; strings stay. */
function withoutComments(text: string): string {
  return text.replace(/^[ \t]*\/\/.*$/gm, '').replace(/\/\*[^]*?\*\//g, '');
}

/** Specifiers of `import ... from`, `export ... from`, `import '...'` and `import('...')`. */
export function findImports(text: string): string[] {
  const forms = [
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ''));
}

/** `@onebuild/oci/x` and `commander/esm` without what follows the package's name. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
