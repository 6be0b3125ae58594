/** OCI image spec, image-index.md#image-index-property-descriptions: `os`, `architecture` and `variant` in Go's words. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}
