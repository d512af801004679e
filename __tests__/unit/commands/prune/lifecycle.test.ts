import {describe, expect, test} from '@jest/globals'
import {warnOfLifecycle} from '../../../../src/commands/prune/lifecycle.ts'
import type {EcrApi} from '../../../../src/credentials/cloud/ecr-api.ts'
import {fakeIo} from '../../../../testing/fake-io.ts'
import {memoryRegistry} from '../../../../testing/memory-registry.ts'
import {imageOfAge, runPrune, type PruneRun} from '../../../../testing/prune-run.ts'
import {decideOn, pruneInputs} from '../../../../testing/retention-policy.ts'
import {testContent} from '../../../../testing/retention.ts'

const [first, second] = ['eu-docker.pkg.dev/acme/images/app', 'eu-docker.pkg.dev/acme/images/web']

async function pruned(inputs: Readonly<Record<string, string>>): Promise<PruneRun> {
  const registry = memoryRegistry({host: 'eu-docker.pkg.dev'})
  const other = memoryRegistry()
  for (const [one, path] of [
    [registry, 'acme/images/app'],
    [registry, 'acme/images/web'],
    [other, 'octo-org/octo-repo'],
  ] as const)
    for (const tag of ['pr-1', 'main']) one.store(path, imageOfAge(1, `${path} ${tag}`), [tag])
  return runPrune([registry, other], {
    inputs: {'keep-deployed': 'false', 'delete-tags': 'pr-*', policy: 'type=orphan', ...inputs},
  })
}

function noticesOf({io}: PruneRun): readonly string[] {
  return io.workflow.log.filter((line) => line.startsWith('notice: lifecycle='))
}

describe('the input lifecycle', () => {
  test('writes the first one', async () => {
    const run = await pruned({images: `registry.example/octo-org/octo-repo\n${first}\n${second}`, lifecycle: 'google'})
    expect(run.failure).toBeUndefined()
    expect(run.outputs['lifecycle-policy']).toContain('"app"')
    expect(noticesOf(run).at(-1)).toContain(first)
  })

  test('says what has no policy', async () => {
    const run = await pruned({images: first, lifecycle: 'ecr'})
    expect([run.outputs['lifecycle-policy'], noticesOf(run)]).toEqual(['', [expect.stringContaining('Amazon ECR')]])
  })

  test('is none by default', async () => {
    const run = await pruned({images: first})
    expect([run.outputs['lifecycle-policy'], noticesOf(run)]).toEqual(['', []])
  })
})

describe('warnOfLifecycle', () => {
  async function logged(call: EcrApi['call'] | undefined): Promise<readonly string[]> {
    const content = testContent({manifests: {a: {}}, tags: {main: 'a'}})
    const {decisions} = await decideOn(content)
    const io = fakeIo({})
    const resources = {ecr: () => call && {call}}
    await warnOfLifecycle({content, decisions}, {inputs: pruneInputs({})}, {resources, io})
    return io.workflow.log
  }

  test.each([
    {
      what: 'that deletes what stays',
      call: async () => {
        const rule = {rulePriority: 1, selection: {tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 5}}
        return Promise.resolve({ok: true as const, value: {lifecyclePolicyText: JSON.stringify({rules: [rule]})}})
      },
      expected: [/^warning: .*\/acme\/app: /, /^warning: .*main/],
    },
    {
      what: 'that does not exist',
      call: async () =>
        Promise.resolve({ok: false as const, exception: 'LifecyclePolicyNotFoundException', message: '', line: ''}),
      expected: [],
    },
    {
      what: 'that is unreadable',
      call: async () => Promise.resolve({ok: true as const, value: {}}),
      expected: [/^notice: /],
    },
    {
      what: 'without an answer',
      call: async () => Promise.reject(new Error('ECONNRESET')),
      expected: [/^notice: .*ECONNRESET/],
    },
    {what: 'of another registry', call: undefined, expected: []},
  ])('a policy $what', async ({call, expected}) => {
    const lines = await logged(call)
    expect(lines).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
  })
})
