import {describe, expect, test} from '@jest/globals'
import {withReport} from '../../../src/commands/reporting.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {remedies} from '../../../src/errors/remedies.ts'
import type {PublishingAction} from '../../../src/inputs/spec/action-names.ts'
import {explainRows} from '../../../src/promote/explained-rows.ts'
import type {PromoteRow} from '../../../src/promote/journal.ts'
import {unchangedTags} from '../../../src/report/unchanged-tags.ts'
import {RunFailure, type RunResult} from '../../../src/run/run-result.ts'
import {fakeIo, recordedWorkflow, temporaryDirectory, type FakeIo} from '../../../testing/fake-io.ts'
import {pushOf} from '../../../testing/plans.ts'
import {planOf} from '../../../testing/reports.ts'
import {digest} from '../../../testing/states.ts'

const staged = {digest: digest('1'), images: [], existing: false}

interface Scenario {
  readonly action?: PublishingAction
  readonly event?: Parameters<typeof planOf>[0]
  readonly inputs?: Readonly<Record<string, string>>
  readonly notices?: readonly string[]
  readonly io?: Partial<FakeIo>
}

interface Reported {
  readonly io: FakeIo
  readonly error: unknown
}

async function report(scenario: Scenario, body: () => Promise<RunResult>): Promise<Reported> {
  await using directory = await temporaryDirectory()
  const {action = 'publish', event = pushOf('refs/tags/v1.2.3'), inputs = {}, notices = []} = scenario
  const planned = await planOf(event, {images: 'user/app', tags: 'type=semver,pattern={{version}}', ...inputs})
  const {environment = {}, ...rest} = scenario.io ?? {}
  const io = fakeIo({environment: {RUNNER_TEMP: directory.path, ...environment}, ...rest})
  const error = await withReport(action, {...planned, notices}, io, body).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return {io, error}
}

/** A run that succeeds with this result. */
function succeeding(result: RunResult): () => Promise<RunResult> {
  return async () => Promise.resolve(result)
}

const nothing = succeeding({})

function rowOf(tag: string, changes: Partial<PromoteRow> = {}): PromoteRow {
  const reference = {repository: {host: 'docker.io', path: 'user/app'}, tag}
  return {
    reference,
    before: undefined,
    after: staged.digest,
    outcome: 'new',
    reason: {code: 'new-tag'},
    level: 'info',
    ...changes,
  }
}

describe('before the run', () => {
  test('logs the plan, the notices and a warning for each rule without an expected tag', async () => {
    const scenario: Scenario = {
      event: pushOf('refs/tags/nightly'),
      inputs: {tags: 'type=semver,pattern={{version}}\nx'},
      notices: ['tags: a notice'],
    }
    const done = await report(scenario, nothing)
    const {log} = done.io.workflow
    expect(log.some((line) => line.startsWith('printed: '))).toBe(true)
    expect(log).toContain('notice: tags: a notice')
    expect(log.filter((line) => line.startsWith('warning: '))).toEqual([
      expect.stringMatching(/^warning: No tag from type=semver,pattern=\{\{version\}\} \(tags, line 1\): /),
    ])
    expect(done.io.workflow.summaries.join()).toMatch(/^- ⚠️ No tag from type=semver/m)
  })

  test.each<{name: string; scenario: Scenario; ran: boolean}>([
    {name: 'a normal run', scenario: {}, ran: true},
    {name: 'a dry run', scenario: {inputs: {'dry-run': 'true'}}, ran: false},
    {name: 'nothing to publish', scenario: {event: 'push-branch-deleted'}, ran: false},
  ])('$name: the body is run: $ran', async ({scenario, ran}) => {
    let hasRun = false
    const {error, io} = await report(scenario, async () => {
      hasRun = true
      return Promise.resolve({})
    })
    expect(hasRun).toEqual(ran)
    expect(error).toBeUndefined()
    expect(io.workflow.summaries.length).toBe(1)
  })
})

describe('after the run', () => {
  test('logs each reference, and annotates unexpected results', async () => {
    const rows = [
      rowOf('1.2.3'),
      rowOf('1.2', {outcome: 'kept', level: 'notice', after: digest('2')}),
      rowOf('1', {outcome: 'kept', level: 'warning', after: undefined}),
    ]
    const {io} = await report({}, succeeding({rows: explainRows(rows), staged}))
    const {log} = io.workflow
    expect(log.filter((line) => line.includes('user/app:1') && !line.startsWith('printed:   '))).toEqual(
      expect.arrayContaining([
        'printed: new         user/app:1.2.3',
        'printed: kept        user/app:1.2 at sha256:222222222222: new tag',
        'printed: not created user/app:1: new tag',
        'notice: user/app:1.2 stays at sha256:222222222222: new tag',
        'warning: user/app:1 is not created: new tag',
      ]),
    )
    expect(log.at(-1)).toBe(
      `info: Published user/app:1.2.3 with 1 tag (1 kept, 1 not created) in 0.0 s: ${staged.digest}`,
    )
  })

  test('warns about a reference that cannot be verified', async () => {
    const unread = [{reference: 'user/app:1', reason: 'no such host'}]
    const {io, error} = await report({}, succeeding({staged, unread}))
    expect(error).toBeUndefined()
    expect(io.workflow.log).toContain('warning: user/app:1 was pushed, but could not be read back: no such host')
  })

  test('throws a failure after it has reported the result so far', async () => {
    const failure = new TagboatError('push-denied')
    const rows = [rowOf('1.2.3'), rowOf('latest', {outcome: 'failed', after: undefined})]
    const {io, error} = await report({}, async () => Promise.reject(new RunFailure({rows: explainRows(rows)}, failure)))
    expect(error).toBe(failure)
    const {outputs, summaries, log} = io.workflow
    expect(JSON.parse(outputs.get('moved-tags') ?? '')).toMatchObject([{tag: '1.2.3'}])
    expect(summaries.join()).toContain('### ❌ Partly published `user/app:1.2.3`')
    expect(log.filter((line) => /Published|Staged/.test(line))).toEqual([])
    expect([...io.workflow.state.keys()]).toEqual([])
  })

  test.each<{name: string; event?: 'pull-request'; remedy: string | undefined}>([
    {name: 'a release', remedy: `${remedies['build-failed']} ${unchangedTags}`},
    {name: 'a pull request', event: 'pull-request', remedy: undefined},
  ])('the remedy for $name mentions tags if the run was to move some', async ({event, remedy}) => {
    const given = {...(event && {event, inputs: {tags: ''}})}
    const {error} = await report(given, async () => Promise.reject(new TagboatError('build-failed')))
    expect(error).toMatchObject({code: 'build-failed', remedy})
  })

  test('reports an unknown error', async () => {
    const {error, io} = await report({}, async () => Promise.reject(new Error('boom')))
    expect(error).toBeInstanceOf(TagboatError)
    expect(io.workflow.summaries.join()).toContain('boom')
  })
})

describe('outputs, variables and summary', () => {
  test('writes Bake files if the action has them', async () => {
    const all = await Promise.all(
      (['publish', 'stage', 'promote'] as const).map(async (action) => report({action}, nothing)),
    )
    const has = all.map(({io}) => io.workflow.outputs.has('bake-file'))
    expect(has).toEqual([true, true, false])
  })

  test('sets the variables of docker/metadata-action on request', async () => {
    const environment = {DOCKER_METADATA_SET_OUTPUT_ENV: 'true'}
    const [asked, unasked] = [await report({io: {environment}}, nothing), await report({}, nothing)]
    expect(asked.io.workflow.exported.get('DOCKER_METADATA_OUTPUT_VERSION')).toBe('1.2.3')
    expect([...unasked.io.workflow.exported]).toEqual([])
  })

  test('writes no summary with summary: false', async () => {
    const {io} = await report({inputs: {summary: 'false'}}, nothing)
    expect(io.workflow.summaries).toEqual([])
  })

  test('warns if the summary cannot be written', async () => {
    const workflow = {
      ...recordedWorkflow(),
      writeSummary: async (): Promise<void> => Promise.reject(new Error('no space left')),
    }
    const {error} = await report({io: {workflow}}, nothing)
    expect(error).toBeUndefined()
    expect(workflow.log.at(-1)).toMatch(/^warning: The job summary could not be written: .*no space left/)
  })
})
