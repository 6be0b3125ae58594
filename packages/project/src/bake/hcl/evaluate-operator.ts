import { faultOf } from './evaluate.ts';
import { asFlag, asNumber, type HclValue, isEqual, nameKind } from './hcl-value.ts';
import type { Expression } from './syntax.ts';

export function evaluateUnary(
  expression: Extract<Expression, { kind: 'unary' }>,
  operand: HclValue,
): HclValue {
  return expression.operator === '!'
    ? !needFlag(expression.operand, operand)
    : -needNumber(expression.operand, operand);
}

/** Both sides count, also of `&&` and `||`: a mistake on the right shows whatever stands on the left. */
export function evaluateBinary(
  expression: Extract<Expression, { kind: 'binary' }>,
  left: HclValue,
  readRight: () => HclValue,
): HclValue {
  const { operator } = expression;
  const right = readRight();
  if (operator === '==') return isEqual(left, right);
  if (operator === '!=') return !isEqual(left, right);
  if (operator === '&&' || operator === '||') {
    const a = needFlag(expression.left, left);
    const b = needFlag(expression.right, right);
    return operator === '&&' ? a && b : a || b;
  }
  const a = needNumber(expression.left, left);
  const b = needNumber(expression.right, right);
  if ((operator === '/' || operator === '%') && b === 0)
    throw faultOf(expression.right, 'this divides by zero');
  const compute = arithmetic[operator];
  const result = compute?.(a, b);
  if (result === undefined || (typeof result === 'number' && !Number.isFinite(result))) {
    throw faultOf(expression, 'the number is too large');
  }
  return result;
}

const arithmetic: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function needFlag(expression: Expression, value: HclValue): boolean {
  const flag = asFlag(value);
  if (flag === undefined) throw faultOf(expression, `true or false is needed, not ${nameKind(value)}`);
  return flag;
}

function needNumber(expression: Expression, value: HclValue): number {
  const number = asNumber(value);
  if (number !== undefined) return number;
  const hint = typeof value === 'string' ? 'Texts are joined in a template: "${a}${b}".' : undefined;
  throw faultOf(expression, `a number is needed, not ${nameKind(value)}`, hint);
}
