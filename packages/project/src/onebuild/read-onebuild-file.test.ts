import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OneBuildError } from '@onebuild/core';
import type { Facts } from '../interpolate/facts.ts';
import type { Project, Target } from '../model.ts';
import { readOnebuildFile } from './read-onebuild-file.ts';

const git = {
  sha: '0123456789abcdef0123456789abcdef01234567',
  branch: 'main',
  tag: undefined,
  isDirty: false,
  time: '2026-01-31T12:00:00Z',
};

function read(text: string, facts: Partial<Facts> = {}): Project {
  return readOnebuildFile({ name: 'onebuild.yaml', text }, { env: {}, git, ...facts });
}

function target(text: string, name: string, facts: Partial<Facts> = {}): Target {
  const found = read(text, facts).targets.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

/** `line:column CODE message | hint` of the fault. */
function complaint(text: string, facts: Partial<Facts> = {}): string {
  try {
    read(text, facts);
  } catch (error) {
    assert.ok(error instanceof OneBuildError, String(error));
    const { line, column, snippet, file } = error.location ?? {};
    assert.equal(file, 'onebuild.yaml');
    assert.ok(text === '' || snippet?.includes('>>>'), 'a snippet');
    return `${line}:${column} ${error.code} ${error.message} | ${error.hint}`;
  }
  assert.fail('no fault');
}

const helper = `# yaml-language-server: $schema=onebuild.schema.json
app: etcd-restore-helper
version: \${env.VERSION:-0.1.0}-\${git.sha6}
registries:
  main:   { host: harbor.example.com, credential: harbor-push }
  mirror: { host: registry.example.cn, endpoint: registry-vpc.example.cn }
components:
  helper:
    context: .
    platforms: [linux/amd64, linux/arm64]
    args: { BUILD_IMAGE: base/golang:1.22 }
    variants:
      standard:    { base: base/centos:7 }
      kylinv10:    { dockerfile: Dockerfile.kylinv10, bind: { "jdos-etcd-restore-helper:latest": standard } }
      openeuler22: { dockerfile: Dockerfile.oel22,    bind: { "jdos-etcd-restore-helper:latest": standard/builder } }
    images: [ "main/ops/helper-\${variant}:\${version}", "mirror/ops/helper-\${variant}:\${version}" ]
    cache: { to: registry, mounts: true }
`;

describe('a whole file', () => {
  const project = read(helper);

  it('has a target for each variant, in order', () => {
    assert.deepEqual(
      project.targets.map(({ name }) => name),
      ['helper.standard', 'helper.kylinv10', 'helper.openeuler22'],
    );
    assert.deepEqual(project.groups, {
      helper: ['helper.standard', 'helper.kylinv10', 'helper.openeuler22'],
      'etcd-restore-helper': ['helper'],
    });
    assert.deepEqual(project.defaults, ['helper']);
  });

  it('gives each what the file, the component and the variant say', () => {
    const [standard, kylin, openeuler] = project.targets;
    assert.deepEqual(standard?.args, { BUILD_IMAGE: 'base/golang:1.22', BASE_IMAGE: 'base/centos:7' });
    assert.deepEqual(kylin?.args, { BUILD_IMAGE: 'base/golang:1.22' });
    assert.equal(kylin?.dockerfile, 'Dockerfile.kylinv10');
    assert.deepEqual(kylin?.platforms, ['linux/amd64', 'linux/arm64']);
    assert.deepEqual(kylin?.binds, { 'jdos-etcd-restore-helper:latest': { target: 'helper.standard' } });
    assert.deepEqual(openeuler?.binds, {
      'jdos-etcd-restore-helper:latest': { target: 'helper.standard', stage: 'builder' },
    });
    assert.deepEqual(kylin?.tags, [
      'harbor.example.com/ops/helper-kylinv10:0.1.0-012345',
      'registry.example.cn/ops/helper-kylinv10:0.1.0-012345',
    ]);
    assert.deepEqual(kylin?.cacheTo, [
      'type=registry,ref=harbor.example.com/ops/helper-standard:onebuild-cache,mode=max,mounts=true',
    ]);
    assert.deepEqual(kylin?.cacheFrom, [
      'type=registry,ref=harbor.example.com/ops/helper-standard:onebuild-cache',
    ]);
    for (const one of [standard, openeuler]) assert.deepEqual(one?.cacheTo, kylin?.cacheTo);
    assert.equal(kylin?.version, '0.1.0-012345');
    assert.equal(kylin?.location.line, 14);
  });

  it('keeps the addresses of registries', () => {
    assert.deepEqual(project.registries, [
      { name: 'main', host: 'harbor.example.com', credential: 'harbor-push' },
      { name: 'mirror', host: 'registry.example.cn', endpoint: 'registry-vpc.example.cn' },
    ]);
  });

  it('takes the environment and arguments of the command line', () => {
    const facts = { env: { VERSION: '2' }, args: { BUILD_IMAGE: 'mine' } };
    const found = target(helper, 'helper.standard', facts);
    assert.equal(found.version, '2-012345');
    assert.equal(found.args['BUILD_IMAGE'], 'mine');
  });
});

describe('settings', () => {
  it('of the inner map win, maps are merged by name, lists are replaced', () => {
    const text = `
labels: { a: top, b: top }
platforms: linux/amd64
components:
  web:
    labels: { b: web, c: "\${component}" }
    variants:
      one: { labels: { c: one }, platforms: [linux/arm64] }
      two:
`;
    assert.deepEqual(target(text, 'web.one').labels, { a: 'top', b: 'web', c: 'one' });
    assert.deepEqual(target(text, 'web.one').platforms, ['linux/arm64']);
    assert.deepEqual(target(text, 'web.two').labels, { a: 'top', b: 'web', c: 'web' });
    assert.deepEqual(target(text, 'web.two').platforms, ['linux/amd64']);
  });

  it('keep numbers as they are written, and arguments without value for the environment', () => {
    const { args } = target('components: { web: { args: { GO: 1.20, CGO: false, TOKEN: } } }', 'web');
    assert.deepEqual(args, { GO: '1.20', CGO: 'false', TOKEN: null });
  });

  it('take anchors, and leave keys with x- to others', () => {
    const text = 'x-common: &common { base: debian:12 }\ncomponents:\n  a: *common\n  b: *common\n';
    assert.deepEqual(target(text, 'b').args, { BASE_IMAGE: 'debian:12' });
  });

  it('of several apps stand apart', () => {
    const { targets, groups } = read('apps: { a: { components: { web: } }, b: { components: { web: } } }');
    assert.deepEqual(
      targets.map(({ name, app }) => [name, app]),
      [
        ['a/web', 'a'],
        ['b/web', 'b'],
      ],
    );
    assert.deepEqual(groups, { a: ['a/web'], b: ['b/web'] });
  });

  it('of a component bind all variants but the one that is named', () => {
    const text = 'components: { web: { bind: { "web:latest": one }, variants: { one: , two: } } }';
    assert.deepEqual(target(text, 'web.one').binds, {});
    assert.deepEqual(target(text, 'web.two').binds, { 'web:latest': { target: 'web.one' } });
  });
});

/** Each line ten times the one before. */
const bomb = [
  'a: &a [x]',
  ...Array.from({ length: 8 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? 'a' : `b${i - 1}`}, `.repeat(10)}]`),
].join('\n');

describe('faults', () => {
  const cases: readonly (readonly [name: string, text: string, expected: RegExp])[] = [
    [
      'a misspelled setting',
      'components:\n  web:\n    platfroms: [linux/amd64]\n',
      /^3:5 PROJECT_INVALID .*did you mean platforms\?/,
    ],
    [
      'a setting of the wrong form',
      'components:\n  web:\n    pull: maybe\n',
      /^3:11 PROJECT_INVALID components\.web\.pull must be true or false, and is "maybe"/,
    ],
    [
      'a list for a map',
      'components: [web]\n',
      /^1:\d+ PROJECT_INVALID components must be a map, and is a list/,
    ],
    ['a doubled key', 'components:\n  web: {}\n  web: {}\n', /^3:3 PROJECT_PARSE a key is written twice/],
    ['broken YAML', 'components: {\n', /^\d:\d+ PROJECT_PARSE /],
    [
      'an unknown name',
      'components:\n  web:\n    stage: ${gti.sha}\n',
      /^3:12 PROJECT_EXPANSION .*gti\.sha.*Did you mean \$\{git\.sha\}\?/,
    ],
    [
      'a name of the environment',
      'components: { web: { stage: "$HOME" } }',
      /Did you mean \$\{env\.HOME\}\?/,
    ],
    [
      'a name without value',
      'components: { web: { stage: "${git.tag}" } }',
      /git\.tag has no value \| The commit has none; give it a default/,
    ],
    [
      'an argument that is not there',
      'components: { web: { args: { STAGE: a }, stage: "${args.STAGF}" } }',
      /Did you mean \$\{args\.STAGE\}\?/,
    ],
    [
      'an argument in an argument',
      'components: { web: { args: { A: a, B: "${args.A}" } } }',
      /PROJECT_EXPANSION .*Build arguments cannot be used here/,
    ],
    [
      'a registry that is not there',
      'registries: { main: { host: h.io } }\ncomponents: { web: { images: mian/web } }',
      /^2:\d+ PROJECT_INVALID there is no registry "mian", did you mean main\?/,
    ],
    [
      'an image name that is none',
      'components:\n  web:\n    images:\n      - Web:1\n',
      /^4:9 REFERENCE_INVALID /,
    ],
    [
      'a host with a path',
      'registries: { main: { host: h.io/x } }\ncomponents: { web: }',
      /^1:29 PROJECT_INVALID "h\.io\/x" is not the host/,
    ],
    [
      'a registry without host',
      'registries: { main: { endpoint: h.io } }\ncomponents: { web: }',
      /registries\.main has no host/,
    ],
    [
      'a platform that is none',
      'components: { web: { platforms: [linux/amd64, amd65!] } }',
      /^1:47 PLATFORM_INVALID /,
    ],
    [
      'one name for two images',
      'components: { web: { images: "r.io/web:1", variants: { a: , b: } } }',
      /web\.a and web\.b would both be r\.io\/web:1/,
    ],
    [
      'a variant that is not there',
      'components: { web: { variants: { standard: , b: { bind: { x: standrad } } } } }',
      /did you mean standard\?/,
    ],
    [
      'a circle',
      'components: { web: { variants: { a: { bind: { x: b } }, b: { bind: { y: a } } } } }',
      /in a circle: web\.a -> web\.b -> web\.a/,
    ],
    [
      'a target bound to itself',
      'components: { web: { variants: { a: { bind: { x: a } } } } }',
      /web\.a is bound to itself/,
    ],
    ['no components', 'app: web\n', /has no components/],
    ['an empty file', '', /has no components/],
    [
      'a default that is not there',
      'components: { web: }\ndefault: [wep]\n',
      /^2:11 PROJECT_INVALID .*Did you mean web\?/,
    ],
    [
      'app and apps',
      'app: a\napps: { b: { components: { c: } } }',
      /^1:1 PROJECT_INVALID `app` and `apps` exclude each other/,
    ],
    [
      'a cache beside no image',
      'components: { web: { cache: { to: registry } } }',
      /needs an image beside which it lies/,
    ],
    ['a bomb of aliases', bomb, /PROJECT_PARSE /],
    ['brackets without end', '['.repeat(100_000), /PROJECT_PARSE /],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => {
      assert.match(complaint(text, { env: { HOME: '/root' } }), expected);
    });
  }

  it('outside of a repository', () => {
    assert.match(
      complaint(helper, { git: undefined }),
      /^3:10 PROJECT_EXPANSION .*git\.sha6 has no value \| The folder is in no git/,
    );
  });
});
