import { fault, OneBuildError, type SourceLocation } from '@onebuild/core';
import { locate } from './snippet.ts';

/** Runs `work`; a fault that has no place gets `location`, and every one gets the snippet when the text is known. */
export function placeFault<T>(file: { readonly text?: string }, location: SourceLocation, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof OneBuildError)) throw error;
    throw fault(error.code, error.message, {
      hint: error.hint,
      details: error.details,
      location: locate(file, error.location ?? location),
      cause: error.cause,
    });
  }
}
