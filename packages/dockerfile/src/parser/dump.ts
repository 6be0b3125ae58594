import type { Node, PlacelessNode } from './node.ts';
import type { Tree } from './parse-tree.ts';

/** The tree in the notation of BuildKit's parser tests: `(run ["--mount=..."] "make")`, a line an instruction. */
export function dumpTree(tree: Pick<Tree, 'nodes'>): string {
  return tree.nodes.map((node) => `(${dumpNode(node)})`).join('\n');
}

function dumpNode(node: Node | PlacelessNode): string {
  const flags = node.flags.length === 0 ? '' : ` [${node.flags.map(quote).join(' ')}]`;
  const child = node.child === undefined ? '' : ` (${dumpNode(node.child)})`;
  return `${node.keyword.toLowerCase()}${flags}${child}${node.args.map((arg) => ` ${quote(arg)}`).join('')}`.trim();
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\v': '\\v',
  '\f': '\\f',
  '\b': '\\b',
  '\u0007': '\\a',
};

/** Double quotes as Go writes them. */
function quote(text: string): string {
  return `"${text.replace(/["\\]|\p{Cc}/gu, (character) => escapes[character] ?? hex(character))}"`;
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
