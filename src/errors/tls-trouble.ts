/** Reason why a TLS connection to a server fails. */
type TlsTrouble = 'plain' | 'self-signed' | 'unknown-authority' | 'expired' | 'other-name' | 'client' | 'handshake'

/** Texts of OpenSSL, with the code of Node.js, and of Go. */
const patterns: readonly (readonly [TlsTrouble, RegExp])[] = [
  [
    'plain',
    /ERR_SSL_(?:WRONG_VERSION_NUMBER|(?:PACKET|DATA)_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL)|EPROTO\b.{0,400}(?:wrong version number|(?:packet|data) length too long|http request|unknown protocol)|server gave HTTP response to HTTPS client|first record does not look like a TLS handshake/i,
  ],
  [
    'unknown-authority',
    /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:VERIFY|GET_ISSUER)|self[- ]signed certificate in certificate chain|certificate signed by unknown authority/i,
  ],
  ['self-signed', /DEPTH_ZERO_SELF_SIGNED_CERT|self[- ]signed certificate/i],
  ['expired', /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|certificate has expired|certificate is not yet valid/i],
  ['other-name', /CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH|x509: (?:certificate is (?:not )?valid for|cannot validate)/i],
  ['client', /(?:ALERT_CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|certificate required|bad certificate)\b/i],
  ['handshake', /ERR_SSL_|\bEPROTO\b|\btls: /],
]

/** Message about a failed TLS connection. */
interface TlsDetails {
  readonly kind: TlsTrouble
  readonly message: string
  readonly remedy: string
  /** Reason in plain words, for the evidence. */
  readonly reason: string
}

/** Details of a TLS error by its text, with the code of Node.js if it has one. Undefined for other errors. */
export function tlsDetails(text: string, host: string): TlsDetails | undefined {
  const trouble = patterns.find(([, pattern]) => pattern.test(text))?.[0]
  return trouble === undefined ? undefined : {kind: trouble, ...detailsOf(trouble, host)}
}

function detailsOf(trouble: TlsTrouble, host: string): Omit<TlsDetails, 'kind'> {
  const trust = `Copy the certificate of its authority to /etc/docker/certs.d/${host}/ca.crt, or set NODE_EXTRA_CA_CERTS to that file.`
  switch (trouble) {
    case 'plain':
      return {
        message: `${host} responded without TLS.`,
        reason: 'the response is not TLS',
        remedy: `If this registry uses plain HTTP, add ${host} to \`insecure-registries\` in the daemon.json of the engine (/etc/docker/daemon.json). Otherwise check the port in \`images\`.`,
      }
    case 'self-signed':
      return {
        message: `The certificate of ${host} is self-signed, and this runner does not trust it.`,
        reason: 'the certificate is self-signed',
        remedy: `Copy the certificate to /etc/docker/certs.d/${host}/ca.crt, or set NODE_EXTRA_CA_CERTS to that file.`,
      }
    case 'unknown-authority':
      return {
        message: `The certificate of ${host} is from an authority that this runner does not trust.`,
        reason: 'the authority of the certificate is unknown',
        remedy: `${trust} If a proxy replaces certificates, use the authority of the proxy.`,
      }
    case 'expired':
      return {
        message: `The certificate of ${host} has expired, or is not valid yet.`,
        reason: 'the certificate is not valid at this time',
        remedy: 'Renew the certificate of the registry, and check the clock of this runner.',
      }
    case 'other-name':
      return {
        message: `The certificate of ${host} is for another host name.`,
        reason: 'the certificate is for another host name',
        remedy: 'Use the name in the certificate for the registry in `images`, or add this name to the certificate.',
      }
    case 'client':
      return {
        message: `${host} requires a certificate of the client, and accepts none that this runner has.`,
        reason: 'the certificate of the client is missing or refused',
        remedy: `Copy it to /etc/docker/certs.d/${host}/client.cert and its key to client.key in the same folder.`,
      }
    case 'handshake':
      return {
        message: `${host} and this runner agree on no version or cipher of TLS.`,
        reason: 'the TLS connection failed',
        remedy:
          'Check the port in `images`, and enable TLS 1.2 or later in the registry or in the proxy in front of it.',
      }
  }
}
