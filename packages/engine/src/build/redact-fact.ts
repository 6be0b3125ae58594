import { type BuildFact, redact, type SourceLocation } from '@onebuild/core';

/** A fact without secrets: names of steps are text of the Dockerfile, which may have addresses with passwords in it. */
export function redactFact(fact: BuildFact): BuildFact {
  switch (fact.type) {
    case 'step.started':
      return { ...fact, name: redact(fact.name), ...located(fact.location) };
    case 'step.progress':
      return { ...fact, label: redact(fact.label) };
    case 'step.finished': {
      const { why, note } = fact;
      return {
        ...fact,
        ...(why !== undefined && { why: redact(why) }),
        ...(note !== undefined && { note: redact(note) }),
      };
    }
    case 'warning':
      return { ...fact, message: redact(fact.message), ...located(fact.location) };
    default:
      return fact;
  }
}

function located(location: SourceLocation | undefined): { readonly location?: SourceLocation } {
  if (location?.snippet === undefined) return {};
  return { location: { ...location, snippet: redact(location.snippet) } };
}
