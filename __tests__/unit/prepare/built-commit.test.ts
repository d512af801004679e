import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {buildRequest} from '../../../src/stage/build-request.ts'
import {prepare, type Prepared} from '../../../src/prepare/prepare.ts'
import {processes} from '../../../src/io/process.ts'
import {formatReason} from '../../../src/reasons/reason.ts'
import {cloneAt, commit, git, makeRepository, type Branches} from '../../../testing/git-checkout.ts'
import {loadEvent} from '../../../testing/events.ts'
import {fakeIo, scriptedGitHub, type FakeIo} from '../../../testing/fake-io.ts'

let root: string
let source: string
let shas: Branches
let count = 0
let madeHere = ''

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'tagboat-built-'))
  source = path.join(root, 'source')
  shas = makeRepository(source)
})

afterAll(() => {
  rmSync(root, {recursive: true, force: true})
})

interface Given {
  readonly workspace: string
  readonly event: string
  readonly env?: Readonly<Record<string, string>>
  readonly payload?: object
  readonly inputs?: Readonly<Record<string, string>>
  /** Tags that the API knows at the commit. */
  readonly tags?: readonly string[] | undefined
  /** Relation of the branch to the commit in the API. */
  readonly relation?: string | undefined
  readonly action?: 'publish' | 'stage' | 'promote'
}

interface Run {
  readonly prepared: Prepared
  readonly io: FakeIo
  readonly warnings: readonly string[]
  readonly commands: () => readonly string[]
}

async function run({
  workspace,
  event,
  env = {},
  payload = {},
  inputs = {},
  tags,
  relation,
  action,
}: Given): Promise<Run> {
  const loaded = loadEvent(event)
  count += 1
  const file = path.join(root, `event-${count}.json`)
  const repository = {...(loaded.payload as {repository?: object}).repository, default_branch: 'main'}
  writeFileSync(file, JSON.stringify({...(loaded.payload as object), ...payload, repository}))
  const commands: string[] = []
  const real = processes(new AbortController().signal)
  const io = fakeIo({
    environment: {
      ...loaded.environment,
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: shas.main,
      GITHUB_REPOSITORY: 'octo-org/octo-repo',
      GITHUB_EVENT_PATH: file,
      GITHUB_WORKSPACE: workspace,
      PATH: process.env['PATH'],
      ...env,
    },
    inputs: new Map(
      Object.entries({images: 'user/app', username: 'u', password: 'p', 'github-token': 'token', ...inputs}),
    ),
    processes: {
      ...fakeIo().processes,
      ...real,
      capture: async (command) => {
        commands.push(command.args.slice(2, 3).join())
        return real.capture(command)
      },
    },
    gitHub: () =>
      scriptedGitHub({
        commitDate: async () => Promise.reject(new Error('not found')),
        compare: async () =>
          relation === undefined ? Promise.reject(new Error('not found')) : Promise.resolve(relation),
        ...(tags === undefined
          ? {tagsAt: async () => Promise.reject(new Error('not found'))}
          : {tagsAt: async () => Promise.resolve(tags)}),
      }),
  })
  const prepared = await prepare(io, action)
  const warnings = io.workflow.log.flatMap((line) => (line.startsWith('warning: ') ? [line.slice(9)] : []))
  return {prepared, io, warnings, commands: () => commands}
}

function checkout(commitish: string, prepareClone: (directory: string) => void = () => undefined): string {
  count += 1
  const directory = path.join(root, `clone-${count}`)
  cloneAt(source, directory, commitish)
  prepareClone(directory)
  return directory
}

function revisionOf({plan}: Prepared): string | undefined {
  return plan.labels.find(({key}) => key === 'org.opencontainers.image.revision')?.value
}

const short = (sha: string): string => `sha-${sha.slice(0, 7)}`
const upstream = (changes: object): object => ({
  workflow_run: {
    event: 'push',
    head_branch: 'v1.2.3',
    head_sha: shas.release,
    head_repository: {id: 300029405},
    ...changes,
  },
})
const comment = {issue: {number: 7, pull_request: {url: 'https://api.github.com/repos/octo-org/octo-repo/pulls/7'}}}

interface Row {
  readonly name: string
  readonly event: string
  readonly env?: () => Readonly<Record<string, string>>
  readonly payload?: () => object
  readonly inputs?: Readonly<Record<string, string>>
  readonly tags?: readonly string[]
  readonly relation?: string
  readonly workspace: () => string
  readonly built: () => string
  readonly expected: () => readonly string[]
  readonly says: 'nothing' | 'notice' | 'warning'
}

const rows: readonly Row[] = [
  {
    name: "dispatch of main: the event's commit",
    event: 'workflow-dispatch-branch',
    workspace: () => checkout('main'),
    built: () => shas.main,
    expected: () => ['main', 'edge', short(shas.main)],
    says: 'nothing',
  },
  {
    name: 'dispatch of main with another branch checked out',
    event: 'workflow-dispatch-branch',
    inputs: {tags: 'type=sha\ntype=raw,value=stable'},
    workspace: () => checkout('origin/topic'),
    built: () => shas.topic,
    expected: () => [short(shas.topic), 'stable'],
    says: 'nothing',
  },
  {
    name: 'the same without rules: no tag of the branch',
    event: 'workflow-dispatch-branch',
    workspace: () =>
      checkout('origin/topic', (directory) => git(directory, 'checkout', '--quiet', '-b', 'topic', 'origin/topic')),
    built: () => shas.topic,
    expected: () => [short(shas.topic)],
    says: 'warning',
  },
  {
    name: 'branch rules are skipped',
    event: 'workflow-dispatch-branch',
    inputs: {
      tags: 'type=edge\ntype=ref,event=branch\ntype=edge,branch=main\ntype=raw,value=latest,enable={{is_default_branch}}\ntype=raw,value=x{{branch}}\ntype=sha,format=long',
    },
    workspace: () => checkout('v1.2.3'),
    built: () => shas.release,
    expected: () => ['x', `sha-${shas.release}`],
    says: 'warning',
  },
  {
    name: 'a clone of that commit alone, in which nothing points to it',
    event: 'push-default-branch',
    workspace: () => {
      count += 1
      const directory = path.join(root, `shallow-${count}`)
      git(root, 'init', '--quiet', directory)
      git(directory, 'fetch', '--quiet', '--depth=1', source, 'topic')
      git(directory, 'checkout', '--quiet', '--detach', 'FETCH_HEAD')
      return directory
    },
    built: () => shas.topic,
    expected: () => [short(shas.topic)],
    says: 'warning',
  },
  ...[
    {relation: 'identical', isTip: true},
    {relation: 'ahead', isTip: false},
    {relation: 'behind', isTip: false},
    {relation: 'diverged', isTip: false},
  ].map(({relation, isTip}): Row => ({
    name: `a commit of which the API says that the branch is ${relation}`,
    event: 'workflow-dispatch-branch',
    relation,
    workspace: () => checkout(shas.pull),
    built: () => shas.pull,
    expected: () => (isTip ? ['main', 'edge', short(shas.pull)] : [short(shas.pull)]),
    says: isTip ? 'notice' : 'warning',
  })),
  {
    name: "workflow_run after main, which has moved on: that run's commit",
    event: 'workflow-run',
    payload: () => upstream({head_branch: 'main'}),
    workspace: () => checkout('v1.2.3'),
    built: () => shas.release,
    expected: () => ['main', 'edge', short(shas.release)],
    says: 'notice',
  },
  {
    name: 'workflow_run after another branch of the clone',
    event: 'workflow-run',
    payload: () => upstream({head_branch: 'topic', head_sha: shas.topic}),
    workspace: () => checkout('origin/topic'),
    built: () => shas.topic,
    expected: () => ['topic', short(shas.topic)],
    says: 'notice',
  },
  {
    name: 'workflow_run of an internal pull request, with its code',
    event: 'workflow-run',
    payload: () => upstream({event: 'pull_request', head_branch: 'main', head_sha: shas.pull}),
    inputs: {push: 'true'},
    workspace: () => checkout(shas.pull),
    built: () => shas.pull,
    expected: () => [short(shas.pull)],
    says: 'warning',
  },
  {
    name: 'workflow_run of a fork, with its code in a folder of the checkout',
    event: 'workflow-run',
    payload: () => upstream({head_branch: 'main', head_sha: shas.pull, head_repository: {id: 1}}),
    inputs: {push: 'true', context: 'fork'},
    workspace: () =>
      checkout('main', (directory) => {
        cloneAt(source, path.join(directory, 'fork'), shas.pull)
        git(path.join(directory, 'fork'), 'remote', 'set-url', 'origin', 'https://github.com/stranger/octo-repo')
      }),
    built: () => shas.pull,
    expected: () => [short(shas.pull)],
    says: 'warning',
  },
  {
    name: 'the branch has moved on, and its new tip is checked out',
    event: 'workflow-dispatch-branch',
    env: () => ({GITHUB_SHA: shas.release}),
    workspace: () => checkout('origin/main'),
    built: () => shas.main,
    expected: () => ['main', 'edge', short(shas.main)],
    says: 'notice',
  },
  {
    name: 'the tip of the branch of another remote is not that of the branch',
    event: 'workflow-dispatch-branch',
    env: () => ({GITHUB_SHA: shas.release}),
    workspace: () =>
      checkout('origin/main', (directory) => {
        git(directory, 'update-ref', 'refs/remotes/fork/main', 'HEAD')
        git(directory, 'update-ref', 'refs/remotes/origin/main', shas.release)
      }),
    built: () => shas.main,
    expected: () => [short(shas.main)],
    says: 'warning',
  },
  {
    name: 'a schedule with the last release checked out',
    event: 'schedule',
    inputs: {version: '1.2.3', tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}'},
    workspace: () => checkout('v1.2.3'),
    built: () => shas.release,
    expected: () => ['1.2.3', '1.2', 'latest'],
    says: 'nothing',
  },
  {
    name: 'the same, where the tag on the commit says the version',
    event: 'schedule',
    inputs: {version: 'auto', tags: 'type=semver,pattern={{version}}'},
    workspace: () => checkout('v1.2.3'),
    built: () => shas.release,
    expected: () => ['1.2.3', 'latest'],
    says: 'nothing',
  },
  {
    name: 'a push of a tag, which points to what is checked out',
    event: 'push-tag',
    env: () => ({GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_SHA: git(source, 'rev-parse', 'v1.2.3')}),
    workspace: () => checkout('v1.2.3'),
    built: () => shas.release,
    expected: () => ['1.2.3', '1.2', '1', short(shas.release), 'latest'],
    says: 'notice',
  },
  {
    name: 'a push of a tag that the API says was moved to what is checked out',
    event: 'push-tag',
    env: () => ({GITHUB_REF: 'refs/tags/v1.2.4', GITHUB_SHA: shas.release}),
    relation: 'identical',
    workspace: () => checkout(shas.pull),
    built: () => shas.pull,
    expected: () => ['1.2.4', '1.2', '1', short(shas.pull), 'latest'],
    says: 'notice',
  },
  {
    name: 'a push of a tag, with a commit made on top of it in this run',
    event: 'push-tag',
    env: () => ({GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_SHA: shas.release}),
    inputs: {tags: 'type=semver,pattern={{version}}'},
    workspace: () =>
      checkout('v1.2.3', (directory) => {
        madeHere = commit(directory, {page: 'generated'})
        git(directory, 'update-ref', 'refs/remotes/origin/generated', 'HEAD')
      }),
    built: () => madeHere,
    expected: () => ['1.2.3', 'latest'],
    says: 'notice',
  },
  {
    name: 'a dispatch on a tag with main checked out, without a tag rule',
    event: 'workflow-dispatch-tag',
    env: () => ({GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_SHA: shas.release}),
    inputs: {tags: 'type=sha\ntype=raw,value=dev'},
    workspace: () => checkout('main'),
    built: () => shas.main,
    expected: () => [short(shas.main), 'dev'],
    says: 'nothing',
  },
  {
    name: 'the same, where `version` says the version',
    event: 'workflow-dispatch-tag',
    env: () => ({GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_SHA: shas.release}),
    inputs: {version: '1.2.3', tags: 'type=semver,pattern={{version}}'},
    workspace: () => checkout('main'),
    built: () => shas.main,
    expected: () => ['1.2.3', 'latest'],
    says: 'nothing',
  },
  {
    name: 'a pull request, the tip of its branch',
    event: 'pull-request',
    env: () => ({GITHUB_REF: 'refs/pull/7/merge', GITHUB_SHA: shas.topic}),
    payload: () => ({number: 7, pull_request: {number: 7, head: {sha: shas.pull}}}),
    inputs: {tags: 'type=ref,event=pr\ntype=sha'},
    workspace: () => checkout(shas.pull),
    built: () => shas.pull,
    expected: () => ['pr-7', short(shas.pull)],
    says: 'nothing',
  },
  {
    name: 'a pull request, with the base checked out',
    event: 'pull-request',
    env: () => ({GITHUB_REF: 'refs/pull/7/merge', GITHUB_SHA: shas.topic}),
    payload: () => ({number: 7, pull_request: {number: 7, head: {sha: shas.pull}}}),
    inputs: {tags: 'type=ref,event=pr\ntype=sha'},
    workspace: () => checkout('main'),
    built: () => shas.main,
    expected: () => ['pr-7', short(shas.main)],
    says: 'warning',
  },
  {
    name: "a pull request whose head's commit the user asked for by a variable",
    event: 'pull-request',
    env: () => ({GITHUB_REF: 'refs/pull/7/merge', GITHUB_SHA: shas.topic, DOCKER_METADATA_PR_HEAD_SHA: 'true'}),
    payload: () => ({number: 7, pull_request: {number: 7, head: {sha: shas.pull}}}),
    inputs: {tags: 'type=ref,event=pr\ntype=sha'},
    workspace: () => checkout('origin/topic'),
    built: () => shas.pull,
    expected: () => ['pr-7', short(shas.pull)],
    says: 'nothing',
  },
  {
    name: 'the same for a review',
    event: 'pull-request',
    env: () => ({
      GITHUB_EVENT_NAME: 'pull_request_review',
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_SHA: shas.topic,
      DOCKER_METADATA_PR_HEAD_SHA: 'true',
    }),
    payload: () => ({pull_request: {number: 7, head: {sha: shas.pull}}}),
    inputs: {push: 'true'},
    workspace: () => checkout('origin/topic'),
    built: () => shas.pull,
    expected: () => ['pr-7'],
    says: 'nothing',
  },
  {
    name: 'pull_request_target with that variable and the base: the base is built',
    event: 'pull-request-target',
    env: () => ({DOCKER_METADATA_PR_HEAD_SHA: 'true'}),
    payload: () => ({number: 7, pull_request: {number: 7, head: {sha: shas.pull}}}),
    workspace: () => checkout('main'),
    built: () => shas.main,
    expected: () => ['pr-7'],
    says: 'notice',
  },
  {
    name: "pull_request_target with the pull request's code",
    event: 'pull-request-target',
    payload: () => ({number: 7, pull_request: {number: 7, head: {sha: shas.pull}}}),
    inputs: {push: 'true'},
    workspace: () => checkout(shas.pull),
    built: () => shas.pull,
    expected: () => ['pr-7'],
    says: 'nothing',
  },
  {
    name: "a comment with the pull request's code",
    event: 'pull-request-comment',
    payload: () => comment,
    inputs: {push: 'true'},
    workspace: () => checkout(shas.pull),
    built: () => shas.pull,
    expected: () => ['pr-7'],
    says: 'nothing',
  },
  {
    name: 'a comment, with rules for branches',
    event: 'pull-request-comment',
    payload: () => comment,
    inputs: {
      push: 'true',
      tags: 'type=ref,event=branch\ntype=edge\ntype=ref,event=pr\ntype=sha\ntype=raw,value=latest,enable={{is_default_branch}}',
    },
    workspace: () => checkout(shas.pull),
    built: () => shas.pull,
    expected: () => ['pr-7', short(shas.pull)],
    says: 'nothing',
  },
  {
    name: 'a comment, with the base checked out',
    event: 'pull-request-comment',
    payload: () => comment,
    inputs: {push: 'true'},
    workspace: () => checkout('main'),
    built: () => shas.main,
    expected: () => ['pr-7'],
    says: 'warning',
  },
  {
    name: 'workflow_run after a tag, at the commit of that run',
    event: 'workflow-run',
    payload: () => upstream({}),
    workspace: () => checkout('v1.2.3'),
    built: () => shas.release,
    expected: () => ['1.2.3', '1.2', '1', short(shas.release), 'latest'],
    says: 'notice',
  },
  {
    name: 'workflow_run after a tag that the API alone knows',
    event: 'workflow-run',
    payload: () => upstream({}),
    tags: ['v1.2.3'],
    workspace: () => checkout('v1.2.3', (directory) => git(directory, 'tag', '--delete', 'v1.2.3')),
    built: () => shas.release,
    expected: () => ['1.2.3', '1.2', '1', short(shas.release), 'latest'],
    says: 'notice',
  },
  {
    name: 'workflow_run after a branch, by the API: none of its tags',
    event: 'workflow-run',
    payload: () => upstream({head_branch: 'release/1'}),
    tags: ['v1.2.3'],
    workspace: () => checkout('v1.2.3', (directory) => git(directory, 'tag', '--delete', 'v1.2.3')),
    built: () => shas.release,
    expected: () => ['release-1', short(shas.release)],
    says: 'notice',
  },
  {
    name: 'workflow_run after a name that nothing knows',
    event: 'workflow-run',
    payload: () => upstream({}),
    workspace: () => checkout('v1.2.3', (directory) => git(directory, 'tag', '--delete', 'v1.2.3')),
    built: () => shas.release,
    expected: () => [short(shas.release)],
    says: 'warning',
  },
  {
    name: 'workflow_run after a tag, with main checked out',
    event: 'workflow-run',
    payload: () => upstream({}),
    workspace: () => checkout('main'),
    built: () => shas.main,
    expected: () => ['main', 'edge', short(shas.main)],
    says: 'nothing',
  },
  {
    name: "workflow_run of a fork whose branch is called main, with the fork's code",
    event: 'workflow-run',
    payload: () => upstream({event: 'push', head_branch: 'main', head_sha: shas.pull, head_repository: {id: 1}}),
    inputs: {push: 'true'},
    workspace: () =>
      checkout(shas.pull, (directory) => {
        git(directory, 'checkout', '--quiet', '-b', 'main')
        git(directory, 'update-ref', 'refs/remotes/origin/main', 'HEAD')
      }),
    built: () => shas.pull,
    expected: () => [short(shas.pull)],
    says: 'warning',
  },
  {
    name: 'a foreign repository with an equal branch name',
    event: 'workflow-dispatch-branch',
    workspace: () =>
      checkout(shas.pull, (directory) => {
        git(directory, 'checkout', '--quiet', '-b', 'main')
        git(directory, 'update-ref', 'refs/remotes/origin/main', 'HEAD')
        git(directory, 'remote', 'set-url', 'origin', 'https://github.com/stranger/octo-repo')
      }),
    built: () => shas.pull,
    expected: () => [short(shas.pull)],
    says: 'warning',
  },
]

describe('the built commit', () => {
  test.each(rows)('$name', async ({event, env, payload, inputs, tags, relation, workspace, built, expected, says}) => {
    const given = {workspace: workspace(), event, inputs: {...inputs}, tags, relation}
    const {prepared, warnings} = await run({...given, env: env?.() ?? {}, payload: payload?.() ?? {}})
    expect([...prepared.plan.tagNames].sort()).toEqual([...expected()].sort())
    expect(prepared.context.sha).toEqual(built())
    expect(revisionOf(prepared)).toEqual(built())
    const messages = says === 'warning' ? warnings : prepared.notices
    expect(warnings.length).toEqual(says === 'warning' ? 1 : 0)
    expect(prepared.notices.length).toEqual(says === 'notice' ? 1 : 0)
    if (says !== 'nothing') expect(messages[0]).toContain(built())
  })

  test('costs no process where it is the event’s', async () => {
    const {commands} = await run({workspace: checkout('main'), event: 'push-default-branch'})
    expect(commands()).toEqual([])
  })

  test('is in one warning, with both commits and a remedy', async () => {
    const {warnings} = await run({workspace: checkout('origin/topic'), event: 'workflow-dispatch-branch'})
    expect(warnings).toHaveLength(1)
    for (const text of [shas.topic, shas.main, 'metadata-context: git', 'refs/heads/main'])
      expect(warnings[0]).toContain(text)
  })

  test('has its own date, which later runs compare', async () => {
    const workspace = checkout('origin/topic')
    const {prepared} = await run({workspace, event: 'workflow-dispatch-branch'})
    expect(prepared.context.commitDate).toBe(git(workspace, 'show', '-s', '--format=%cI', 'HEAD'))
    const request = buildRequest(
      prepared,
      [],
      {kind: 'none'},
      {
        directory: '/tmp',
        builder: undefined,
        definition: {tags: '', build: undefined},
      },
    )
    expect(request.labels.map(({key}) => key)).toContain('io.github.tagboat.commit-date')
    expect(request.gitContext).toContain(`#${shas.main}`)
  })

  test('a label of the user counts', async () => {
    const inputs = {labels: 'org.opencontainers.image.revision=mine'}
    const {prepared} = await run({workspace: checkout('origin/topic'), event: 'workflow-dispatch-branch', inputs})
    expect(revisionOf(prepared)).toBe('mine')
  })

  test('with no tag left, a push is refused before the build', async () => {
    const inputs = {tags: 'type=ref,event=branch'}
    const {prepared} = await run({workspace: checkout('origin/topic'), event: 'workflow-dispatch-branch', inputs})
    expect(prepared.refusal).toMatchObject({
      code: 'nothing-to-tag',
      evidence: [expect.stringContaining(formatReason({code: 'not-newest-commit', ref: 'refs/heads/main'}))],
    })
  })

  test.each([
    {name: 'a release, with main checked out', event: 'release-published', inputs: {}},
    {name: 'a dispatch on a tag', event: 'workflow-dispatch-tag', inputs: {}},
    {name: 'a rule for the Git tag', event: 'push-tag', inputs: {tags: 'type=ref,event=tag\ntype=sha'}},
    {name: 'an expression', event: 'push-tag', inputs: {tags: 'type=raw,value=x{{tag}}'}},
    {name: 'a dry run', event: 'push-tag', inputs: {'dry-run': 'true'}},
  ])('gets no tag from a foreign Git tag: $name', async ({event, inputs}) => {
    const env = {GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_SHA: shas.release}
    const given = {workspace: checkout('main'), event, env, inputs}
    const {refusal} = (await run(given)).prepared
    expect(refusal).toMatchObject({
      code: 'tag-elsewhere',
      message: expect.stringContaining('refs/tags/v1.2.3'),
      evidence: [expect.stringContaining(shas.release), expect.stringContaining(shas.main)],
    })
    const unpushed = await run({...given, inputs: {...inputs, push: 'false'}})
    expect(unpushed.prepared.refusal).toBeUndefined()
    expect(unpushed.warnings.length).toBe(1)
    const local = await run({...given, inputs: {...inputs, tags: 'type=sha', 'metadata-context': 'git'}})
    expect(local.prepared.refusal).toBeUndefined()
  })

  test('is ignored by a promote', async () => {
    const {prepared, warnings} = await run({
      workspace: checkout('origin/topic'),
      event: 'workflow-run',
      payload: upstream({}),
      action: 'promote',
    })
    expect(prepared.context.sha).toEqual(shas.main)
    expect(prepared.plan.tagNames).toEqual(['main', 'edge', short(shas.main)])
    expect([...warnings, ...prepared.notices]).toEqual([])
  })
})

describe('a commit that is made in this run', () => {
  function bumped(afterwards: (directory: string, sha: string) => void): {workspace: string; sha: string} {
    let sha = ''
    const workspace = checkout('main', (directory) => {
      git(directory, 'checkout', '--quiet', '-b', 'main', 'origin/main')
      sha = commit(directory, {page: 'bumped'})
      afterwards(directory, sha)
    })
    return {workspace, sha}
  }

  test.each([
    {name: 'and pushed', pushed: true, says: 'notice'},
    {name: 'and pushed by an address, as the API says', pushed: false, relation: 'identical', says: 'notice'},
    {name: 'and not pushed', pushed: false, says: 'warning'},
  ])('$name is of its branch', async ({pushed, relation, says}) => {
    const {workspace, sha} = bumped((directory) => {
      if (pushed) git(directory, 'update-ref', 'refs/remotes/origin/main', 'HEAD')
    })
    const {prepared, warnings} = await run({workspace, event: 'push-default-branch', relation})
    expect(prepared.plan.tagNames).toEqual(['main', 'edge', short(sha)])
    expect({warnings: warnings.length, notices: prepared.notices.length}).toEqual(
      says === 'notice' ? {warnings: 0, notices: 1} : {warnings: 1, notices: 0},
    )
  })

  test('was dropped by a reset to an older commit', async () => {
    const {workspace} = bumped((directory) => git(directory, 'reset', '--quiet', '--hard', 'v1.2.3'))
    const {prepared} = await run({workspace, event: 'push-default-branch'})
    expect(prepared.plan.tagNames).toEqual([short(shas.release)])
  })
})

describe('where the commit is read', () => {
  test.each([
    {name: 'a folder', context: 'app'},
    {name: 'the workspace', context: '.'},
    {name: 'an absolute path', context: ''},
  ])('$name of the checkout', async ({context}) => {
    const workspace = checkout('origin/topic')
    const inputs = {context: context === '' ? path.join(workspace, 'app') : context}
    const {prepared} = await run({workspace, event: 'workflow-dispatch-branch', inputs})
    expect(prepared.context.sha).toBe(shas.topic)
  })

  test('a checkout in a folder, whose tags say the version', async () => {
    const workspace = path.join(root, 'folder')
    cloneAt(source, path.join(workspace, 'src'), 'v1.2.3')
    const inputs = {context: 'src/app', version: 'auto', tags: 'type=semver,pattern={{version}}'}
    const {prepared} = await run({workspace, event: 'schedule', inputs})
    expect(prepared.context.sha).toEqual(shas.release)
    expect(prepared.plan.tagNames).toEqual(['1.2.3', 'latest'])
    const local = await run({
      workspace,
      event: 'schedule',
      inputs: {context: 'src', 'metadata-context': 'git', tags: 'type=sha'},
    })
    expect(local.prepared.plan.tagNames).toEqual([short(shas.release)])
  })

  test('the folder of the Dockerfile, where the context is in no checkout', async () => {
    const workspace = path.join(root, 'artifacts')
    cloneAt(source, path.join(workspace, 'src'), 'origin/topic')
    const inputs = {context: 'dist', file: 'src/Dockerfile'}
    const {prepared} = await run({workspace, event: 'workflow-dispatch-branch', inputs})
    expect(prepared.context.sha).toBe(shas.topic)
  })

  test('nowhere above the workspace', async () => {
    const workspace = path.join(checkout('origin/topic'), 'app')
    const {prepared, warnings} = await run({workspace, event: 'workflow-dispatch-branch'})
    expect(prepared.context.sha).toEqual(shas.main)
    expect(warnings).toEqual([])
  })

  test('a nested repository: its commit and address', async () => {
    const workspace = checkout('main')
    const sha = makeRepository(path.join(workspace, 'up')).topic
    git(path.join(workspace, 'up'), 'checkout', '--quiet', 'topic')
    git(path.join(workspace, 'up'), 'remote', 'add', 'origin', 'https://x:secret@github.com/up/stream.git')
    const {prepared, warnings} = await run({workspace, event: 'push-default-branch', inputs: {context: 'up'}})
    expect(prepared.plan.tagNames).toEqual(['main', 'edge', short(sha)])
    expect(prepared.plan.labels).toContainEqual({
      key: 'org.opencontainers.image.source',
      value: 'https://github.com/up/stream',
    })
    expect(warnings.length).toBe(0)
    expect(prepared.notices.length).toBe(1)
  })

  test.each([
    {name: 'around a packaged repository', inputs: {context: 'up', file: 'Dockerfile'}, around: () => [shas.main]},
    {name: 'around it, with its own Dockerfile', inputs: {context: 'up'}, around: () => [shas.main]},
    {
      name: 'of a build context',
      inputs: {'build-contexts': 'up=./up'},
      around: () => [git(path.join(root, 'packaged', 'up'), 'rev-parse', 'HEAD')],
    },
    {
      name: 'of a Dockerfile elsewhere',
      inputs: {file: 'up/Dockerfile'},
      around: () => [git(path.join(root, 'packaged', 'up'), 'rev-parse', 'HEAD')],
    },
    {name: 'of this repository alone', inputs: {'build-contexts': 'a=./app'}, around: () => []},
  ])('the other commits that are read: $name', async ({inputs, around}) => {
    const workspace = path.join(root, 'packaged')
    if (!existsSync(workspace)) {
      cloneAt(source, workspace, 'main')
      const up = path.join(workspace, 'up')
      makeRepository(up, 'FROM scratch\n# of the other repository\n')
      git(up, 'remote', 'add', 'origin', 'https://github.com/up/stream.git')
    }
    const {prepared} = await run({workspace, event: 'push-default-branch', inputs})
    expect(prepared.around).toEqual(around())
  })

  test('a submodule is part of the checkout around it', async () => {
    const workspace = checkout('main', (directory) => {
      git(directory, 'submodule', '--quiet', 'add', source, 'vendor')
    })
    const {prepared, warnings} = await run({workspace, event: 'push-default-branch', inputs: {context: 'vendor'}})
    expect(prepared.context.sha).toEqual(shas.main)
    expect(warnings).toEqual([])
  })

  test.each([
    {
      name: 'a worktree',
      prepareClone: (directory: string) =>
        git(directory, 'worktree', 'add', '--quiet', '-b', 'wt', 'tree', 'origin/topic'),
    },
    {
      name: 'a worktree with packed refs',
      prepareClone: (directory: string) => {
        git(directory, 'worktree', 'add', '--quiet', '-b', 'wt', 'tree', 'origin/topic')
        git(directory, 'pack-refs', '--all')
      },
    },
  ])('$name', async ({prepareClone}) => {
    const workspace = checkout('main', prepareClone)
    const {prepared} = await run({workspace, event: 'workflow-dispatch-branch', inputs: {context: 'tree'}})
    expect(prepared.context.sha).toBe(shas.topic)
  })

  test('packed refs', async () => {
    const workspace = checkout('main', (directory) => {
      git(directory, 'checkout', '--quiet', '-b', 'main', 'origin/main')
      git(directory, 'pack-refs', '--all')
    })
    const {prepared, commands} = await run({workspace, event: 'push-default-branch'})
    expect(prepared.context.sha).toEqual(shas.main)
    expect(commands()).toEqual([])
  })

  test('by Git, where the files do not say it', async () => {
    const workspace = checkout('main', (directory) => {
      git(directory, 'branch', '--quiet', 'main', 'origin/main')
      git(directory, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/main')
      git(directory, 'symbolic-ref', 'HEAD', 'refs/heads/alias')
    })
    const given = {workspace, event: 'workflow-dispatch-branch'}
    const same = await run(given)
    expect(same.prepared.context.sha).toEqual(shas.main)
    expect(same.commands()).toEqual(['rev-parse', 'symbolic-ref'])
    const other = await run({...given, env: {GITHUB_SHA: shas.release}})
    expect(other.prepared.context.sha).toEqual(shas.main)
    expect(other.warnings.length).toBe(0)
  })

  test.each([
    {name: 'no repository', make: () => undefined},
    {name: 'a repository without a commit', make: (directory: string) => git(directory, 'init', '--quiet')},
    {
      name: 'a file .git that leads nowhere',
      make: (directory: string) => {
        writeFileSync(path.join(directory, '.git'), 'gitdir: /nowhere')
      },
    },
  ])('$name: the event’s', async ({make}) => {
    const workspace = mkdtempSync(path.join(root, 'none-'))
    make(workspace)
    const {prepared, warnings} = await run({workspace, event: 'push-default-branch'})
    expect(prepared.context.sha).toEqual(shas.main)
    expect(warnings).toEqual([])
    expect(prepared.notices).toEqual([])
  })

  test.each(['git', '{{defaultContext}}', '{{defaultContext}}:app'])('%s is the event’s', async (context) => {
    const {prepared, warnings} = await run({
      workspace: checkout('origin/topic'),
      event: 'push-default-branch',
      inputs: {context},
    })
    expect(prepared.context.sha).toEqual(shas.main)
    expect(warnings).toEqual([])
  })
})

describe('a context on a Git server', () => {
  const own = 'https://github.com/octo-org/octo-repo.git'
  test.each([
    {name: 'the commit', context: () => `${own}#${shas.main}`, built: () => shas.main, tags: 3, warns: 0},
    {name: 'the ref', context: () => `${own}#refs/heads/main`, built: () => shas.main, tags: 3, warns: 0},
    {name: 'the branch, by a directory', context: () => `${own}#main:app`, built: () => shas.main, tags: 3, warns: 0},
    {
      name: 'the default branch',
      context: () => 'github.com/octo-org/octo-repo',
      built: () => shas.main,
      tags: 3,
      warns: 0,
    },
    {name: 'another commit', context: () => `${own}#${shas.topic}:app`, built: () => shas.topic, tags: 1, warns: 1},
    {
      name: 'another commit, in a query',
      context: () => `${own}?ref=x&commit=${shas.topic}`,
      built: () => shas.topic,
      tags: 1,
      warns: 1,
    },
    {name: 'another branch', context: () => `${own}#topic`, built: () => shas.main, tags: 3, warns: 1},
    {
      name: 'another repository',
      context: () => 'https://github.com/up/stream.git#main',
      built: () => shas.main,
      tags: 3,
      warns: 1,
    },
    {name: 'an archive', context: () => 'https://example.org/x.tar.gz', built: () => shas.main, tags: 3, warns: 0},
  ])('$name', async ({context, built, tags, warns}) => {
    const inputs = {context: context()}
    const {prepared, warnings} = await run({workspace: checkout('origin/topic'), event: 'push-default-branch', inputs})
    expect(prepared.context.sha).toEqual(built())
    expect(prepared.plan.tagNames.length).toEqual(tags)
    expect(warnings.length).toEqual(warns)
  })

  test('an unknown commit of another run is reported, except without a push', async () => {
    const given = {workspace: mkdtempSync(path.join(root, 'none-')), event: 'workflow-run', payload: upstream({})}
    const {warnings} = await run(given)
    expect(warnings).toEqual([expect.stringContaining(`${shas.release} (v1.2.3)`)])
    expect((await run({...given, inputs: {push: 'false'}})).warnings).toEqual([])
    expect((await run({...given, inputs: {context: 'git'}})).warnings).toEqual([])
  })
})
