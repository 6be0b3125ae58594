import type { Results } from '../measure/results.ts';
import { describe, type Finding } from './describe.ts';
import { numbersOf } from './page-numbers.ts';

/** The findings about several boxes of one app. */
export const boxFindings: Readonly<Record<string, Finding>> = {
  'three-variants-cold': (results) =>
    describe(results, 'three-variants-cold', {
      bound: `The compiler, which takes the same time for everyone, once per build here and with bake, three times with separate builds; and four bases of
120 to 380 MB to be pulled and unpacked, as steps run in all of them.${sentOf(results, 'three-variants-cold')}`,
      move: `Unpacking the compiler's base on more than one core: nothing else can run before it is there. Then a cache mount for the compiler, or more cores.`,
    }),
  'three-variants-change': (results) =>
    describe(results, 'three-variants-change', {
      bound: `The compiler again. After it, the steps of the three boxes run side by side; their 2,000 files come out as they were, so no layer is compressed or sent
again but that of the program.${sentOf(results, 'three-variants-change')}`,
      move: `Not the builder: a compiler that keeps what it has compiled, in a cache mount.`,
    }),
  'three-variants-unchanged': (results) =>
    describe(results, 'three-variants-unchanged', {
      bound: `The start of Node.js and of the command, and questions to the registry: what the bases are, and what the tags are.`,
      move: `A smaller start, as for the unchanged redis example.`,
    }),
  'twelve-boxes-cold': (results) =>
    describe(results, 'twelve-boxes-cold', {
      bound: `One question to each base: whether a folder on the way of a COPY is a link there. The answer is in the archive of the base, so the three bases are read
once, at the speed of gunzip and SHA-256, but nothing is unpacked into files. The program is compressed once for twelve boxes, and sent once.${sentOf(results, 'twelve-boxes-cold')}`,
      move: `A listing beside the base in the registry, so that the base itself need not be read.`,
    }),
  'twelve-boxes-change': (results) =>
    describe(results, 'twelve-boxes-change', {
      bound: `The start of the command; a layer of 50 small files, made once; and requests: each of twelve repositories gets a layer, a config, a manifest and a tag,
in this order, so that no tag points at something that is not there.${sentOf(results, 'twelve-boxes-change')}`,
      move: `A registry that takes a config with its manifest. What was there after the last push is not asked for again already; what is left for each box is one mount, one upload, its manifest under its digest, and its tag.`,
    }),
  'twelve-boxes-unchanged': (results) =>
    describe(results, 'twelve-boxes-unchanged', {
      bound: `The start of Node.js and of the command, which is most of it, and 16 requests. All twelve boxes together cost about as much as one.`,
      move: `What is said of the unchanged redis example: there is no resident process that keeps code and contexts warm, on purpose.`,
    }),
};

/** What both sent, in a sentence. */
function sentOf({ shapes }: Results, name: string): string {
  const result = shapes[name];
  const numbers = result === undefined ? [] : numbersOf(result);
  const [ours, theirs] = [numbers[0]?.sent, numbers.find((row) => row.name === 'buildx')?.sent];
  if (ours === undefined || theirs === undefined) return '';
  return ` OneBuild sent ${megabytes(ours)} MB, as what a repository lacks and another one has is mounted; bake sent ${megabytes(theirs)} MB.`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 10e6 ? 2 : 0);
}
