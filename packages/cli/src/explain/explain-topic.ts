import { type ErrorCode, errorCatalog } from '@onebuild/core';
import { type LintRuleName, lintRuleNames } from '@onebuild/dockerfile';

/** What has a page of its own. */
export type ExplainedTopic =
  | { readonly type: 'code'; readonly code: ErrorCode }
  | { readonly type: 'rule'; readonly rule: LintRuleName };

export const errorCodes = Object.keys(errorCatalog) as readonly ErrorCode[];

/** An error code or lint rule, written as it is. */
export function findTopic(text: string): ExplainedTopic | undefined {
  const code = errorCodes.find((one) => one === text);
  if (code !== undefined) return { type: 'code', code };
  const rule = lintRuleNames.find((one) => one === text);
  return rule === undefined ? undefined : { type: 'rule', rule };
}

/** The same, in any case, with `-` for `_`. */
export function findTopicLoosely(text: string): ExplainedTopic | undefined {
  const wanted = text.toLowerCase();
  const code = errorCodes.find((one) => one.toLowerCase() === wanted.replaceAll('-', '_'));
  if (code !== undefined) return { type: 'code', code };
  const rule = lintRuleNames.find((one) => one.toLowerCase() === wanted);
  return rule === undefined ? undefined : { type: 'rule', rule };
}
