import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { findImports, listFiles, packageOf, readSource, type SourceFile, top } from './source-files.ts';

/** What each package may import; the arrows of the architecture. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  oci: ['core'],
  dockerfile: ['core'],
  registry: ['core', 'oci'],
  engine: ['core', 'oci', 'dockerfile', 'registry'],
  project: ['core', 'oci', 'dockerfile'],
  cli: ['core', 'oci', 'dockerfile', 'registry', 'engine', 'project'],
  testkit: ['core', 'oci', 'registry'],
};

/** Parts of Node.js that compute and touch nothing outside. */
const pureParts: Readonly<Record<string, readonly string[]>> = {
  core: [],
  dockerfile: ['node:path'],
  project: ['node:crypto', 'node:path'],
  oci: ['node:crypto', 'node:path', 'node:stream', 'node:zlib'],
};

/** `node:net` also tells whether a text is an address. */
const addressTest = /import \{ isIP(v[46])?(, isIP(v[46])?)* \} from 'node:net';/;

/** Files that start a process of their own. */
const entries = new Set([
  'packages/cli/src/main.ts',
  'packages/cli/src/start/bundle-entry.ts',
  'packages/cli/src/start/start-command.ts',
  'packages/engine/src/sandbox/unshare/run-bundle.ts',
]);

const rooms = readdirSync(join(top, 'packages')).filter((name) =>
  existsSync(join(top, 'packages', name, 'package.json')),
);
const sources = listFiles('packages', '.ts').map(readSource);

interface PackageFile {
  readonly name: string;
  readonly description: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function packageFile(room: string): PackageFile {
  return JSON.parse(readFileSync(join(top, 'packages', room, 'package.json'), 'utf8')) as PackageFile;
}

/** Packages of the workspace that a file imports, by folder. */
function roomsImported(file: SourceFile): string[] {
  return file.imports
    .filter((specifier) => specifier.startsWith('@onebuild/'))
    .map((specifier) => packageOf(specifier).slice('@onebuild/'.length));
}

test('the scan finds all forms of imports, and nothing in comments', () => {
  const text = [
    "import a, { b } from 'one';",
    "import type {\n  C,\n} from 'two';",
    "export * from 'three';",
    "import 'four';",
    "const x = await import('five');",
    "const text = 'from';",
  ].join('\n');
  assert.deepEqual(findImports(text).sort(), ['five', 'four', 'one', 'three', 'two']);
  assert.deepEqual(readSource('packages/core/src/errors.ts').imports, ['./error-catalog.ts', './redact.ts']);
});

test('packages import along the arrows only', () => {
  assert.deepEqual([...rooms].sort(), Object.keys(arrows).sort());
  const crossed = sources.flatMap((file) => {
    const allowed = new Set([...(arrows[file.room ?? ''] ?? []), ...(file.isTest ? ['testkit'] : [])]);
    return roomsImported(file)
      .filter((room) => !allowed.has(room) && !(file.isTest && room === file.room))
      .map((room) => `${file.path} imports ${room}`);
  });
  assert.deepEqual(crossed, []);
  assert.ok(sources.some((file) => file.room === 'engine' && roomsImported(file).includes('registry')));
});

test('no import leaves its package by a path', () => {
  const leaving = sources.flatMap((file) =>
    file.imports
      .filter((specifier) => specifier.startsWith('.'))
      .filter((specifier) => !join(file.path, '..', specifier).startsWith(`packages/${file.room ?? ''}/`))
      .map((specifier) => `${file.path} imports ${specifier}`),
  );
  assert.deepEqual(leaving, []);
});

test('core, oci, dockerfile and project do no input or output', () => {
  const impure = sources
    .filter((file) => !file.isTest && file.room !== undefined && file.room in pureParts)
    .flatMap((file) =>
      file.imports
        .filter((name) => name.startsWith('node:') && !pureParts[file.room ?? '']?.includes(name))
        .filter((name) => name !== 'node:net' || !addressTest.test(file.text))
        .map((name) => `${file.path} imports ${name}`),
    );
  assert.deepEqual(impure, []);
});

test('the environment, process.exit and console occur in entry files, displays and tests only', () => {
  const reading = sources
    .filter((file) => !file.isTest && file.room !== 'testkit' && !entries.has(file.path))
    .filter((file) => !file.path.startsWith('packages/cli/src/display/'))
    .filter((file) => /\bprocess\.(?:env|exit|stdout|stderr)\b|\bconsole\./.test(file.text))
    .map((file) => file.path);
  assert.deepEqual(reading, []);
});

test("each package.json lists exactly what the package's sources import", () => {
  for (const room of rooms) {
    const imported = sources
      .filter((file) => file.room === room && !file.isTest)
      .flatMap((file) => file.imports)
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .map(packageOf);
    const { name, dependencies = {} } = packageFile(room);
    const used = [...new Set(imported)].filter((other) => other !== name).sort();
    assert.deepEqual(Object.keys(dependencies).sort(), used, room);
  }
});

test('each package says in its README and package.json what it is for', () => {
  for (const room of rooms) {
    assert.ok(existsSync(join(top, 'packages', room, 'README.md')), `packages/${room}/README.md is missing`);
    assert.notEqual(packageFile(room).description, '', `packages/${room}/package.json has no description`);
  }
});

test('files are kebab-case, and most of them small', () => {
  const odd = sources.filter(({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(basename(path)));
  assert.deepEqual(
    odd.map(({ path }) => path),
    [],
  );
  const junk = sources.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc)(\.ts$|\/)/.test(path));
  assert.deepEqual(
    junk.map(({ path }) => path),
    [],
  );
  const code = sources.filter((file) => !file.isTest);
  const long = code.filter(({ text }) => text.split('\n').length > 250);
  assert.ok(
    long.length <= code.length / 10,
    `${long.length} of ${code.length} files have more than 250 lines`,
  );
});
