import {describe, expect, test} from '@jest/globals'
import {InputReader} from '../../../../src/inputs/input-reader.ts'
import {Problems} from '../../../../src/inputs/problem.ts'
import type {VerifyInputs} from '../../../../src/inputs/verify/demand.ts'
import {readVerifyInputs} from '../../../../src/inputs/verify/verify-inputs.ts'

const pem = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----'

function read(verify: string, keys = ''): {readonly inputs: VerifyInputs; readonly places: readonly string[]} {
  const problems = new Problems()
  const inputs = readVerifyInputs(
    new InputReader(
      new Map([
        ['verify', verify],
        ['verify-key', keys],
      ]),
      problems,
    ),
  )
  return {inputs, places: problems.all.map(({input, line, column}) => [input, line, column].join(' '))}
}

describe('demands', () => {
  test('name a repository and its workflow', () => {
    const text =
      'type=signature,repository=acme/app,workflow=.github/workflows/release.yml,ref=refs/tags/v*,runner=github-hosted'
    expect(read(text)).toEqual({
      inputs: {
        demands: [
          {
            line: 1,
            text,
            type: 'signature',
            predicates: [],
            manifests: 'image',
            signer: {
              kind: 'certificate',
              repository: 'acme/app',
              workflow: '.github/workflows/release.yml',
              ref: 'refs/tags/v*',
              runner: 'github-hosted',
            },
          },
        ],
        keys: [],
        trustFile: undefined,
      },
      places: [],
    })
  })

  test.each([
    {name: 'spdx', expected: ['https://spdx.dev/Document', 'https://spdx.dev/Document/v*']},
    {name: 'https://acme.example/review/v1', expected: ['https://acme.example/review/v1']},
  ])('name the predicate $name', ({name, expected}) => {
    const {inputs} = read(`# comment\n\ntype=attestation, predicate=${name}, repository=acme/app, platforms=only`)
    expect(inputs.demands).toMatchObject([{line: 3, predicates: expected, manifests: 'platforms'}])
  })

  test.each([
    {platforms: '', manifests: 'either'},
    {platforms: ',platforms=false', manifests: 'image'},
    {platforms: ',platforms=true', manifests: 'both'},
  ])('of attestations concern manifests$platforms: $manifests', ({platforms, manifests}) => {
    const {inputs} = read(`type=attestation,predicate=spdx,repository=acme/app${platforms}`)
    expect(inputs.demands).toMatchObject([{manifests}])
  })

  test.each([
    {name: 'the only key', verify: 'type=signature,key', keys: pem, expected: undefined},
    {name: 'the only key, with an empty name', verify: 'type=signature,key=', keys: 'cosign.pub', expected: undefined},
    {name: 'a key by its name', verify: 'type=signature,key=b', keys: `a=a.pub\nb=${pem}`, expected: 'b'},
  ])('name $name', ({verify, keys, expected}) => {
    expect(read(verify, keys)).toMatchObject({inputs: {demands: [{signer: {kind: 'key', name: expected}}]}, places: []})
  })

  test.each([
    'signer=*@acme.example,issuer=https://accounts.google.com',
    'signer=https://github.com/acme/*/.github/workflows/*@refs/heads/*',
    'signer=https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main,issuer=https://gitlab.com',
    'repository=acme/*,ref=refs/heads/*/*,workflow=.github/workflows/*.yml',
  ])('may have patterns: %s', (text) => {
    expect(read(`type=signature,${text}`).places).toEqual([])
  })

  test.each([
    {name: 'a key without a name', keys: pem, remedy: /`release=`.*`key` alone/},
    {name: 'a similar name', keys: `relase=${pem}`, remedy: /"relase"/},
  ])('explain $name', ({keys, remedy}) => {
    const problems = new Problems()
    const raw = new Map(Object.entries({verify: 'type=signature,key=release', 'verify-key': keys}))
    readVerifyInputs(new InputReader(raw, problems))
    expect(problems.all.map((one) => one.remedy)).toEqual([expect.stringMatching(remedy)])
  })

  test.each<{name: string; verify: string; keys?: string; places: readonly string[]}>([
    {name: 'no type', verify: 'repository=acme/app', places: ['verify 1 1']},
    {name: 'an unknown type', verify: 'type=sbom,repository=acme/app', places: ['verify 1 1']},
    {name: 'an unknown attribute', verify: 'type=signature,repo=acme/app,repository=acme/app', places: ['verify 1 16']},
    {name: 'no signer', verify: 'type=signature,ref=refs/heads/main', places: ['verify 1 1']},
    {name: 'any signer', verify: 'type=signature,signer=*', places: ['verify 1 16']},
    ...[
      {text: 'signer=https://github.com/*/*/.github/workflows/*@refs/heads/*', at: 16},
      {text: 'signer=https://*', at: 16},
      {text: 'signer=https://*.github.com/acme/app', at: 16},
      {text: 'signer=https://github.com/ac*/app/.github/workflows/a.yml@refs/heads/main', at: 16},
      {text: 'signer=**', at: 16},
      {text: 'signer=dev@*.example,issuer=https://accounts.google.com', at: 16},
      {text: 'signer=dev@acme.example', at: 16},
      {text: 'repository=acme/app,issuer=*', at: 36},
      {text: 'repository=acme/app,issuer=https://*.example', at: 36},
      {text: 'repository=acme/app,ref=refs/heads/**', at: 36},
      {text: 'repository=acme/**', at: 16},
      {text: 'repository=acme/app,workflow=.github/workflows/build.yml@main', at: 36},
      {text: 'repository=acme/app,workflow=.github/workflows/**', at: 36},
    ].map(({text, at}) => ({
      name: `a signer by ${text}`,
      verify: `type=signature,${text}`,
      places: [`verify 1 ${at}`],
    })),
    {
      name: 'any predicate',
      verify: 'type=attestation,predicate=https://*/*,repository=acme/app',
      places: ['verify 1 18'],
    },
    {name: 'any owner', verify: 'type=signature,repository=*/app', places: ['verify 1 16']},
    {name: 'a repository without its owner', verify: 'type=signature,repository=app', places: ['verify 1 16']},
    {
      name: 'an address of a repository',
      verify: 'type=signature,repository=https://github.com/acme/app',
      places: ['verify 1 16'],
    },
    {name: 'a short ref', verify: 'type=signature,repository=acme/app,ref=main', places: ['verify 1 36']},
    {
      name: 'a short workflow',
      verify: 'type=signature,repository=acme/app,workflow=release.yml',
      places: ['verify 1 36'],
    },
    {
      name: 'a workflow without its repository',
      verify: 'type=signature,signer=x/y,workflow=.github/workflows/a.yml',
      places: ['verify 1 27'],
    },
    {name: 'an unknown runner', verify: 'type=signature,repository=acme/app,runner=github', places: ['verify 1 36']},
    {
      name: 'a name as a number',
      verify: 'type=signature,repository=acme/app,repository-id=acme',
      places: ['verify 1 36'],
    },
    {
      name: 'a predicate of a signature',
      verify: 'type=signature,predicate=spdx,repository=acme/app',
      places: ['verify 1 16'],
    },
    {
      name: 'an attestation without a predicate',
      verify: 'type=attestation,repository=acme/app',
      places: ['verify 1 1'],
    },
    {
      name: 'an unknown predicate',
      verify: 'type=attestation,predicate=sbom,repository=acme/app',
      places: ['verify 1 18'],
    },
    {
      name: 'an attribute twice',
      verify: 'type=signature,repository=acme/app,repository=acme/b',
      places: ['verify 1 36'],
    },
    {name: 'an empty attribute', verify: 'type=signature,repository=acme/app,ref=', places: ['verify 1 36']},
    {
      name: 'a key with an identity',
      verify: 'type=signature,key,repository=acme/app',
      keys: pem,
      places: ['verify 1 20'],
    },
    {name: 'a key that does not exist', verify: 'type=signature,key', places: ['verify 1 ']},
    {name: 'a name of another key', verify: 'type=signature,key=b', keys: `a=${pem}`, places: ['verify 1 ']},
    {name: 'which key', verify: 'type=signature,key', keys: `a=${pem}\nb=${pem}`, places: ['verify 1 ']},
    {name: 'an open quote', verify: 'type=signature,"repository=acme/app', places: ['verify 1 16']},
  ])('do not name $name', ({verify, keys, places}) => {
    expect(read(verify, keys).places).toEqual(places)
  })
})

describe('keys', () => {
  test('are texts and files, with names', () => {
    const text = `# keys of the team\na=keys/a.pub\nb=\n${pem}\nc=${pem}\n`
    expect(read('type=signature,key=a', text).inputs.keys).toEqual([
      {name: 'a', line: 2, source: {kind: 'file', path: 'keys/a.pub'}},
      {name: 'b', line: 4, source: {kind: 'pem', pem: `${pem}\n`}},
      {name: 'c', line: 7, source: {kind: 'pem', pem: `${pem}\n`}},
    ])
  })

  test.each([
    {name: 'a text without an end', keys: '-----BEGIN PUBLIC KEY-----\nMFkw', places: ['verify 1 ', 'verify-key 1 ']},
    {name: 'a private key', keys: pem.replaceAll('PUBLIC', 'PRIVATE'), places: ['verify 1 ', 'verify-key 1 ']},
    {name: 'a name without a key', keys: `a=\nb=b.pub`, places: ['verify-key 1 ']},
    {name: 'a name twice', keys: `a=a.pub\na=b.pub`, places: ['verify 1 ', 'verify-key 2 ']},
    {name: 'keys without names', keys: `${pem}\n${pem}`, places: ['verify 1 ', 'verify-key 1 ', 'verify-key 4 ']},
  ])('are not $name', ({keys, places}) => {
    expect([...read('type=signature,key', keys).places].sort()).toEqual(places)
  })

  test('are demanded', () => {
    expect(read('type=signature,repository=acme/app', pem).places).toEqual(['verify-key  '])
  })
})
