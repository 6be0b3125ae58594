declare const brand: unique symbol;

/** A string (or number) that only its own parser may make: `Brand<string, 'Digest'>`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Content address, `algorithm:hex` (OCI image spec, descriptor.md#digests). Made by `parseDigest` in `@onebuild/oci`. */
export type Digest = Brand<string, 'Digest'>;

/** One node of a build as displays name it; unique within a build. */
export type StepId = Brand<string, 'StepId'>;
