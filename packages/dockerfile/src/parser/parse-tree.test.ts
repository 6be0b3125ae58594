import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { dumpTree } from './dump.ts';
import { parseTree } from './parse-tree.ts';

const parse = (...lines: string[]) => parseTree(lines.join('\n'), 'Dockerfile');
const dump = (...lines: string[]) => dumpTree(parse(...lines));

function refuses(lines: readonly string[], message: RegExp, line: number): void {
  assert.throws(
    () => parse(...lines),
    (error) => {
      assert.ok(isFault(error, 'DOCKERFILE_PARSE'), String(error));
      assert.match(error.message, message);
      assert.equal(error.location?.line, line);
      return true;
    },
  );
}

test('directives come first, once, in any case, and stop at the first other line', () => {
  const tree = parse(
    '# Syntax = docker/dockerfile:1 ',
    '#escape=`',
    '#check=skip=all',
    'FROM a',
    '# escape=\\',
  );
  assert.deepEqual(tree.directives, { syntax: 'docker/dockerfile:1', escape: '`', check: 'skip=all' });
  assert.equal(tree.escape, '`');
  assert.deepEqual(parse('# note', '# escape=`', 'FROM a').directives, {});
  assert.deepEqual(parse('', '# escape=`', 'FROM a').directives, {});
  assert.deepEqual(parse('# unknown=x', '# escape=`', 'FROM a').directives, {});
  refuses(['# escape=`', '# escape=`', 'FROM a'], /only one escape/, 2);
  refuses(['# escape=x', 'FROM a'], /escape character/, 1);
});

test('a byte order mark, carriage returns and trailing blanks do not matter', () => {
  assert.equal(dump('\uFEFFFROM a\r', 'RUN b \\  \r', '  c\r'), '(from "a")\n(run "b   c")');
});

test('comments vanish inside continuations, blank lines are remembered', () => {
  const tree = parse('FROM a', 'RUN b && \\', '# comment', '   # another', '', ' c');
  assert.equal(dumpTree(tree), '(from "a")\n(run "b &&  c")');
  assert.deepEqual(tree.blankContinuations, [6]);
  assert.deepEqual([tree.nodes[1]?.startLine, tree.nodes[1]?.endLine], [2, 6]);
});

test('an escaped escape character does not continue a line', () => {
  assert.equal(dump('FROM a', 'RUN b \\\\', 'RUN c'), '(from "a")\n(run "b \\\\\\\\")\n(run "c")');
  assert.equal(dump('# escape=`', 'FROM a', 'RUN b `', 'c \\'), '(from "a")\n(run "b c \\\\")');
});

test('heredocs: plain, chomped, quoted, several, with a file descriptor', () => {
  const [, run] = parse('FROM a', 'RUN <<A 3<<-"B" cat', 'one', 'A', '\ttwo', '\tB', 'RUN x').nodes;
  assert.deepEqual(run?.heredocs, [
    { name: 'A', fileDescriptor: 0, expand: true, chomp: false, content: 'one\n' },
    { name: 'B', fileDescriptor: 3, expand: false, chomp: true, content: '\ttwo\n' },
  ]);
  assert.deepEqual([run?.startLine, run?.endLine], [2, 6]);
});

test('heredocs belong to RUN, COPY and ADD, and to those inside ONBUILD, in shell form', () => {
  const names = (line: string) => parse('FROM a', line, 'EOF').nodes[1]?.heredocs.map(({ name }) => name);
  assert.deepEqual(names('ONBUILD COPY <<EOF /x'), ['EOF']);
  assert.deepEqual(names('COPY <<EOF /x'), ['EOF']);
  assert.deepEqual(names('CMD cat <<EOF'), []);
  assert.deepEqual(names('RUN ["cat", "<<EOF"]'), []);
  assert.deepEqual(names('RUN cat <<< EOF'), []);
  assert.deepEqual(names("RUN echo '<<EOF'"), []);
  refuses(['FROM a', 'RUN <<EOF', 'no end'], /heredoc EOF is not closed/, 2);
});

test('comments directly above an instruction stay with it', () => {
  const [, , third] = parse('FROM a', '# far', '', '# near', '# nearer', 'ARG X', '# above', 'ARG Y').nodes;
  assert.deepEqual(third?.comments, ['above']);
  assert.deepEqual(parse('FROM a', '# far', '', '# near', '# nearer', 'ARG X').nodes[1]?.comments, [
    'near',
    'nearer',
  ]);
});

test('a JSON array may only hold strings; what is no JSON is shell form', () => {
  refuses(['FROM a', 'CMD ["a", 1]'], /JSON array/, 2);
  assert.equal(dump('FROM a', "CMD ['a']", 'CMD ["a",]'), '(from "a")\n(cmd "[\'a\']")\n(cmd "[\\"a\\",]")');
});

test('flags end at a lone --', () => {
  assert.deepEqual(parse('RUN --mount=type=tmpfs,target="/a b" -- --x').nodes[0], {
    ...parse('RUN --mount=type=tmpfs,target="/a b" -- --x').nodes[0],
    flags: ['--mount=type=tmpfs,target=/a b'],
    args: ['--x'],
  });
});

test('lines over 64 KiB, and files without instructions, are refused', () => {
  refuses(['FROM a', `RUN ${'x'.repeat(70_000)}`], /longer than/, 2);
  refuses(['# nothing'], /no instructions/, 1);
});
