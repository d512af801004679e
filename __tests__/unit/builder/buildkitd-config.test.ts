import {describe, expect, test} from '@jest/globals'
import {parse} from 'smol-toml'
import {buildkitdConfig} from '../../../src/builder/buildkitd-config.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import type {Mirror} from '../../../src/inputs/inputs.ts'

const near: Mirror = {registry: 'docker.io', location: '127.0.0.1:5000', http: true, line: 1}
const far: Mirror = {registry: 'docker.io', location: 'far.example/hub', http: false, line: 2}
const other: Mirror = {registry: 'ghcr.io', location: 'plain.example:80/ghcr', http: true, line: 3}

async function config(mirrors: readonly Mirror[], inline?: string, file?: string): Promise<unknown> {
  return parse((await buildkitdConfig({file, inline, mirrors})) ?? 'nothing = true')
}

describe('the configuration of BuildKit', () => {
  test.each([
    {name: 'none', given: {file: undefined, inline: undefined}, expected: undefined},
    {name: 'a file', given: {file: '# mine\ndebug = true\n', inline: undefined}, expected: '# mine\ndebug = true\n'},
    {name: 'inline', given: {file: undefined, inline: 'debug = maybe'}, expected: 'debug = maybe'},
  ])('without mirrors is as it was written: $name', async ({given, expected}) => {
    expect(await buildkitdConfig({...given, mirrors: []})).toBe(expected)
  })

  test('with mirrors alone', async () => {
    expect(await buildkitdConfig({file: undefined, inline: undefined, mirrors: [near, far, other]}))
      .toBe(`[registry."docker.io"]
mirrors = [ "127.0.0.1:5000", "far.example/hub" ]

[registry."ghcr.io"]
mirrors = [ "plain.example:80/ghcr" ]

[registry."127.0.0.1:5000"]
http = true

[registry."plain.example:80"]
http = true
`)
  })

  test.each([
    {name: 'which the machine has for every builder', given: {}, expected: {trace: true}},
    {name: 'but not beside one that is given', given: {inline: 'debug = true'}, expected: {debug: true}},
    {name: 'but not beside a file that is given', given: {file: 'debug = true'}, expected: {debug: true}},
  ])('starts from the file $name', async ({given, expected}) => {
    const request = {file: undefined, inline: undefined, byDefault: 'trace = true', mirrors: [far], ...given}
    expect(parse((await buildkitdConfig(request)) ?? '')).toEqual({
      ...expected,
      registry: {'docker.io': {mirrors: ['far.example/hub']}},
    })
  })

  test('keeps everything else that the user wrote', async () => {
    const inline = `
debug = true
insecure-entitlements = [ "network.host" ]
[worker.oci]
  max-parallelism = 4
  gc = false
  [[worker.oci.gcpolicy]]
    keepBytes = 1024000000
    filters = [ "type==source.local" ]
  [[worker.oci.gcpolicy]]
    all = true
[registry."docker.io"]
  mirrors = ["own.example", "far.example/hub"]
  ca = ["/etc/my ca.pem"]
[registry."quay.io"]
  insecure = true
`
    expect(await config([far], inline)).toEqual({
      ...parse(inline),
      worker: {
        oci: {
          'max-parallelism': 4,
          gc: false,
          gcpolicy: [{keepBytes: 1024000000, filters: ['type==source.local']}, {all: true}],
        },
      },
      registry: {
        'docker.io': {mirrors: ['far.example/hub', 'own.example'], ca: ['/etc/my ca.pem']},
        'quay.io': {insecure: true},
      },
    })
  })

  test('keeps an integer that is too large for a number', async () => {
    const text = await buildkitdConfig({file: 'keepBytes = 9007199254740993', inline: undefined, mirrors: [far]})
    expect(text).toContain('keepBytes = 9007199254740993\n')
  })

  test('keeps HTTPS for a mirror that the user configures', async () => {
    const file = '[registry."127.0.0.1:5000"]\nhttp = false\ninsecure = true'
    expect(await config([near], undefined, file)).toEqual({
      registry: {'docker.io': {mirrors: ['127.0.0.1:5000']}, '127.0.0.1:5000': {http: false, insecure: true}},
    })
  })

  test.each([
    {name: 'buildkitd-config-inline', inline: 'debug = true\nworker = = 1', file: undefined},
    {name: 'buildkitd-config', inline: undefined, file: 'debug = true\nworker = = 1'},
    {name: 'buildkitd.default.toml', inline: undefined, file: undefined, byDefault: 'debug = true\nworker = = 1'},
  ])('reports the position if $name is not TOML', async ({name, ...given}) => {
    const failure: unknown = await buildkitdConfig({...given, mirrors: [near]}).catch((error: unknown) => error)
    if (!(failure instanceof TagboatError)) throw new Error('it was taken')
    expect(failure.code).toBe('input-invalid')
    expect(failure.evidence).toEqual([expect.stringMatching(new RegExp(`^${name}, line 2, column \\d+: Invalid TOML`))])
  })
})
