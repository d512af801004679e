import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../src/commands/promote.ts'
import {publish} from '../../../src/commands/publish.ts'
import {InputReader} from '../../../src/inputs/input-reader.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readSignInputs} from '../../../src/inputs/sign-inputs.ts'
import {runCommand} from '../../../testing/command-run.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

function read(inputs: Readonly<Record<string, string>>): {readonly sign: unknown; readonly names: readonly string[]} {
  const problems = new Problems()
  const sign = readSignInputs(new InputReader(new Map(Object.entries(inputs)), problems))
  return {sign, names: problems.all.map(({input}) => input)}
}

describe('keyless', () => {
  test.each([
    {name: 'alone', sign: 'keyless', ways: ['keyless']},
    {name: 'with a key', sign: 'key\nkeyless', ways: ['keyless', 'key']},
    {name: 'twice, in upper case', sign: 'KEYLESS, keyless', ways: ['keyless']},
  ])('$name', ({sign, ways}) => {
    expect(read({sign, 'sign-key': 'x'})).toMatchObject({sign: {ways, log: 'auto', configFile: undefined}, names: []})
  })

  test.each([
    {name: 'a log', inputs: {sign: 'key', 'sign-log': 'public'}, names: ['sign-log']},
    {name: 'an unknown log', inputs: {sign: 'keyless', 'sign-log': 'private'}, names: ['sign-log']},
    {
      name: 'services',
      inputs: {sign: 'key', 'sigstore-config': 'c.json', 'sigstore-trust': 't.json'},
      names: ['sigstore-config'],
    },
    {
      name: 'services without trust',
      inputs: {sign: 'keyless', 'sigstore-config': 'c.json'},
      names: ['sigstore-config'],
    },
    {name: 'an unknown way', inputs: {sign: 'keyles'}, names: ['sign']},
  ])('is needed or complete: $name', ({inputs, names}) => {
    expect(read(inputs).names).toEqual(names)
  })
})

test.each([
  {name: 'a file that is missing', inputs: {'sigstore-config': 'missing.json', 'sigstore-trust': 'missing.json'}},
  {
    name: 'files of another form',
    inputs: {'sigstore-config': 'user/config.json', 'sigstore-trust': 'user/config.json'},
  },
])('$name is an error before the first request', async ({inputs}) => {
  const {failure, io} = await runCommand(promote, {
    builds: false,
    registries: [],
    inputs: {images: 'r.example/o/app', digests: `sha256:${'0'.repeat(64)}`, sign: 'keyless', ...inputs},
  })
  expect(failure).toMatchObject({
    code: 'input-invalid',
    evidence: [expect.stringContaining('sigstore-config'), expect.stringContaining('sigstore-trust')],
  })
  expect(io.workflow.log.join()).not.toContain('undefined')
})

test.each(['true', 'registry'])('dry-run: %s needs the right to ID tokens, and requests none', async (dryRun) => {
  const inputs = {images: 'r.example/o/app', digests: `sha256:${'0'.repeat(64)}`, sign: 'keyless', 'dry-run': dryRun}
  const {failure} = await runCommand(promote, {builds: false, registries: [], inputs})
  expect(failure?.code).toBe('sign-identity-missing')
})

test.each([
  {name: 'a private repository', repository: {private: true}, inputs: {}, code: 'sign-log-public'},
  {name: 'an internal one', repository: {visibility: 'internal', private: true}, inputs: {}, code: 'sign-log-public'},
  {name: 'one that may be named', repository: {private: true}, inputs: {'sign-log': 'public'}, code: undefined},
  {name: 'a public repository', repository: {visibility: 'public'}, inputs: {}, code: undefined},
  {name: 'an unknown repository', repository: {}, inputs: {}, code: undefined},
])('a dry run for $name: $code', async ({repository, inputs, code}) => {
  await using directory = await temporaryDirectory()
  const event = path.join(directory.path, 'event.json')
  await writeFile(event, JSON.stringify({repository: {full_name: 'o/app', ...repository}}))
  const {failure} = await runCommand(publish, {
    environment: {
      GITHUB_EVENT_PATH: event,
      ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example/',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'canary-1',
    },
    inputs: {images: 'r.example/o/app', sign: 'keyless', 'dry-run': 'true', ...inputs},
  })
  expect(failure?.code).toBe(code)
})
