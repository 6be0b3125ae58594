import type { Node } from '../parser/node.ts';
import { readFlags } from './flags.ts';
import type { OnbuildInstruction } from './instruction.ts';
import { invalid, type Request } from './request.ts';

/** The trigger itself is checked where it fires, as Docker does it. */
export function readOnbuild(request: Request): OnbuildInstruction {
  const { child } = request.node;
  if (child === undefined) throw invalid('ONBUILD needs an instruction');
  readFlags(request, {});
  const inner = child.keyword.toUpperCase();
  if (inner === 'ONBUILD') throw invalid('ONBUILD cannot hold another ONBUILD');
  if (inner === 'FROM' || inner === 'MAINTAINER') throw invalid(`ONBUILD cannot hold ${inner}`);
  return { ...request.base, kind: 'ONBUILD', trigger: formatTrigger(request.node) };
}

function formatTrigger(node: Node): string {
  const text = node.original.replace(/^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/i, '');
  return text + node.heredocs.map(({ content, name }) => `\n${content}${name}`).join('');
}
