import type { TextFile } from '../../text-file.ts';
import type { HclValue } from './hcl-value.ts';

/** Characters of a file, from `start` to before `end`, in UTF-16 units. */
export interface Place {
  readonly file: TextFile;
  readonly start: number;
  readonly end: number;
}

export type Expression = { readonly at: Place } & (
  | { readonly kind: 'literal'; readonly value: HclValue }
  | { readonly kind: 'template'; readonly parts: readonly TemplatePart[] }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'splat'; readonly of: Expression; readonly each: Expression }
  | { readonly kind: 'splat-item' }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly spread: boolean;
    }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly ObjectEntry[] }
  | ForExpression
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'condition';
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
);

export interface ObjectEntry {
  readonly key: Expression;
  readonly value: Expression;
}

export interface ForExpression extends Loop {
  readonly kind: 'for';
  /** Undefined: the result is a list. */
  readonly key?: Expression;
  readonly value: Expression;
  readonly test?: Expression;
  /** `...` behind the value: values of equal keys become a list. */
  readonly grouped: boolean;
}

export interface Loop {
  readonly keyName?: string;
  readonly valueName: string;
  readonly over: Expression;
}

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: Expression }
  | {
      readonly kind: 'if';
      readonly test: Expression;
      readonly yes: readonly TemplatePart[];
      readonly no: readonly TemplatePart[];
    }
  | (Loop & { readonly kind: 'for'; readonly body: readonly TemplatePart[] });

export interface Attribute {
  readonly name: string;
  readonly value: Expression;
  readonly at: Place;
}

export interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: Body;
  readonly at: Place;
}

export interface Body {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly Block[];
}
