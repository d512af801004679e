import {describe, expect, test} from '@jest/globals'
import {childEnvironment} from '../../../src/commands/edges.ts'
import {prepare, type Prepared} from '../../../src/commands/prepare.ts'
import {loadEvent} from '../../support/events.ts'
import {fakeEdges, type FakeEdges} from '../../support/fake-edges.ts'

interface Asked {
  readonly prepared: Prepared
  readonly edges: FakeEdges
  /** `token url owner/name` of every question to the API. */
  readonly questions: readonly string[]
}

async function ask(event: string, inputs: Readonly<Record<string, string>>, answer: () => unknown): Promise<Asked> {
  const {environment, payloadPath} = loadEvent(event)
  const questions: string[] = []
  const edges = fakeEdges({
    environment: {...environment, GITHUB_EVENT_PATH: payloadPath},
    inputs: new Map(Object.entries(inputs)),
    gitHub: (token, url) => ({
      repository: async (owner, name) => {
        questions.push(`${token.reveal()} ${url} ${owner}/${name}`)
        return Promise.resolve(answer())
      },
      tagsAt: async () => Promise.resolve([]),
    }),
  })
  return {prepared: await prepare(edges), edges, questions}
}

describe('what the event leaves out', () => {
  const given = {'github-token': 'job-token', 'dry-run': 'true'}

  test('is asked of the API', async () => {
    const answer = {default_branch: 'main', description: 'From the API', license: {spdx_id: 'MIT'}}
    const {prepared, questions} = await ask('schedule-without-repository', given, () => answer)
    expect(questions).toHaveLength(1)
    expect(questions[0]).toMatch(/^job-token https:\/\/api\.github\.com \S+\/\S+$/)
    expect(prepared.context.repository).toMatchObject({
      defaultBranch: 'main',
      description: 'From the API',
      license: 'MIT',
    })
  })

  test('is not asked where the event says all', async () => {
    const {questions} = await ask('push-default-branch', given, () => ({}))
    expect(questions).toEqual([])
  })

  test('is not asked without a token', async () => {
    const {questions} = await ask('schedule-without-repository', {'dry-run': 'true'}, () => ({}))
    expect(questions).toEqual([])
  })

  test('stays unknown when the API refuses, with a warning', async () => {
    const {prepared, edges} = await ask('schedule-without-repository', given, () => {
      throw new Error('Bad credentials')
    })
    expect(prepared.context.repository.defaultBranch).toBeUndefined()
    expect(edges.workflow.log).toEqual([
      'warning: The GitHub API did not say what the event leaves out (Bad credentials): the default branch, description and licence of the repository are unknown in this run.',
    ])
  })
})

describe('before anything else', () => {
  test('every secret is masked, empty ones and short build secrets are not', async () => {
    const inputs = {
      images: 'user/app',
      username: 'mona',
      password: 'p4ss',
      secrets: 'a=first\nb=\nc=1\nd=one',
      'github-token': 'job-token',
    }
    const {edges} = await ask('push-tag', inputs, () => ({}))
    expect(edges.workflow.masks.slice().sort()).toEqual(['first', 'job-token', 'p4ss'])
  })

  test('rules that cannot be read are told along with other inputs', async () => {
    const failure = ask('push-tag', {tags: 'type=semvre', platforms: 'amd64'}, () => ({}))
    await expect(failure).rejects.toMatchObject({code: 'input-invalid'})
    const error = await failure.catch((thrown: unknown) => thrown)
    expect((error as {evidence: readonly string[]}).evidence.map((line) => line.split(',')[0])).toEqual([
      'platforms',
      'tags',
    ])
  })
})

describe('childEnvironment', () => {
  test('the variables of the step without its inputs and state, and the mark of this run', () => {
    const environment = {
      PATH: '/bin',
      INPUT_PASSWORD: 'canary',
      'INPUT_GITHUB-TOKEN': 'canary',
      STATE_home: '/x',
      MY_INPUT_: 'kept',
      GONE: undefined,
      TAGBOAT_RUN: 'of another run',
    }
    expect(childEnvironment(fakeEdges({environment, marker: 'this'}))).toEqual({
      PATH: '/bin',
      MY_INPUT_: 'kept',
      TAGBOAT_RUN: 'this',
    })
  })
})
