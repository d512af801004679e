import {describe, expect, test} from '@jest/globals'
import {connectionDetails, reasonWithCode} from '../../../src/errors/connection-trouble.ts'

const host = 'r.example'
const get = 'Error response from daemon: Get "https://r.example/v2/":'

describe('connectionDetails', () => {
  test.each([
    {
      text: `${get} dial tcp 192.0.2.1:443: connect: connection refused`,
      reason: 'the connection to 192.0.2.1:443 was refused',
    },
    {text: 'ECONNREFUSED connect ECONNREFUSED 127.0.0.1:1', reason: 'the connection to 127.0.0.1:1 was refused'},
    {text: 'ECONNREFUSED ', reason: 'the connection was refused'},
    {text: `${get} dial tcp: lookup r.example on 127.0.0.53:53: no such host`, reason: 'no server has this host name'},
    {text: 'ENOTFOUND getaddrinfo ENOTFOUND r.example', reason: 'no server has this host name'},
    {text: 'EAI_AGAIN getaddrinfo EAI_AGAIN r.example', reason: 'the name server did not respond'},
    {
      text: `${get} dial tcp: lookup r.example on 127.0.0.53:53: read udp: i/o timeout`,
      reason: 'the name server did not respond',
    },
    {text: `${get} dial tcp: lookup r.example: server misbehaving`, reason: 'the name server did not respond'},
    {text: `${get} dial tcp 192.0.2.1:443: connect: no route to host`, reason: 'there is no route to 192.0.2.1:443'},
    {text: 'ENETUNREACH ', reason: 'there is no route to it'},
    {text: `${get} dial tcp 192.0.2.1:443: i/o timeout`, reason: 'the connection to 192.0.2.1:443 timed out'},
    {text: `${get} net/http: TLS handshake timeout`, reason: 'the connection timed out'},
    {
      text: `${get} context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      reason: 'the connection timed out',
    },
    {text: 'ETIMEDOUT no data for 30 s', reason: 'the connection timed out'},
    {
      text: `${get} read tcp 10.0.0.1:5->192.0.2.1:443: read: connection reset by peer`,
      reason: 'the connection was closed before the response',
    },
    {text: `${get} EOF`, reason: 'the connection was closed before the response'},
    {text: 'ECONNRESET socket hang up', reason: 'the connection was closed before the response'},
    {
      text: `${get} proxyconnect tcp: dial tcp 192.0.2.1:3128: connect: connection refused`,
      reason: 'the proxy of this runner did not respond',
    },
  ])('$text', ({text, reason}) => {
    const details = connectionDetails(text, host)
    expect(details?.reason).toBe(reason)
    expect(details?.message).toBe(`r.example did not respond: ${reason}.`)
    expect(`${details?.message} ${details?.remedy}`).not.toMatch(/dial|lookup|\bE[A-Z]{4,}\b|"/)
  })

  test.each([
    {host: '123456789012.dkr.ecr.eu-wst-1.amazonaws.com', part: 'the region eu-wst-1'},
    {host: '123456789012.dkr-ecr-fips.us-gov-est-1.on.aws', part: 'the region us-gov-est-1'},
    {host: 'api.ecr.cn-noth-1.amazonaws.com.cn', part: 'the region cn-noth-1'},
    {host: 'sts.eusc-de-est-1.amazonaws.eu', part: 'the region eusc-de-est-1'},
    {host: 'europ-west1-docker.pkg.dev', part: 'the location europ-west1'},
    {host: 'r.example', part: 'the spelling of r.example'},
  ])('names the part of $host that has no server', ({host, part}) => {
    for (const text of ['ENOTFOUND getaddrinfo', `${get} dial tcp: lookup ${host}: no such host`])
      expect(connectionDetails(text, host)?.remedy).toContain(`Check ${part}`)
  })

  test.each([
    {code: 'ENOTFOUND', expected: 'no server has this host name (ENOTFOUND)'},
    {code: 'EPROTO', expected: 'no server has this host name'},
    {code: undefined, expected: 'no server has this host name'},
  ])('shows the code of Node.js, but not that of all trouble with TLS: $code', ({code, expected}) => {
    expect(reasonWithCode({reason: 'no server has this host name'}, code)).toBe(expected)
  })

  test('has the words for certificates', () => {
    const details = connectionDetails(
      `${get} tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      host,
    )
    expect(details?.reason).toBe('the authority of the certificate is unknown')
    expect(details?.message).toMatch(/^The certificate of r\.example /)
  })

  test('does not repeat the host as an address', () => {
    expect(connectionDetails('dial tcp 127.0.0.1:1: connect: connection refused', '127.0.0.1:1')?.reason).toBe(
      'the connection was refused',
    )
  })

  test.each(['', 'unauthorized: incorrect username or password', 'failed with status: 500 Internal Server Error'])(
    'knows nothing of %j',
    (text) => {
      expect(connectionDetails(text, host)).toBeUndefined()
    },
  )
})
