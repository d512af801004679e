import {describe, expect, test} from '@jest/globals'
import {prepare, type Prepared} from '../../../src/prepare/prepare.ts'
import {formatTagRef} from '../../../src/oci/reference.ts'
import {ruleText} from '../../../src/tags/rules/rule.ts'
import {formatReason} from '../../../src/reasons/reason.ts'
import {loadEvent} from '../../../testing/events.ts'
import {fakeIo, scriptedGitHub} from '../../../testing/fake-io.ts'

type Given = Readonly<Record<string, string>>

async function prepared(event: string, inputs: Given, variables: Given = {}): Promise<Prepared> {
  const {environment, payloadPath} = loadEvent(event)
  const io = fakeIo({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath, ...variables},
    inputs: new Map(Object.entries({'dry-run': 'true', ...inputs})),
    gitHub: () => scriptedGitHub({}),
  })
  return prepare(io)
}

/** `reference: rule` of each tag. */
function tagsOf({plan}: Prepared): readonly string[] {
  return plan.tags.map(({reference, source}) => `${formatTagRef(reference)}: ${ruleText(source)}`)
}

const pushing = 'type=local,dest=out\ntype=image,"name=r.example/dev/app,user/app:dev",push=true'
const ofOutputs = ['r.example/dev/app:latest', 'user/app:dev'].map((name) => `${name}: ${name} (outputs, line 2)`)
const raw = {tags: 'type=raw,value=one'}

describe('names in outputs that push', () => {
  test.each([
    {name: 'alone, are all that is published', inputs: {}, expected: ofOutputs},
    {
      name: 'are published besides what the rules give',
      inputs: {...raw, images: 'r.example/a'},
      expected: ['r.example/a:one: type=raw,value=one (tags, line 1)', ...ofOutputs],
    },
    {
      name: 'are published besides the default strategy, where images are named',
      inputs: {images: 'r.example/a', 'metadata-context': 'workflow'},
      expected: [
        'r.example/a:1.2.3: type=semver,pattern={{version}} (default strategy)',
        'r.example/a:1.2: type=semver,pattern={{major}}.{{minor}} (default strategy)',
        'r.example/a:1: type=semver,pattern={{major}} (default strategy)',
        'r.example/a:sha-6113728: type=sha (default strategy)',
        'r.example/a:latest: type=semver,pattern={{version}} (default strategy)',
        ...ofOutputs,
      ],
    },
    {
      name: 'belong to no environment: an output keeps the name that it says',
      inputs: {images: 'r.example/a', ...raw, environment: 'staging'},
      expected: ['r.example/a:one-staging: type=raw,value=one (tags, line 1)', ...ofOutputs],
    },
  ])('$name', async ({inputs, expected}) => {
    const done = await prepared('push-tag', {outputs: pushing, ...inputs})
    expect(done.plan.push.do).toBe(true)
    expect(tagsOf(done).map((line) => line.replace(/,enable=.*?(?= \()/, ''))).toEqual(expected)
    expect(done.notices).toEqual([])
  })

  test.each([
    {name: 'a pull request', event: 'pull-request', inputs: {}},
    {name: 'a fork', event: 'pull-request-fork', inputs: {}},
    {name: 'Dependabot', event: 'pull-request-dependabot', inputs: {}},
  ])('are published by no run of $name, which a notice says', async ({event, inputs}) => {
    const done = await prepared(event, {outputs: `${pushing}\ntype=registry`, ...inputs})
    expect(done.plan.push.do).toBe(false)
    expect(done.notices).toEqual([
      expect.stringMatching(/^outputs, line 2: /),
      expect.stringMatching(/^outputs, line 3: /),
    ])
    for (const notice of done.notices) expect(notice).toContain(formatReason(done.plan.push.reason))
  })

  test.each([
    {name: 'that is not pushed', outputs: 'type=image,name=r.example/acme/named', says: true},
    {name: 'which the user disables', outputs: 'type=image,name=r.example/acme/named,push=false', says: false},
    {name: 'that names no image of a registry', outputs: 'type=image,name=target,annotation.a=b', says: false},
  ])('a name $name', async ({outputs, says}) => {
    const {notices} = await prepared('push-tag', {images: 'r.example/a', outputs: `out\n${outputs}`})
    const notice = expect.stringMatching(/^outputs, line 2: it stays in the builder .* add push=true/)
    expect(notices).toEqual(says ? [notice] : [])
  })

  test.each(['push=true', 'push=false'])('hold no expressions: %s', async (push) => {
    const outputs = `type=image,name=r.example/a:{{version}},${push}`
    await expect(prepared('push-tag', {outputs})).rejects.toMatchObject({
      code: 'input-invalid',
      evidence: [expect.stringMatching(/^outputs, line 1, column 1: .*`images`/)],
    })
  })

  test('are refused where push is false', async () => {
    await expect(prepared('push-tag', {outputs: pushing, push: 'false'})).rejects.toMatchObject({
      code: 'input-invalid',
      evidence: [expect.stringMatching(/^outputs, line 2, column 1: .*`push: auto`/)],
    })
  })
})

describe('annotations of an output', () => {
  const outputs =
    'type=image,name=target,annotation-index.org.opencontainers.image.description=My text,annotation.own={{x'

  test('are of what is published, and replace standard ones', async () => {
    const {plan} = await prepared('push-tag', {outputs, platforms: 'linux/amd64,linux/arm64', images: 'r.example/a'})
    const own = plan.annotations.filter(({key}) => /description$|^own$/.test(key))
    expect(own).toEqual([
      {key: 'org.opencontainers.image.description', value: expect.stringMatching(/^My first/), levels: ['manifest']},
      {key: 'org.opencontainers.image.description', value: 'My text', levels: ['index']},
      {key: 'own', value: '{{x', levels: ['manifest']},
    ])
  })
})

describe('BUILDX_NO_DEFAULT_ATTESTATIONS', () => {
  test.each([
    {value: '1', inputs: {}, provenance: 'false'},
    {value: 'true', inputs: {}, provenance: 'false'},
    {value: '0', inputs: {}, provenance: undefined},
    {value: '', inputs: {}, provenance: undefined},
    {value: '1', inputs: {provenance: 'mode=max'}, provenance: 'mode=max'},
    {value: '1', inputs: {attests: 'type=provenance,mode=max'}, provenance: undefined},
    {value: '1', inputs: {attests: 'type=sbom'}, provenance: 'false'},
  ])('$value with $inputs: provenance $provenance', async ({value, inputs, provenance}) => {
    const {inputs: read} = await prepared('push-tag', inputs, {BUILDX_NO_DEFAULT_ATTESTATIONS: value})
    expect(read.build.provenance).toBe(provenance)
  })
})
