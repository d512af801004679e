import {describe, expect, test} from '@jest/globals'
import type {Demand, DemandedIdentity} from '../../../src/inputs/verify/demand.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import type {CertificateIdentity} from '../../../src/verifying/identity.ts'
import {judgeSignatures, type Examined, type SignatureVerdict} from '../../../src/verifying/judge.ts'
import {workflowServer} from '../../../src/verifying/workflow-server.ts'

const server = workflowServer('https://github.com')
const identity: CertificateIdentity = {
  signer: 'https://github.com/acme/ci/.github/workflows/build.yml@refs/heads/main',
  issuer: server.issuer,
  repository: 'https://github.com/acme/app',
  repositoryId: '1296269',
  workflow: 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3',
  ref: 'refs/tags/v1.2.3',
  runner: 'github-hosted',
}

function demand(signer: Omit<DemandedIdentity, 'kind'>, changes: Partial<Demand> = {}): Demand {
  return {
    line: 1,
    text: 'the demand',
    type: 'signature',
    predicates: [],
    manifests: 'image',
    signer: {kind: 'certificate', ...signer},
    ...changes,
  }
}

function signed(changes: Partial<CertificateIdentity> = {}): Examined {
  return {
    name: 'bundle sha256:1',
    claimed: {type: 'signature', predicateType: 'https://sigstore.dev/cosign/sign/v1'},
    signer: {kind: 'certificate', identity: {...identity, ...changes}},
  }
}

function judge(demands: readonly Demand[], examined: readonly Examined[]): SignatureVerdict {
  return judgeSignatures(
    demands,
    [[{name: 'the image', digest: digestOf(Buffer.from('')), role: 'image', examined}]],
    server,
  )
}

test('a demand that concerns nothing is not met', () => {
  const index = {name: 'the index', digest: digestOf(Buffer.from('')), role: 'index', examined: [signed()]} as const
  const demands = [demand({}, {manifests: 'platforms'})]
  expect(judgeSignatures(demands, [[index]], server).problems).toHaveLength(1)
  expect(judgeSignatures(demands, [], server).problems).toHaveLength(1)
})

describe('an identity', () => {
  const whole = {
    repository: 'acme/app',
    'repository-id': '1296269',
    workflow: '.github/workflows/release.yml',
    ref: 'refs/tags/v*',
    runner: 'github-hosted',
    signer: 'https://github.com/acme/ci/.github/workflows/build.yml@refs/heads/main',
  }

  test('is that of all attributes', () => {
    expect(judge([demand(whole)], [signed()])).toMatchObject({problems: [], others: [], isUntrusted: false})
  })

  test.each<{name: string; changes: Partial<CertificateIdentity>; attribute: string}>([
    {
      name: 'a repository whose name is longer',
      changes: {repository: 'https://github.com/acme/app-evil'},
      attribute: 'repository',
    },
    {
      name: 'an owner whose name is longer',
      changes: {repository: 'https://github.com/evil-acme/app'},
      attribute: 'repository',
    },
    {
      name: 'a repository on a foreign server',
      changes: {repository: 'https://gitlab.com/acme/app'},
      attribute: 'repository',
    },
    {
      name: 'a repository in the path of another',
      changes: {repository: 'https://github.com/evil/acme/app'},
      attribute: 'repository',
    },
    {
      name: 'a repository with another case',
      changes: {repository: 'https://github.com/Acme/app'},
      attribute: 'repository',
    },
    {name: 'no repository at all', changes: {repository: undefined}, attribute: 'repository'},
    {
      name: 'another issuer',
      changes: {issuer: 'https://token.actions.githubusercontent.com.evil'},
      attribute: 'issuer',
    },
    {name: 'the issuer of an enterprise', changes: {issuer: `${server.issuer}/acme`}, attribute: 'issuer'},
    {name: 'another repository with the same name', changes: {repositoryId: '12962690'}, attribute: 'repository-id'},
    {
      name: 'another workflow',
      changes: {workflow: 'https://github.com/acme/app/.github/workflows/test.yml@refs/tags/v1.2.3'},
      attribute: 'workflow',
    },
    {
      name: 'a workflow whose ref has the demanded name',
      changes: {
        workflow: 'https://github.com/acme/app/.github/workflows/test.yml@refs/heads/.github/workflows/release.yml',
      },
      attribute: 'workflow',
    },
    {
      name: 'the workflow of another repository',
      changes: {workflow: 'https://github.com/evil/app/.github/workflows/release.yml@refs/tags/v1.2.3'},
      attribute: 'workflow',
    },
    {name: 'a branch', changes: {ref: 'refs/heads/v1.2.3'}, attribute: 'ref'},
    {name: 'a tag with a slash', changes: {ref: 'refs/tags/v1/evil'}, attribute: 'ref'},
    {name: 'a runner of its own', changes: {runner: 'self-hosted'}, attribute: 'runner'},
    {name: 'the same workflow at another ref', changes: {signer: `${whole.signer}-evil`}, attribute: 'signer'},
  ])('is not $name', ({changes, attribute}) => {
    const verdict = judge([demand(whole)], [signed(changes)])
    expect(verdict).toMatchObject({met: [], isUntrusted: true})
    expect(verdict.problems[1]).toContain(`its ${attribute} is `)
  })

  test('must be that of one and the same signature', () => {
    const examined = [signed({runner: 'self-hosted'}), signed({ref: 'refs/heads/main'})]
    expect(judge([demand(whole)], examined)).toMatchObject({met: [], isUntrusted: true})
    expect(judge([demand(whole)], [...examined, signed()])).toMatchObject({problems: []})
  })

  test('may be that of another issuer, if it is demanded', () => {
    const issuer = 'https://accounts.google.com'
    const person = signed({issuer, signer: 'release@acme.example', repository: undefined})
    expect(judge([demand({issuer, signer: '*@acme.example'})], [person])).toMatchObject({problems: []})
    expect(judge([demand({signer: '*@acme.example'})], [person])).toMatchObject({isUntrusted: true})
  })
})

describe('demands', () => {
  const attested: Examined = {
    ...signed(),
    claimed: {type: 'attestation', predicateType: 'https://spdx.dev/Document/v2.3'},
  }

  test('must all hold', () => {
    const second = demand({repository: 'acme/other'}, {line: 2})
    const verdict = judge([demand({repository: 'acme/app'}), second], [signed()])
    expect(verdict.met).toHaveLength(1)
    expect(verdict.problems[0]).toContain('line 2')
  })

  test('of a signature are not met by an attestation', () => {
    expect(judge([demand({repository: 'acme/app'})], [attested])).toMatchObject({met: [], isUntrusted: false})
  })

  test('of an attestation are met by its predicate type', () => {
    const attestation = demand(
      {repository: 'acme/app'},
      {type: 'attestation', predicates: ['https://spdx.dev/Document/v*']},
    )
    expect(judge([attestation], [attested])).toMatchObject({problems: []})
    expect(judge([attestation], [signed()])).toMatchObject({met: [], isUntrusted: false})
    const others = {...attestation, predicates: ['https://slsa.dev/provenance/v1']}
    expect(judge([others], [attested])).toMatchObject({met: [], isUntrusted: false})
  })

  test('of a key are not met by a certificate, and the other way round', () => {
    const key = {...demand({}), signer: {kind: 'key', name: 'release'} as const}
    const byKey = (names: readonly string[]): Examined => ({...signed(), signer: {kind: 'key', names}})
    expect(judge([key], [signed()])).toMatchObject({isUntrusted: true})
    expect(judge([key], [byKey(['nightly'])])).toMatchObject({isUntrusted: true})
    expect(judge([key], [byKey(['nightly', 'release'])])).toMatchObject({problems: []})
    expect(judge([demand({repository: 'acme/app'})], [byKey(['release'])])).toMatchObject({isUntrusted: true})
  })

  test('are not met by an unverified signature', () => {
    const unverified: Examined = {...signed(), signer: {kind: 'unverified', reason: 'the reason'}}
    expect(judge([demand({repository: 'acme/app'})], [unverified])).toMatchObject({isUntrusted: true})
  })

  test('about platforms concern their manifests', () => {
    const digest = digestOf(Buffer.from(''))
    const subjects = [
      {name: 'the index', digest, role: 'index', examined: [signed()]},
      {name: 'linux/amd64', digest, role: 'platform', examined: []},
    ] as const
    const of = (manifests: Demand['manifests']): readonly string[] =>
      judgeSignatures([demand({repository: 'acme/app'}, {manifests})], [subjects], server).problems
    expect(of('image')).toEqual([])
    expect(of('both').join()).toContain('linux/amd64')
    expect(of('platforms').join()).not.toContain('the index')
  })

  test('of an attestation without `platforms` are met by the index, or by all platforms', () => {
    const digest = digestOf(Buffer.from(''))
    const attestation = demand(
      {repository: 'acme/app'},
      {type: 'attestation', predicates: ['https://spdx.dev/Document/v*'], manifests: 'either'},
    )
    const of = (...examined: readonly (readonly Examined[])[]): SignatureVerdict => {
      const [index = [], amd64 = [], arm64 = []] = examined
      const subjects = [
        {name: 'the index', digest, role: 'index', examined: index},
        {name: 'linux/amd64', digest, role: 'platform', examined: amd64},
        {name: 'linux/arm64', digest, role: 'platform', examined: arm64},
      ] as const
      return judgeSignatures([attestation], [subjects], server)
    }
    const evil: Examined = {...attested, signer: {kind: 'certificate', identity: {...identity, repository: 'x'}}}
    expect(of([attested]).problems).toEqual([])
    expect(of([signed()], [attested, signed()], [attested])).toMatchObject({problems: [], others: []})
    expect(of([], [attested], []).problems.join()).toMatch(/the index.*linux\/arm64/)
    expect(of([], [attested], [evil])).toMatchObject({isUntrusted: true})
    expect(of([evil], [attested], [attested]).problems).toEqual([])
    expect(of().problems).toHaveLength(6)
  })

  test('name each signature once', () => {
    const verdict = judge([demand({repository: 'acme/other'})], [signed()])
    expect(verdict.problems).toHaveLength(2)
    expect(verdict.others).toEqual([])
  })

  test('of a certificate say that a key has signed, and which', () => {
    const unknown: Examined = {
      ...signed(),
      signer: {kind: 'unverified', reason: 'the reason', key: {hint: 'the hint'}},
    }
    const [, line] = judge([demand({repository: 'acme/app'})], [unknown]).problems
    expect(line).toMatch(/the hint.*by a key, not/)
  })

  test('list few of many signatures', () => {
    const many = Array.from({length: 400}, () => signed({repository: 'https://github.com/evil/app'}))
    expect(judge([demand({repository: 'acme/app'})], many).problems).toHaveLength(22)
  })
})

test.each([
  {url: 'https://github.com', issuer: 'https://token.actions.githubusercontent.com'},
  {url: 'https://acme.ghe.com', issuer: 'https://token.actions.acme.ghe.com'},
  {url: 'https://git.acme.example', issuer: 'https://git.acme.example/_services/token'},
])('$url issues tokens as $issuer', ({url, issuer}) => {
  expect(workflowServer(url)).toEqual({url, issuer})
})
