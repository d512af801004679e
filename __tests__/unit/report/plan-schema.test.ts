import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {Ajv2020} from 'ajv/dist/2020.js'
import {boundedRegex} from '../../../src/io/bounded-regex.ts'
import {pushReasons} from '../../../src/reasons/push-reasons.ts'
import {skippedRuleReasons} from '../../../src/reasons/rule-reasons.ts'
import {limitPlan} from '../../../src/report/output-limit.ts'
import {planJson} from '../../../src/report/plan-json.ts'
import {simulatedEvent} from '../../../src/simulation/events/simulated-event.ts'
import {parseRegistryTags} from '../../../src/simulation/registry/registry-contents.ts'
import {simulate} from '../../../src/simulation/simulate.ts'
import {eventNames} from '../../../testing/events.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'

interface ObjectSchema {
  readonly properties: Readonly<Record<string, unknown>>
}

type Schema = ObjectSchema & {readonly $defs: Readonly<Record<'tag' | 'rule' | 'skippedRule', ObjectSchema>>}

const file = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'plan.schema.json')
const schema = JSON.parse(readFileSync(file, 'utf8')) as Schema
const ajv = new Ajv2020({strict: true, allErrors: true, allowUnionTypes: true})
const validate = ajv.compile(schema)

/** Output as a later step reads it. */
async function planOutput(...args: Parameters<typeof planOf>): Promise<unknown> {
  const {plan} = await planOf(...args)
  const preview = plan.tags.map(({reference}) => ({
    reference,
    before: undefined,
    after: undefined,
    outcome: 'new' as const,
    code: 'new-tag' as const,
    reason: 'new tag',
    level: 'info' as const,
  }))
  const work = {sign: ['keyless'], verify: ['type=signature,key'], scan: ['run'], attestations: 'referrers'}
  return JSON.parse(limitPlan(planJson(plan, {preview, work})).text)
}

/** Output of a simulation for a release, with a tag whose digest is given and one whose digest is not known. */
async function simulatedOutput(): Promise<unknown> {
  const now = new Date('2026-01-02T03:04:05Z')
  const parsed = parseRegistryTags(`1.2 1.2.2 sha256:${'0'.repeat(64)}\nlatest 2.0.0`)
  const {outputs} = await simulate({
    action: 'publish',
    inputs: new Map(),
    event: simulatedEvent({event: 'push', ref: 'refs/tags/v1.2.3'}, now),
    files: {},
    registry: 'contents' in parsed ? parsed.contents : undefined,
    now,
    regex: boundedRegex(),
  })
  return JSON.parse(outputs['plan'] ?? '')
}

/** Places at which a value violates the schema, as JSON pointers. */
function faults(value: unknown): readonly string[] {
  validate(value)
  return (validate.errors ?? []).map(({instancePath, message}) => `${instancePath}: ${message ?? ''}`)
}

const everything = {
  images: 'ghcr.io/octocat/app\nuser/app\nlocalhost:5000/team/app',
  tags: [
    'type=semver,pattern={{version}}',
    'type=semver,pattern={{major}}.{{minor}}',
    'type=ref,event=branch',
    'type=ref,event=tag',
    'type=sha,enable=false',
    'nightly',
    'quay.io/team/whole:1.0',
  ].join('\n'),
  labels: 'a=b=c\nlines={{sha}}',
  annotations: 'index:a=b\nc=d',
  'annotation-levels': 'manifest,index,manifest-descriptor,index-descriptor',
  platforms: 'linux/amd64,linux/arm64',
}

const cases = [
  {name: 'every kind of input', event: pushOf('refs/tags/v1.2.3'), inputs: everything},
  {name: 'a changed tag, with its note', event: pushOf('refs/heads/feature/a'), inputs: {}},
  {name: 'no tag at all', event: pushOf('refs/heads/main'), inputs: {tags: 'type=semver,pattern=x', push: 'false'}},
  {name: 'references that were written whole', event: pushOf('refs/heads/main'), inputs: {tags: 'user/app:1.0'}},
  {
    name: 'a plan that is too long',
    event: pushOf('refs/heads/main'),
    inputs: {labels: `a=${'b'.repeat(50_000)}`, annotations: 'manifest[linux/amd64]:a=b'},
  },
  {name: 'an environment', event: pushOf('refs/heads/main'), inputs: {environment: 'staging'}},
]

describe('docs/plan.schema.json', () => {
  test.each(eventNames().map((name) => ({name})))('the plan of the event $name', async ({name}) => {
    expect(faults(await planOutput(name, {images: 'team/app', tags: 'type=sha\ntype=ref,event=tag\nx'}))).toEqual([])
    expect(faults(await planOutput(name, {push: 'false'}))).toEqual([])
  })

  test.each(cases)('$name', async ({event, inputs}) => {
    expect(faults(await planOutput(event, inputs))).toEqual([])
  })

  test('the plan of a simulation with tags of a registry', async () => {
    const simulated = await simulatedOutput()
    expect(faults(simulated)).toEqual([])
    expect(simulated).toMatchObject({
      tags: expect.arrayContaining([expect.objectContaining({tag: 'latest', before: null, beforeImage: '2.0.0'})]),
    })
  })

  test('describes every field that there is', async () => {
    const published = await Promise.all(cases.map(async ({event, inputs}) => planOutput(event, inputs)))
    const plans = [...published, await simulatedOutput()]
    const named = (pick: (plan: Plan) => readonly object[]): readonly string[] => [
      ...new Set(plans.flatMap((plan) => pick(plan as Plan).flatMap((one) => Object.keys(one)))),
    ]
    const {tag, rule, skippedRule} = schema.$defs
    expect(named((plan) => [plan]).toSorted()).toEqual(Object.keys(schema.properties).toSorted())
    expect(named(({tags}) => tags).toSorted()).toEqual(Object.keys(tag.properties).toSorted())
    expect(named(({tags}) => tags.map((one) => one.rule)).toSorted()).toEqual(Object.keys(rule.properties).toSorted())
    expect(named(({skippedRules}) => skippedRules).toSorted()).toEqual(Object.keys(skippedRule.properties).toSorted())
  })

  test('lists every code', () => {
    expect(schema.properties).toMatchObject({code: {examples: Object.keys(pushReasons)}})
    expect(schema.$defs.skippedRule.properties).toMatchObject({code: {examples: Object.keys(skippedRuleReasons)}})
  })

  test('leaves room for more about the plan and its tags', async () => {
    const plan = (await planOutput(pushOf('refs/heads/main'))) as Plan
    expect(faults({...plan, more: 1, tags: plan.tags.map((tag) => ({...tag, more: 1}))})).toEqual([])
  })
})

interface Plan {
  readonly tags: readonly {readonly rule: object}[]
  readonly skippedRules: readonly object[]
}

const rule = {origin: 'tags', line: 1, text: 'x'}
const tag = {reference: 'user/app:x', tag: 'x', kind: 'floating', rule}
const right = {
  version: 'x',
  versionSource: {text: 'v1.2.3', from: 'the Git tag v1.2.3'},
  push: true,
  code: 'push-true',
  reason: 'push: true',
  images: ['user/app'],
  tags: [tag],
  skippedRules: [{rule, code: 'other-event', reason: 'a sentence'}],
  labels: ['a=b'],
  annotations: ['index:a=b'],
}

describe('an invalid plan', () => {
  test('the plan of the rows is right', () => {
    expect(faults(right)).toEqual([])
    expect(faults({...right, version: null, images: [], tags: []})).toEqual([])
  })

  test.each([
    {name: 'a list', given: [right], fault: ': must be object'},
    {name: 'nothing in it', given: {}, fault: ": must have required property 'version'"},
    {
      name: 'an empty version',
      given: {...right, version: ''},
      fault: '/version: must NOT have fewer than 1 characters',
    },
    {name: 'a push in words', given: {...right, push: 'true'}, fault: '/push: must be boolean'},
    {
      name: 'an image with a tag',
      given: {...right, images: ['user/app:x:y/z z']},
      fault: '/images/0: must match pattern',
    },
    {name: 'an image in upper case', given: {...right, images: ['User/app']}, fault: '/images/0: must match pattern'},
    {
      name: 'an image twice',
      given: {...right, images: ['a/b', 'a/b']},
      fault: '/images: must NOT have duplicate items',
    },
    {name: 'no tag', given: {...right, tags: [{...tag, tag: '-x'}]}, fault: '/tags/0/tag: must match pattern'},
    {
      name: 'a tag of 129 characters',
      given: {...right, tags: [{...tag, tag: 'x'.repeat(129)}]},
      fault: '/tags/0/tag: must match pattern',
    },
    {
      name: 'a reference without a tag',
      given: {...right, tags: [{...tag, reference: 'user/app'}]},
      fault: '/tags/0/reference: must match pattern',
    },
    {
      name: 'another kind',
      given: {...right, tags: [{...tag, kind: 'fixed'}]},
      fault: '/tags/0/kind: must be equal to one of the allowed values',
    },
    {
      name: 'a tag without a rule',
      given: {...right, tags: [{...tag, rule: undefined}]},
      fault: "/tags/0: must have required property 'rule'",
    },
    {
      name: 'a line 0',
      given: {...right, tags: [{...tag, rule: {...rule, line: 0}}]},
      fault: '/tags/0/rule/line: must be >= 1',
    },
    {
      name: 'more about a rule',
      given: {...right, tags: [{...tag, rule: {...rule, more: 1}}]},
      fault: '/tags/0/rule: must NOT have additional properties',
    },
    {
      name: 'a skipped rule without a reason',
      given: {...right, skippedRules: [{rule, code: 'disabled'}]},
      fault: "/skippedRules/0: must have required property 'reason'",
    },
    {
      name: 'a skipped rule without a code',
      given: {...right, skippedRules: [{rule, reason: 'a sentence'}]},
      fault: "/skippedRules/0: must have required property 'code'",
    },
    {name: 'a code in words', given: {...right, code: 'push: true'}, fault: '/code: must match pattern'},
    {name: 'a label without a value', given: {...right, labels: ['a']}, fault: '/labels/0: must match pattern'},
    {
      name: 'an annotation without a level',
      given: {...right, annotations: ['a=b']},
      fault: '/annotations/0: must match',
    },
  ])('$name', ({given, fault}) => {
    expect(faults(given)).toEqual(expect.arrayContaining([expect.stringContaining(fault)]))
  })
})
