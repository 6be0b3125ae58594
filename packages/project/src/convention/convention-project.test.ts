import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '@onebuild/core';
import { type ConventionOptions, conventionProject, isDockerfileName } from './convention-project.ts';
import { parseBind } from './match-bind.ts';

const standard = 'FROM golang AS builder\nFROM debian\nCOPY --from=builder /m /\n';

function resolve(files: Readonly<Record<string, string>>, options?: ConventionOptions) {
  const dockerfiles = Object.entries(files).map(([name, text]) => ({ name, text }));
  return conventionProject({ folder: 'etcd-restore-helper', dockerfiles }, options);
}

function bindsOf(from: string, ...binds: readonly string[]) {
  const files = { Dockerfile: standard, 'Dockerfile.kylinv10': `FROM debian\nCOPY --from=${from} /m /\n` };
  return resolve(files, { binds: binds.map(parseBind) })?.targets[1]?.binds;
}

const helper = { target: 'etcd-restore-helper.standard' };

describe('a folder', () => {
  it('with one Dockerfile is a component without variants', () => {
    const project = resolve({ Dockerfile: standard });
    assert.deepEqual(
      project?.targets.map(({ name, variant, dockerfile }) => [name, variant, dockerfile]),
      [['etcd-restore-helper', undefined, 'Dockerfile']],
    );
    assert.deepEqual(project?.defaults, ['etcd-restore-helper']);
  });

  it('with several has a variant for each, the standard one first', () => {
    const project = resolve({ 'Dockerfile.a': standard, 'Dockerfile.z': standard, Dockerfile: standard });
    assert.deepEqual(
      project?.targets.map(({ name }) => name),
      ['etcd-restore-helper.standard', 'etcd-restore-helper.a', 'etcd-restore-helper.z'],
    );
  });

  it('without Dockerfile is none', () => {
    assert.equal(resolve({}), undefined);
  });

  it('gives its name, with what names cannot have left out', () => {
    const dockerfiles = [{ name: 'Dockerfile', text: standard }];
    const name = (folder: string) => conventionProject({ folder, dockerfiles })?.targets[0]?.name;
    assert.equal(name('My App (2)'), 'my-app-2');
    assert.equal(name('...'), 'image');
  });

  it('takes only files that are Dockerfiles', () => {
    const names = [
      'Dockerfile',
      'Dockerfile.oel22',
      'Dockerfile.dockerignore',
      'Dockerfile.oel22.dockerignore',
      'Dockerfile.bak',
      'dockerfile.x',
      'Dockerfile.',
      'Dockerfile.standard',
    ];
    assert.deepEqual(names.filter(isDockerfileName), ['Dockerfile', 'Dockerfile.oel22']);
  });
});

describe('names of images', () => {
  for (const name of [
    'etcd-restore-helper',
    'etcd-restore-helper:latest',
    'jdos-etcd-restore-helper:latest',
    'etcd-restore-helper-helper',
    'reg.example.com:5000/ops/etcd-restore-helper',
    'some-helper',
    'other-thing-helper:latest',
  ]) {
    it(`${name} means the standard variant`, () => {
      assert.deepEqual(bindsOf(name), { [name]: helper });
    });
  }

  for (const name of [
    'etcd-restore-helper:1.2',
    'helper',
    'etcd-restore-helper-x',
    'debian:12',
    'some-helper:1',
    'ops/some-helper',
    'reg:5000/some-helper',
    '-helper',
  ]) {
    it(`${name} means an image`, () => {
      assert.deepEqual(bindsOf(name), {});
    });
  }

  it('are bound by --bind, with or without their tag, to a variant or its stage', () => {
    assert.deepEqual(bindsOf('tool:1', 'tool:1=standard/builder'), {
      'tool:1': { ...helper, stage: 'builder' },
    });
    assert.deepEqual(bindsOf('tool:1', 'tool=standard'), { 'tool:1': helper });
  });

  it('of stages stay with the stages', () => {
    const project = resolve({
      Dockerfile: standard,
      'Dockerfile.b':
        'FROM debian AS etcd-restore-helper\nFROM etcd-restore-helper\nCOPY --from=etcd-restore-helper /a /\n',
    });
    assert.deepEqual(project?.targets[1]?.binds, {});
  });

  it('count in FROM and in mounts, too', () => {
    const project = resolve({
      Dockerfile: standard,
      'Dockerfile.b':
        'FROM etcd-restore-helper\nRUN --mount=type=bind,from=x-etcd-restore-helper,target=/m true\n',
    });
    assert.deepEqual(project?.targets[1]?.binds, {
      'etcd-restore-helper': helper,
      'x-etcd-restore-helper': helper,
    });
  });

  it('of a Dockerfile that cannot be parsed are not known, and nothing fails', () => {
    assert.deepEqual(resolve({ Dockerfile: standard, 'Dockerfile.b': 'RNU x' })?.targets[1]?.binds, {});
  });

  it('bound to a variant that is not there are a fault, and so are circles', () => {
    assert.throws(() => bindsOf('tool', 'tool=standrad'), /there is no variant "standrad"/);
    assert.throws(
      () => parseBind('tool'),
      (error) => isFault(error, 'USAGE'),
    );
    const circle = { Dockerfile: 'FROM b', 'Dockerfile.b': 'FROM etcd-restore-helper' };
    assert.throws(() => resolve(circle, { binds: [parseBind('b=b')] }), /in a circle/);
  });
});
