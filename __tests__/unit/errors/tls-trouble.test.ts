import {describe, expect, test} from '@jest/globals'
import {tlsDetails} from '../../../src/errors/tls-trouble.ts'

const ssl = '00A:error:0A00010B:SSL routines:ssl3_get_record'

describe('tlsDetails', () => {
  test.each([
    {name: 'plain HTTP', text: `EPROTO write EPROTO ${ssl}:wrong version number:`, kind: 'plain'},
    {name: 'noise', text: 'ERR_SSL_PACKET_LENGTH_TOO_LONG packet length too long', kind: 'plain'},
    {
      name: 'plain HTTP, by Go',
      text: 'Get "https://r.example/v2/": http: server gave HTTP response to HTTPS client',
      kind: 'plain',
    },
    {
      name: 'a self-signed certificate',
      text: 'DEPTH_ZERO_SELF_SIGNED_CERT self-signed certificate',
      kind: 'self-signed',
    },
    {
      name: 'a self-signed authority',
      text: 'SELF_SIGNED_CERT_IN_CHAIN self-signed certificate in certificate chain',
      kind: 'unknown-authority',
    },
    {
      name: 'an unknown authority',
      text: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE unable to verify the first certificate',
      kind: 'unknown-authority',
    },
    {
      name: 'an unknown authority, by Go',
      text: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      kind: 'unknown-authority',
    },
    {
      name: 'an expired certificate',
      text: 'CERT_HAS_EXPIRED certificate has expired',
      kind: 'expired',
    },
    {
      name: 'an expired certificate, by Go',
      text: 'x509: certificate has expired or is not yet valid: current time 2026-01-02',
      kind: 'expired',
    },
    {
      name: 'another name',
      text: "ERR_TLS_CERT_ALTNAME_INVALID Hostname/IP does not match certificate's altnames",
      kind: 'other-name',
    },
    {
      name: 'another name, by Go',
      text: 'x509: certificate is valid for a.example, not r.example',
      kind: 'other-name',
    },
    {
      name: 'a certificate of the client',
      text: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED tlsv13 alert certificate required',
      kind: 'client',
    },
    {
      name: 'no common version',
      text: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION tlsv1 alert protocol version',
      kind: 'handshake',
    },
    {name: 'a closed connection', text: 'ECONNRESET socket hang up', kind: undefined},
    {name: 'a refused connection', text: 'connect ECONNREFUSED 127.0.0.1:1', kind: undefined},
  ])('$name', ({text, kind}) => {
    expect(tlsDetails(text, 'r.example')?.kind).toBe(kind)
  })

  test.each([
    {text: 'EPROTO wrong version number', values: ['r.example:5000', 'insecure-registries', 'daemon.json']},
    {text: 'DEPTH_ZERO_SELF_SIGNED_CERT', values: ['/etc/docker/certs.d/r.example:5000/ca.crt', 'NODE_EXTRA_CA_CERTS']},
    {text: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', values: ['/etc/docker/certs.d/r.example:5000/ca.crt', 'proxy']},
    {text: 'CERT_HAS_EXPIRED', values: ['clock']},
  ])('the remedy names what to change: $text', ({text, values}) => {
    const remedy = tlsDetails(text, 'r.example:5000')?.remedy
    for (const value of values) expect(remedy).toContain(value)
  })
})
