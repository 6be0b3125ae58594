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
    /npm ci\nCOPY \. \.\nRUN [^\n]* npm run build && npm prune --omit=dev\n[^]*CMD \["npm","start"\]/,
  ],
  [
    'Node.js',
    { 'package.json': '{"main":"lib/a.js"}', 'pnpm-lock.yaml': '', '.nvmrc': 'v22.1' },
    /node:22-slim[^]*pnpm install[^]*CMD \["node","lib\/a\.js"\]/,
  ],
  ['Node.js', { 'package.json': 'no JSON', 'yarn.lock': '' }, /yarn install/],
  [
    'Node.js',
    {
      'package.json': '{"scripts":{"start":"node a.js"},"engines":{"node":"^22.3"},"workspaces":["x"]}',
      '.npmrc': '',
    },
    /node:22-slim[^]*COPY \. \.\nRUN [^\n]*type=secret,id=npmrc,[^\n]* npm install --omit=dev\n\nFROM[^]*CMD \["node","a.js"\]/,
  ],
  [
    'Node.js',
    {
      'package.json': '{"packageManager":"pnpm@9.1.0+sha512.x"}',
      'pnpm-lock.yaml': '',
      'pnpm-workspace.yaml': '',
    },
    /--global pnpm@9\.1\.0\n[^]*pnpm install --frozen-lockfile --prod/,
  ],
  [
    'Node.js',
    {
      'package.json': '{"engines":{"node":">=18 <21"},"scripts":{"build":"x"}}',
      'yarn.lock': '__metadata:\n',
    },
    /node:20-slim[^]*cli-dist@4\n[^]*yarn install --immutable\n[^]*workspaces focus --all --production/,
  ],
  ['Node.js', { 'package.json': '{}', '.nvmrc': 'lts/jod\n' }, /node:22 /],
  ['Java (Maven)', { 'pom.xml': '<java.version>17</java.version>' }, /maven:3-eclipse-temurin-17/],
  [
    'Java (Maven)',
    { 'pom.xml': '<maven.compiler.release>25</maven.compiler.release>', mvnw: '' },
    /eclipse-temurin:25-jdk [^]*sh \.\/mvnw -B/,
  ],
  [
    'Java (Gradle)',
    { 'settings.gradle': '', 'app/build.gradle.kts': 'plugins {\n    application\n}' },
    /installDist [^]*ENTRYPOINT \["\/app\/bin\/start"\]/,
  ],
  [
    'Python',
    { 'pyproject.toml': '[project]\nrequires-python = ">=3.10,<3.12"\n', 'uv.lock': '', 'main.py': '' },
    /python:3\.11-slim[^]*uv sync --frozen --no-dev --no-editable --no-install-project\n\nFROM[^]*CMD \["python","main.py"\]/,
  ],
  [
    'Python',
    { 'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.10"\n', 'poetry.lock': '', 'app.py': '' },
    /python:3\.13-slim[^]*COPY pyproject\.toml poetry\.lock [^]*poetry install --only main --no-root/,
  ],
  [
    'Python',
    {
      'pyproject.toml':
        '[build-system]\n[project]\nrequires-python = "~=3.12.1"\n[project.scripts]\nshopd = "a:b"\n',
    },
    /python:3\.12-slim[^]*CMD \["shopd"\]/,
  ],
  [
    'Python',
    {
      'requirements.txt': 'gunicorn\n',
      'manage.py': "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')",
    },
    /CMD \["gunicorn","--bind","0\.0\.0\.0:8000","site1\.wsgi"\]/,
  ],
  ['Python', { 'requirements.txt': 'fastapi\nuvicorn\n', 'main.py': '' }, /"uvicorn",[^\n]*"main:app"\]/],
  [
    'PHP',
    { 'composer.json': '{"require":{"php":"8.1.*"}}', 'composer.lock': '' },
    /php:8\.1-apache[^]*composer\.lock/,
  ],
  [
    'Rust',
    { 'Cargo.toml': '', 'rust-toolchain.toml': '[toolchain]\nchannel = "1.80.1"\n' },
    /rust:1\.80\.1-bookworm/,
  ],
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
  [
    'C or C++',
    { 'CMakeLists.txt': 'project(Server LANGUAGES C)\ninstall(TARGETS Server)' },
    /cmake -G Ninja[^]*cmake --install[^]*bin\/Server/,
  ],
  ['C or C++', { Makefile: 'install:\n' }, /make install DESTDIR=\/out/],
  [
    'C or C++',
    { Makefile: 'TARGET := hello\nall: $(TARGET)\n' },
    /make -j"\$\(nproc\)" \\\n {4}&& install -D "\$\(find \. [^\n]* -name hello [^]*bin\/hello"/,
  ],
  [
    'C or C++',
    { 'CMakeLists.txt': 'project(Server)\nadd_executable(serverd a.c)' },
    /install -D [^\n]*bin\/serverd/,
  ],
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
        lintDockerfile(dockerfile, { practice: true }).map(({ rule, message }) => `${rule}: ${message}`),
        [],
      );
      if (!/nothing to install/.test(text)) assert.match(text, /--mount=type=cache/);
      const file = { name: 'onebuild.yaml', text: starter?.files['onebuild.yaml'] ?? '' };
      const project = readOnebuildFile(file, { env: {} });
      assert.deepEqual(project.targets[0]?.tags, ['shop:0.1.0-local']);
    });
  }

  it('hand in a secret that the project has, and keep it out of the context', () => {
    const starter = start({ 'package.json': '{"main":"a.js"}', '.npmrc': '//r.example.com/:_authToken=x' });
    const file = { name: 'onebuild.yaml', text: starter?.files['onebuild.yaml'] ?? '' };
    assert.deepEqual(readOnebuildFile(file, { env: {} }).targets[0]?.secrets, ['id=npmrc,src=.npmrc']);
    assert.match(starter?.files['.dockerignore'] ?? '', /^\*\*\/\.npmrc$/m);
    assert.deepEqual(starter?.advice.length, 2);
  });

  it('leave hostile names out of the Dockerfile', () => {
    const text = start({ 'Cargo.toml': '[package]\nname = "a\\nRUN x"\n' })?.files['Dockerfile'];
    assert.match(text ?? '', /release\/shop /);
    const hostile = 'x"]\nRUN y';
    const node = start({
      'package.json': JSON.stringify({
        main: hostile,
        scripts: { start: `node ${hostile}` },
        packageManager: `pnpm@1${hostile}`,
        engines: { node: hostile },
      }),
      '.nvmrc': hostile,
    });
    assert.doesNotMatch(node?.files['Dockerfile'] ?? '', /RUN y/);
    const python = start({
      'pyproject.toml': `[build-system]\n[project]\nrequires-python = '==3.1${hostile}'\n[project.scripts]\n"${hostile}" = "a"\n`,
    });
    assert.doesNotMatch(python?.files['Dockerfile'] ?? '', /RUN y/);
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
