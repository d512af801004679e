/** Addresses of an instance of Sigstore. */
export interface SigstoreServices {
  /** Certificate authority (Fulcio): base of `/api/v2/signingCert`. */
  readonly authority: URL
  /** Transparency log (Rekor v1): base of `/api/v1/log/entries`. Undefined if the instance has none. */
  readonly log: URL | undefined
  /** Timestamp authority (RFC 3161): address of its requests. Undefined if the instance has none. */
  readonly timestamps: URL | undefined
}

/**
 * Lists the services that publish the identity of a signer: the authority writes each certificate into its log, too. Those
 * of other instances are private to their owner. A timestamp authority gets a hash only.
 */
export function publishingServices({authority, log}: SigstoreServices): readonly URL[] {
  return [authority, log]
    .filter((url) => url !== undefined)
    .filter(({hostname}) => /(?:^|\.)sigst(?:ore|age)\.dev$/.test(hostname))
}

/** Public instance: https://docs.sigstore.dev/about/overview/. Rekor v1 stays its default log. */
export const publicServices: SigstoreServices = {
  authority: new URL('https://fulcio.sigstore.dev'),
  log: new URL('https://rekor.sigstore.dev'),
  timestamps: new URL('https://timestamp.sigstore.dev/api/v1/timestamp'),
}
