import type { Places } from './place.ts';
import type { SendRequest } from './transport/http-message.ts';

/** What the verbs of the client share. */
export interface ClientContext {
  /** Follows redirects. */
  readonly send: SendRequest;
  readonly places: Places;
  readonly userAgent: string;
  /** Bytes per `PATCH`; 0: blobs go in one piece. */
  readonly chunkBytes: number;
}
