import { spend } from './budget.ts';
import { evaluate, faultOf, flagOf, rounds } from './evaluate.ts';
import { asText, nameKind } from './hcl-value.ts';
import type { Scope } from './scope.ts';
import type { Expression, TemplatePart } from './syntax.ts';

/** The text of a template of several parts. */
export function evaluateTemplate(template: Extract<Expression, { kind: 'template' }>, scope: Scope): string {
  return joinParts(template.parts, scope);
}

function joinParts(parts: readonly TemplatePart[], scope: Scope): string {
  let text = '';
  for (const part of parts) {
    const piece = evaluatePart(part, scope);
    spend(scope.budget, piece.length + 1);
    text += piece;
  }
  return text;
}

function evaluatePart(part: TemplatePart, scope: Scope): string {
  if (part.kind === 'text') return part.text;
  if (part.kind === 'if') return joinParts(flagOf(part.test, scope) ? part.yes : part.no, scope);
  if (part.kind === 'for') {
    let text = '';
    for (const inner of rounds(part, scope)) text += joinParts(part.body, inner);
    return text;
  }
  const value = evaluate(part.value, scope);
  const text = asText(value);
  if (text !== undefined) return text;
  throw faultOf(
    part.value,
    `${nameKind(value)} cannot be put into a text`,
    value === null
      ? 'Give it a value, or use coalesce(value, "").'
      : 'join(",", list) and jsonencode(value) make texts.',
  );
}
