import {describe, expect, test} from '@jest/globals'
import {engineImageDetails, registryTrouble, troubleDetails} from '../../../src/buildx/registry-trouble.ts'

const failed = 'ERROR: failed to build: failed to solve: failed to push'

describe('registryTrouble', () => {
  test.each([
    {
      name: 'plain HTTP',
      given: `${failed} 172.17.0.1:5000/app: failed to do request: Head "https://172.17.0.1:5000/v2/app/blobs/sha256:00": http: server gave HTTP response to HTTPS client`,
      expected: {kind: 'plain-http', host: '172.17.0.1:5000'},
    },
    {
      name: 'a certificate',
      given: `${failed} reg.example/app: failed to do request: Head "https://reg.example/v2/app/blobs/sha256:00": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      expected: {kind: 'untrusted', host: 'reg.example'},
    },
    {
      name: 'loopback',
      given: `${failed} localhost:5000/app: failed to do request: Head "http://localhost:5000/v2/app/blobs/sha256:00": dial tcp [::1]:5000: connect: connection refused`,
      expected: {kind: 'loopback', host: 'localhost:5000'},
    },
    {
      name: 'another address that refuses',
      given: `${failed} reg.example/app: failed to do request: Head "https://reg.example/v2/": dial tcp 10.0.0.1:443: connect: connection refused`,
      expected: undefined,
    },
    {name: 'no address', given: `${failed} reg.example/app: unexpected EOF`, expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(registryTrouble(['#5 pushing', given])).toEqual(expected)
  })
})

describe('the remedy', () => {
  const host = 'reg.example:5000'
  const own = {name: 'tagboat-1', driver: 'docker-container', isOwn: true}
  const users = {name: 'builder-1', driver: 'docker-container', isOwn: false}
  const remote = {name: 'far', driver: 'remote', isOwn: false}
  const engine = {name: 'default', driver: 'docker', isOwn: false}

  test.each([
    {kind: 'plain-http', builder: own, remedy: /^Set `buildkitd-config-inline` with .*reg\.example:5000.*http = true/},
    {kind: 'plain-http', builder: users, remedy: /docker\/setup-buildx-action/},
    {kind: 'plain-http', builder: remote, remedy: /buildkitd\.toml/},
    {kind: 'plain-http', builder: engine, remedy: /insecure-registries/},
    {kind: 'untrusted', builder: own, remedy: /^Set `buildkitd-config-inline` with .*ca = /},
    {kind: 'untrusted', builder: engine, remedy: /certs\.d\/reg\.example:5000\/ca\.crt/},
    {kind: 'loopback', builder: users, remedy: /`driver-opts: network=host`/},
  ] as const)('for $kind and the builder $builder.name', ({kind, builder, remedy}) => {
    const details = troubleDetails({kind, host}, builder)
    expect(details?.remedy).toMatch(remedy)
    expect(details?.message).toContain(host)
  })

  test.each([own, remote, engine])('for a loopback address does not concern the builder $name', (builder) => {
    expect(troubleDetails({kind: 'loopback', host}, builder)).toBeUndefined()
  })

  test.each([
    {canPushTagged: true, remedy: /^Set `driver: docker`/},
    {canPushTagged: false, remedy: /^Push the base image to a registry/},
  ])('for an image that only the engine has: canPushTagged $canPushTagged', ({canPushTagged, remedy}) => {
    const {message, remedy: text} = engineImageDetails('acme/base:ci', users, canPushTagged)
    expect(message).toContain('acme/base:ci')
    expect(text).toMatch(remedy)
  })
})
