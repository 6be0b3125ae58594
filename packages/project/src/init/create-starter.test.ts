import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lintDockerfile, parseDockerfile } from '@onebuild/dockerfile';
import { conventionProject } from '../convention/convention-project.ts';
import { readOnebuildFile } from '../onebuild/read-onebuild-file.ts';
import { createStarter } from './create-starter.ts';

function start(texts: Readonly<Record<string, string>>) {
  const folder = {
    name: 'shop',
    files: new Set(Object.keys(texts)),
    text: (name: string) => texts[name] ?? '',
  };
  return createStarter(folder, undefined);
}

const folders: readonly (readonly [
  language: string,
  texts: Readonly<Record<string, string>>,
  expected: RegExp,
])[] = [
  [
    'Go',
    { 'go.mod': 'module x\ngo 1.23.4\n', 'go.sum': '', 'main.go': '' },
    /golang:1\.23 [^]*go\.mod go\.sum \.\/[^]*-o \/out\/shop \.\n/,
  ],
  ['Go', { 'go.mod': '', 'cmd/server/': '' }, /golang:1 [^]* \.\/cmd\/server\n/],
  [
    'Node.js',
    { 'package.json': '{"scripts":{"build":"x","start":"y"}}', 'package-lock.json': '' },
    /npm ci[^]*npm run build && npm prune[^]*CMD \["npm", "start"\]/,
  ],
  [
    'Node.js',
    { 'package.json': '{"main":"lib/a.js"}', 'pnpm-lock.yaml': '', '.nvmrc': 'v22.1' },
    /node:22-slim[^]*pnpm install[^]*CMD \["node","lib\/a\.js"\]/,
  ],
  ['Node.js', { 'package.json': 'no JSON', 'yarn.lock': '' }, /yarn install/],
  ['Java (Maven)', { 'pom.xml': '<java.version>17</java.version>' }, /maven:3-eclipse-temurin-17/],
  [
    'Java (Maven)',
    { 'pom.xml': '<maven.compiler.source>1.8</maven.compiler.source>' },
    /eclipse-temurin:8-jre/,
  ],
  ['Java (Gradle)', { 'build.gradle.kts': 'kotlin { jvmToolchain(21) }', gradlew: '' }, /sh \.\/gradlew/],
  ['Java (Gradle)', { 'build.gradle': 'sourceCompatibility = 11' }, /gradle:jdk11/],
  ['Python', { 'requirements.txt': '', 'manage.py': '' }, /pip install -r requirements\.txt[^]*manage\.py/],
  [
    'Python',
    { 'pyproject.toml': 'requires-python = "==3.12"' },
    /python:3\.12-slim[^]*pip install \.[^]*"-m","shop"/,
  ],
  [
    'PHP',
    { 'composer.json': '{"require":{"php":"^8.1"}}', 'public/index.php': '' },
    /php:8\.4-apache[^]*composer install[^]*html\/public/,
  ],
  ['C or C++', { 'CMakeLists.txt': 'project(Server LANGUAGES C)' }, /cmake -G Ninja[^]*bin\/Server/],
  ['C or C++', { Makefile: '' }, /make install DESTDIR=\/out/],
  ['C or C++', { 'meson.build': "project('m', 'c')" }, /meson setup[^]*bin\/m"/],
  [
    'Rust',
    { 'Cargo.toml': '[package]\nname = "srv"\n', 'Cargo.lock': '' },
    /--release --locked[^]*release\/srv /,
  ],
];

describe('first files', () => {
  for (const [language, texts, expected] of folders) {
    it(`for ${language}: ${Object.keys(texts).join(', ')}`, () => {
      const starter = start(texts);
      assert.equal(starter?.language, language);
      const text = starter?.files['Dockerfile'] ?? '';
      assert.match(text, expected);
      const dockerfile = parseDockerfile(text, { name: 'Dockerfile' });
      assert.equal(dockerfile.stages.length, 2);
      assert.deepEqual(
        lintDockerfile(dockerfile).map(({ rule, message }) => `${rule}: ${message}`),
        [],
      );
      if (!/nothing to install/.test(text)) assert.match(text, /--mount=type=cache/);
      const file = { name: 'onebuild.yaml', text: starter?.files['onebuild.yaml'] ?? '' };
      const project = readOnebuildFile(file, { env: {} });
      assert.deepEqual(project.targets[0]?.tags, ['shop:0.1.0-local']);
    });
  }

  it('leave hostile names out of the Dockerfile', () => {
    const text = start({ 'Cargo.toml': '[package]\nname = "a\\nRUN x"\n' })?.files['Dockerfile'];
    assert.match(text ?? '', /release\/shop /);
  });

  it('keep Dockerfiles, and put what the convention makes of them into words', () => {
    const dockerfiles = [
      { name: 'Dockerfile', text: 'FROM a' },
      { name: 'Dockerfile.b', text: 'FROM b\nCOPY --from=shop:latest /x /\n' },
    ];
    const convention = conventionProject({ folder: 'shop', dockerfiles });
    const folder = { name: 'shop', files: new Set(['go.mod', 'Dockerfile', 'Dockerfile.b']), text: () => '' };
    const starter = createStarter(folder, convention);
    assert.equal(starter?.language, undefined);
    assert.equal(starter?.files['Dockerfile'], undefined);
    const file = { name: 'onebuild.yaml', text: starter?.files['onebuild.yaml'] ?? '' };
    const { targets } = readOnebuildFile(file, { env: {} });
    assert.deepEqual(
      targets.map(({ name, dockerfile, binds }) => ({ name, dockerfile, binds })),
      [
        { name: 'shop.standard', dockerfile: undefined, binds: {} },
        { name: 'shop.b', dockerfile: 'Dockerfile.b', binds: { 'shop:latest': { target: 'shop.standard' } } },
      ],
    );
  });

  it('are none where nothing says the language', () => {
    assert.equal(start({ 'notes.txt': '' }), undefined);
  });
});
