import { type Digest, fault } from '@onebuild/core';
import { digestAlgorithm, isDigest } from '@onebuild/oci';
import { formatSubject, type Subject } from '../answer-fault.ts';
import { headerText } from '../pull/fetch-manifest.ts';
import type { HttpAnswer } from '../transport/http-message.ts';

/**
 * Compares what a registry says that it stored (`Docker-Content-Digest`) with what it was sent; another algorithm, or
 * nothing, says nothing. @throws DIGEST_MISMATCH
 */
export function checkStored(answer: HttpAnswer, digest: Digest, subject: Subject): void {
  const said = headerText(answer.headers['docker-content-digest']);
  if (said === undefined || !isDigest(said) || digestAlgorithm(said) !== digestAlgorithm(digest)) return;
  if (said !== digest) {
    throw fault('DIGEST_MISMATCH', `${formatSubject(subject)}: the registry stored other content, ${said}`);
  }
}
