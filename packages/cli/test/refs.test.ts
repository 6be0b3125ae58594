import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { findProgram, temporaryFolder } from '@onebuild/testkit';
import { type GitRepository, makeGitRepository } from '../src/refs/git-repository.fixture.ts';
import { runCommand, succeed } from './start-command.ts';

const project = `components:
  helper:
    images: 'registry.example.com/helper-\${variant}:\${git.tag:-\${git.branch//\\//-}}'
    variants: { standard: {}, slim: { dockerfile: Dockerfile.slim } }
`;

describe('onebuild build --ref', { skip: findProgram('git') === undefined && 'apt-get install git' }, () => {
  const scratch = temporaryFolder();
  let repository: GitRepository;
  let count = 0;

  before(async () => {
    repository = await makeGitRepository(join(scratch, 'shop'));
    const files = { 'Dockerfile.slim': 'FROM scratch\nCOPY app /\n', app: '1\n', 'onebuild.yaml': project };
    await repository.commit({ ...files, Dockerfile: 'FROM scratch\nCOPY . /\n' }, 1_000_000_000);
    await repository.git('tag', 'v1');
    await repository.git('branch', 'release/1.x');
    await repository.commit({ app: '2\n' }, 1_000_000_100);
    await repository.git('checkout', '-q', '-b', 'broken');
    await repository.commit({ Dockerfile: 'FROM scratch\nCOPY nothing /\n' }, 1_000_000_200);
    await repository.git('checkout', '-q', 'main');
    repository.write({ app: 'changed\n', secret: 'mine\n' });
  });

  const surroundings = () => ({
    home: join(scratch, `home-${count++}`),
    cwd: repository.folder,
    env: { ...repository.env, XDG_CACHE_HOME: join(scratch, 'cache') },
  });

  it('builds each commit as its own files say, and tells scripts', async () => {
    const state = await repository.git('status', '--porcelain');
    const files = ['images.env', 'images.json'].map((name) => join(scratch, 'told', name)) as [
      string,
      string,
    ];
    const refs = ['v1', 'release/1.x', 'main', 'refs/heads/main'].flatMap((ref) => ['--ref', ref]);
    const place = surroundings();
    const dest = join(scratch, 'out-${ref}-${variant}');
    await succeed(
      [
        'build',
        ...refs,
        ...files.flatMap((file) => ['--outputs-file', file]),
        '-o',
        'type=image',
        '-o',
        dest,
      ],
      place,
    );
    assert.equal(await repository.git('status', '--porcelain'), state);
    assert.deepEqual(readdirSync(join(place.home, 'tmp')), []);
    const lines = readFileSync(files[0], 'utf8').split('\n');
    assert.ok(lines.includes('v1ImageName=registry.example.com/helper-standard:v1'), lines.join('\n'));
    const slim = 'slimRelease1XImageName=registry.example.com/helper-slim:release-1.x';
    assert.ok(lines.includes(slim), lines.join('\n'));
    assert.ok(lines.some((line) => /^(?:amd|arm)64SlimMainImageDigest=sha256:/.test(line)));
    const { targets } = JSON.parse(readFileSync(files[1], 'utf8')) as {
      targets: { name: string; ref: string; commit: string }[];
    };
    assert.deepEqual(
      targets.map(({ name, ref }) => [name, ref]),
      ['v1', 'release/1.x', 'main'].flatMap((ref) => [
        [`helper.standard@${ref}`, ref],
        [`helper.slim@${ref}`, ref],
      ]),
    );
    assert.equal(targets[0]?.commit, await repository.git('rev-parse', 'v1'));
    const standard = join(scratch, 'out-main-standard');
    assert.equal(readFileSync(join(standard, 'app'), 'utf8'), '2\n');
    assert.deepEqual(readdirSync(standard), ['Dockerfile', 'Dockerfile.slim', 'app', 'onebuild.yaml']);
  });

  it('a build that fails tells nothing and leaves nothing', async () => {
    const file = join(scratch, 'never.env');
    const place = surroundings();
    const { code, stderr } = await runCommand(
      ['build', '--ref', 'main', '--ref', 'broken', '--outputs-file', file],
      place,
    );
    assert.equal(code, 3, stderr);
    assert.match(stderr, /SOURCE_NOT_FOUND/);
    assert.equal(existsSync(file), false);
    assert.deepEqual(readdirSync(join(place.home, 'tmp')), []);
  });

  it('a name that is none, and one that is not there', async () => {
    const place = surroundings();
    const wrong = await runCommand(['build', '--ref', 'v1', '--ref', '--upload-pack=x'], place);
    assert.match(wrong.stderr, /^error USAGE: --ref "--upload-pack=x"/m);
    const missing = await runCommand(['build', '--ref', 'relase/1.x'], place);
    assert.match(missing.stderr, /^error REF_NOT_FOUND: .*\n {2}hint: Did you mean release\/1\.x\?/m);
    assert.equal(missing.code, 5);
  });
});
