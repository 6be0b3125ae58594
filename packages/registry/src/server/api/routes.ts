import { deleteBlob, getBlob, headBlob } from './blob-routes.ts';
import type { Exchange } from './exchange.ts';
import { listReferrers, listRepositories, listTags, ping } from './listing-routes.ts';
import { deleteManifest, getManifest, putManifest } from './manifest-routes.ts';
import { appendUpload, cancelUpload, finishUpload, startUpload, uploadStatus } from './upload-routes.ts';

export type Route = (exchange: Exchange) => Promise<void>;

/** `reads`: changes nothing; `writes`: not on a read-only registry; `deletes`: only where deletion is on. */
export type Effect = 'reads' | 'writes' | 'deletes';

export interface Resource {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, readonly [Effect, Route]>>;
}

/** OCI distribution spec, "Endpoints". The first path that fits is the one; names are checked by the routes. */
export const resources: readonly Resource[] = [
  { path: /^\/v2\/?$/, methods: { GET: ['reads', ping], HEAD: ['reads', ping] } },
  { path: /^\/v2\/_catalog$/, methods: { GET: ['reads', listRepositories] } },
  { path: /^\/v2\/(.+)\/blobs\/uploads\/?$/, methods: { POST: ['writes', startUpload] } },
  {
    path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    methods: {
      GET: ['reads', uploadStatus],
      HEAD: ['reads', uploadStatus],
      PATCH: ['writes', appendUpload],
      PUT: ['writes', finishUpload],
      DELETE: ['writes', cancelUpload],
    },
  },
  {
    path: /^\/v2\/(.+)\/blobs\/([^/]+)$/,
    methods: { GET: ['reads', getBlob], HEAD: ['reads', headBlob], DELETE: ['deletes', deleteBlob] },
  },
  {
    path: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    methods: {
      GET: ['reads', getManifest],
      HEAD: ['reads', getManifest],
      PUT: ['writes', putManifest],
      DELETE: ['deletes', deleteManifest],
    },
  },
  { path: /^\/v2\/(.+)\/tags\/list$/, methods: { GET: ['reads', listTags] } },
  { path: /^\/v2\/(.+)\/referrers\/([^/]+)$/, methods: { GET: ['reads', listReferrers] } },
];
