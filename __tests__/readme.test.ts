import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {prepare} from '../src/prepare/prepare.ts'
import type {Plan} from '../src/plan/plan.ts'
import {eventNames, loadEvent} from '../testing/events.ts'
import {fakeIo} from '../testing/fake-io.ts'

const text = readFileSync(path.join(import.meta.dirname, '..', 'README.md'), 'utf8')

async function planOf(event: string, inputs: Readonly<Record<string, string>>): Promise<Plan> {
  const {environment, payloadPath} = loadEvent(event)
  const {plan} = await prepare(
    fakeIo({
      environment: {...environment, GITHUB_EVENT_PATH: payloadPath},
      inputs: new Map(Object.entries({'dry-run': 'true', 'github-token': 'token', ...inputs})),
    }),
  )
  return plan
}

test('the README has at most 12 KiB', () => {
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(12 * 1024)
})

test.each(['scripts/demo', 'scripts/test'])('the README has the command %s', (command) => {
  expect(text).toContain(`\`\`\`sh\n${command}\n\`\`\``)
})

/** The rows of the table of events: event, tags, pushed. Runs of blanks are one. */
const table: ReadonlyMap<string, string> = new Map(
  [...text.matchAll(/^\| (.+?) +\| (.+?) +\| (yes|no)\S* +\|$/gm)].map(([, event = '', tags = '', pushed = '']) => [
    event,
    `${tags}: ${pushed}`,
  ]),
)

interface Row {
  readonly event: string
  /** The cells behind it. */
  readonly says: string
  /** Fixtures of the event, and the tags that they give; none for a run that is skipped. */
  readonly gives: Readonly<Record<string, string>>
  readonly pushes: boolean
}

const rows: readonly Row[] = [
  {
    event: 'Git tag `v1.2.3`, or its release',
    says: '`1.2.3`, `1.2`, `1` (not for 0.x), `latest`, `sha-860c190`: yes',
    gives: {'push-tag': '1.2.3 1.2 1 sha-6113728 latest', 'release-published': '0.0.1 0.0 sha-6113728 latest'},
    pushes: true,
  },
  {
    event: 'Git tag `v1.3.0-rc.1`, or its pre-release',
    says: '`1.3.0-rc.1`, `sha-860c190`: yes',
    gives: {'release-prerelease': '0.0.1 sha-6113728'},
    pushes: true,
  },
  {
    event: 'another Git tag',
    says: 'its name, `sha-860c190`: yes',
    gives: {'create-tag': 'simple-tag sha-6113728'},
    pushes: true,
  },
  {
    event: 'push to a branch',
    says: 'the branch, `sha-860c190`: yes',
    gives: {'push-branch': 'feature-login sha-6113728'},
    pushes: true,
  },
  {
    event: 'push to the default branch',
    says: 'the branch, `edge`, `sha-860c190`: yes',
    gives: {'push-default-branch': 'master edge sha-6113728'},
    pushes: true,
  },
  {
    event: 'pull request 12, its reviews and comments',
    says: '`pr-12`: no',
    gives: {
      'pull-request': 'pr-2',
      'pull-request-fork': 'pr-2',
      'pull-request-fork-deleted': 'pr-2',
      'pull-request-comment': 'pr-1',
    },
    pushes: false,
  },
  {
    event: '`pull_request_target`, Dependabot',
    says: 'as for the event: no',
    gives: {'pull-request-target': 'pr-2', 'pull-request-dependabot': 'pr-2'},
    pushes: false,
  },
  {
    event: 'schedule',
    says: '`nightly`: yes',
    gives: {schedule: 'nightly', 'schedule-without-repository': 'nightly'},
    pushes: true,
  },
  {
    event: '`workflow_dispatch`, `repository_dispatch`, `workflow_run`',
    says: 'as for a push to the same ref[^1]: yes',
    gives: {
      'workflow-dispatch-branch': 'main edge sha-3484a3f',
      'workflow-dispatch-tag': '1.2.3 1.2 1 sha-3484a3f latest',
      'repository-dispatch': 'master edge sha-3484a3f',
      'workflow-run': 'master edge sha-3484a3f',
    },
    pushes: true,
  },
  {
    event: '`create`',
    says: 'as for a push of that branch or tag: yes',
    gives: {'create-branch': 'feature-login sha-6113728', 'create-tag': 'simple-tag sha-6113728'},
    pushes: true,
  },
  {
    event: 'merge queue',
    says: '`mq-main` (the target branch), `sha-860c190`: yes',
    gives: {'merge-group': 'mq-main sha-2ffea6d'},
    pushes: true,
  },
  {
    event: 'merged pull request (`closed`)',
    says: 'as for a push to its target branch: no',
    gives: {'pull-request-merged': 'master edge sha-c4295bd'},
    pushes: false,
  },
  {
    event: 'deleted ref, draft or deleted release, pull request closed without merging',
    says: 'none: the output `skipped` is `true`: no',
    gives: {
      'delete-branch': '',
      'delete-tag': '',
      'push-branch-deleted': '',
      'push-tag-deleted': '',
      'release-deleted': '',
      'release-draft': '',
      'release-unpublished': '',
      'pull-request-closed': '',
    },
    pushes: false,
  },
]

describe('what happens on each event', () => {
  test('the table has these rows', () => {
    expect(Object.fromEntries(table)).toEqual(Object.fromEntries(rows.map(({event, says}) => [event, says])))
  })

  const cases = rows.flatMap(({event, gives, pushes}) =>
    Object.entries(gives).map(([fixture, tags]) => ({event, fixture, tags, pushes})),
  )
  test.each(cases)('$event: $fixture', async ({fixture, tags, pushes}) => {
    const {skip, tagNames, push} = await planOf(fixture, {})
    expect({tags: skip === undefined ? tagNames.join(' ') : '', pushes: push.do}).toEqual({tags, pushes})
  })

  test('the second footnote: no push after a fork', async () => {
    expect((await planOf('workflow-run-fork', {})).push.do).toBe(false)
  })

  test('every event that has a fixture is in the table', () => {
    const named = ['workflow-run-fork', ...cases.map(({fixture}) => fixture)]
    // GitHub Enterprise Server needs `images`: the default name is on ghcr.io.
    expect(eventNames().filter((name) => name !== 'push-enterprise' && !named.includes(name))).toEqual([])
  })
})

describe('before and after', () => {
  const [, section = ''] = text.split('\n## Before and after\n')
  const [before = '', after = ''] = [...section.matchAll(/```yaml\n([^`]*)```/g)].map(([, yaml = '']) => yaml)

  test('the lines are counted', () => {
    const [, from, actions, to] = /^(\d+) lines of (\w+) actions become (\d+) lines:$/m.exec(section) ?? []
    expect(from).toEqual(String(linesIn(before)))
    expect(actions).toBe('five')
    expect(to).toEqual(String(linesIn(after)))
    expect(before.match(/^- uses: /gm)?.length).toBe(5)
  })

  test.each(['push-tag', 'push-branch', 'push-default-branch'])('both give the same tags for %s', async (event) => {
    const steps = parse(before) as readonly {readonly with?: Readonly<Record<string, string>>}[]
    const tags = steps[0]?.with?.['tags'] ?? ''
    expect(tags).toContain('type=sha')
    const [actions, tagboat] = [await planOf(event, {tags}), await planOf(event, {})]
    expect([...tagboat.tagNames].sort()).toEqual([...actions.tagNames].sort())
  })
})

function linesIn(block: string): number {
  return block.trimEnd().split('\n').length
}
