import {describe, expect, test} from '@jest/globals'
import {readContext} from '../../../src/context/event.ts'
import type {GitContext} from '../../../src/context/git-context.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {CredentialInput} from '../../../src/inputs/credentials/credentials.ts'
import {
  decidePush,
  goneReason,
  requireCredentials,
  type PushDecision,
  type PushQuestion,
} from '../../../src/plan/push-decision.ts'
import type {PushReason} from '../../../src/reasons/push-reasons.ts'
import {loadEvent} from '../../../testing/events.ts'

function contextOf(event: string): GitContext {
  const {environment, payload} = loadEvent(event)
  return readContext(environment, payload)
}

function login(changes: Partial<CredentialInput> = {}): CredentialInput {
  return {host: 'docker.io', username: 'mona', password: new Secret('s3cret'), source: 'inputs', ...changes}
}

const empty = login({username: '', password: new Secret('')})

interface Question extends Partial<Omit<PushQuestion, 'context'>> {
  readonly event: string
  readonly context?: Partial<GitContext>
}

function question({event, context, ...given}: Question): PushQuestion {
  const defaults = {push: 'auto', call: undefined, logins: [login()], hasJobToken: true} as const
  return {...defaults, ...given, context: {...contextOf(event), ...context}}
}

/** Decides as a run does: whether to publish, and if so, whether it can log in. */
async function ask(given: Question): Promise<PushDecision> {
  const decision = decidePush(question(given))
  if (decision.do) await requireCredentials(question(given))
  return decision
}

const forkOfParent = {repository: {...contextOf('push-default-branch').repository, isFork: true}}

interface Row {
  readonly name: string
  readonly given: Question
  readonly expected: PushDecision
}

const yes = (reason: PushReason): PushDecision => ({do: true, reason})
const no = (reason: PushReason): PushDecision => ({do: false, reason})

const auto: readonly Row[] = [
  {
    name: 'push to a branch',
    given: {event: 'push-default-branch'},
    expected: yes({code: 'push-auto', event: 'push', ref: {kind: 'branch', name: 'master'}}),
  },
  {
    name: 'push of a tag',
    given: {event: 'push-tag'},
    expected: yes({code: 'push-auto', event: 'push', ref: {kind: 'tag', name: 'v1.2.3'}}),
  },
  {
    name: 'schedule',
    given: {event: 'schedule'},
    expected: yes({code: 'push-auto', event: 'schedule', ref: {kind: 'branch', name: 'main'}}),
  },
  {
    name: 'release',
    given: {event: 'release-published'},
    expected: yes({code: 'push-auto', event: 'release', ref: {kind: 'tag', name: '0.0.1'}}),
  },
  {
    name: 'an event without a ref',
    given: {event: 'repository-dispatch', context: {ref: {kind: 'none'}}},
    expected: yes({code: 'push-auto', event: 'repository_dispatch', ref: {kind: 'none'}}),
  },
  {
    name: 'merge queue: a candidate has tags of its own',
    given: {event: 'merge-group'},
    expected: yes({code: 'push-auto-merge-queue', branch: 'main'}),
  },
  {
    name: 'pull request',
    given: {event: 'pull-request'},
    expected: no({code: 'pull-request', number: 2}),
  },
  {
    name: 'fork without secrets',
    given: {event: 'pull-request-fork', logins: [empty]},
    expected: no({code: 'pull-request', number: 2}),
  },
  {
    name: 'pull_request_target',
    given: {event: 'pull-request-target'},
    expected: no({code: 'pull-request', number: 2}),
  },
  {
    name: 'pull_request_target without a number',
    given: {event: 'pull-request-target', context: {ref: {kind: 'none'}, pull: undefined}},
    expected: no({code: 'pull-request', number: undefined}),
  },
  {
    name: 'merged pull request, though the ref is a branch',
    given: {event: 'pull-request-merged'},
    expected: no({code: 'pull-request', number: 2}),
  },
  {
    name: 'comment on a pull request, whose code may be what was checked out',
    given: {event: 'pull-request-comment'},
    expected: no({code: 'pull-request', number: 1}),
  },
  {
    name: 'pull request of Dependabot',
    given: {event: 'pull-request-dependabot', logins: [empty]},
    expected: no({code: 'pull-request', number: 2}),
  },
  {
    name: 'push of Dependabot',
    given: {event: 'push-branch', context: {byDependabot: true}, logins: [empty]},
    expected: no({code: 'dependabot'}),
  },
  {
    name: 'workflow_run of a push',
    given: {event: 'workflow-run'},
    expected: yes({code: 'push-auto', event: 'workflow_run', ref: {kind: 'branch', name: 'master'}}),
  },
  {
    name: 'workflow_run, pull request',
    given: {event: 'workflow-run-fork'},
    expected: no({code: 'after-pull-request'}),
  },
  {
    name: 'workflow_run of Dependabot',
    given: {
      event: 'workflow-run',
      context: {upstream: {event: 'push', fromFork: false, byDependabot: true, headBranch: 'main', headSha: undefined}},
    },
    expected: no({code: 'after-dependabot'}),
  },
  {
    name: 'deleted branch',
    given: {event: 'push-branch-deleted'},
    expected: no({code: 'ref-deleted', ref: {kind: 'branch', name: 'feature/login'}}),
  },
  {
    name: 'a fork of the repository that has no secrets of its own',
    given: {event: 'push-default-branch', context: forkOfParent, logins: [login({host: 'ghcr.io'}), empty]},
    expected: no({code: 'fork-without-credentials', repository: 'Codertocat/Hello-World', hosts: ['docker.io']}),
  },
  {
    name: 'a fork of the repository with its own secrets',
    given: {event: 'push-default-branch', context: forkOfParent},
    expected: yes({code: 'push-auto', event: 'push', ref: {kind: 'branch', name: 'master'}}),
  },
  {
    name: 'ghcr.io needs no credentials',
    given: {
      event: 'push-default-branch',
      logins: [login({host: 'ghcr.io', username: '', password: new Secret('')})],
    },
    expected: yes({code: 'push-auto', event: 'push', ref: {kind: 'branch', name: 'master'}}),
  },
  {
    name: 'no login at all',
    given: {event: 'push-default-branch', logins: []},
    expected: yes({code: 'push-auto', event: 'push', ref: {kind: 'branch', name: 'master'}}),
  },
]

const needed: readonly Row[] = [
  {
    name: 'an incomplete login that the run does not need',
    given: {event: 'push-default-branch', push: 'true', logins: [empty], hosts: ['ghcr.io']},
    expected: yes({code: 'push-true'}),
  },
  {
    name: 'a fork of the repository, with an incomplete login that the run does not need',
    given: {event: 'push-default-branch', context: forkOfParent, logins: [empty], hosts: ['ghcr.io']},
    expected: yes({code: 'push-auto', event: 'push', ref: {kind: 'branch', name: 'master'}}),
  },
  {
    name: 'a fork of the repository, with an incomplete login that the run needs',
    given: {
      event: 'push-default-branch',
      context: forkOfParent,
      logins: [empty, login({host: 'quay.io', username: ''})],
      hosts: ['quay.io', 'ghcr.io'],
    },
    expected: no({code: 'fork-without-credentials', repository: 'Codertocat/Hello-World', hosts: ['quay.io']}),
  },
]

const asked: readonly Row[] = [
  {name: 'true: a branch', given: {event: 'push-branch', push: 'true'}, expected: yes({code: 'push-true'})},
  {name: 'true: a pull request', given: {event: 'pull-request', push: 'true'}, expected: yes({code: 'push-true'})},
  {
    name: 'true: Dependabot with secrets of its own',
    given: {event: 'pull-request-dependabot', push: 'true'},
    expected: yes({code: 'push-true'}),
  },
  {
    name: 'true: a deleted tag stays unpublished',
    given: {event: 'push-tag-deleted', push: 'true'},
    expected: no({code: 'ref-deleted', ref: {kind: 'tag', name: 'simple-tag'}}),
  },
  {
    name: 'true: an unpublished release is not published',
    given: {event: 'release-unpublished', push: 'true'},
    expected: no({code: 'release-draft', release: '0.0.1'}),
  },
  {
    name: 'true: a draft of a release stays unpublished',
    given: {event: 'release-draft', push: 'true'},
    expected: no({code: 'release-draft', release: '0.0.1'}),
  },
  {
    name: 'false: no credentials are needed',
    given: {event: 'push-branch', push: 'false', logins: [empty]},
    expected: no({code: 'push-false'}),
  },
]

const withoutImage: readonly Row[] = [
  {
    name: 'call: check',
    given: {event: 'push-branch', push: 'true', call: 'check'},
    expected: no({code: 'call-without-image', call: 'check'}),
  },
  {
    name: 'call: outline with a format',
    given: {event: 'push-branch', call: 'outline,format=json', logins: [empty]},
    expected: no({code: 'call-without-image', call: 'outline'}),
  },
  {
    name: 'call: build',
    given: {event: 'push-branch', push: 'true', call: 'build'},
    expected: yes({code: 'push-true'}),
  },
  {
    name: 'call: build in capitals',
    given: {event: 'push-branch', push: 'true', call: 'BUILD'},
    expected: yes({code: 'push-true'}),
  },
  {
    name: 'call: build with a format',
    given: {event: 'push-branch', push: 'true', call: 'build,format=json'},
    expected: yes({code: 'push-true'}),
  },
  {name: 'call: empty', given: {event: 'push-branch', push: 'true', call: ''}, expected: yes({code: 'push-true'})},
]

describe('decidePush', () => {
  test.each([...auto, ...needed, ...asked, ...withoutImage])('$name', async ({given, expected}) => {
    expect(await ask(given)).toEqual(expected)
  })
})

describe('an incomplete login', () => {
  const secretsMissing = expect.stringContaining('`push`')
  test.each([
    {
      name: 'no password, from the inputs',
      given: {event: 'push-branch', logins: [login({password: new Secret('')})]},
      expected: {
        message: expect.stringContaining('docker.io'),
        evidence: ['password is empty (registry docker.io)'],
      },
    },
    {
      name: 'several, from registry-auth',
      given: {
        event: 'push-branch',
        logins: [
          login(),
          login({host: 'quay.io', username: '', source: 'registry-auth', line: 4}),
          login({host: 'registry.example.com', username: '', password: new Secret(''), source: 'registry-auth'}),
        ],
      },
      expected: {
        message: expect.stringContaining('quay.io, registry.example.com'),
        evidence: [
          'registry-auth, line 4: username is empty (registry quay.io)',
          'registry-auth: username is empty (registry registry.example.com)',
          'registry-auth: password is empty (registry registry.example.com)',
        ],
      },
    },
    {
      name: 'ghcr.io where no token of the job can fill in',
      given: {
        event: 'push-branch',
        hasJobToken: false,
        logins: [login({host: 'ghcr.io', password: new Secret('')})],
      },
      expected: {
        message: expect.stringContaining('ghcr.io'),
        evidence: ['password is empty (registry ghcr.io)'],
      },
    },
    {
      name: 'push: true, fork',
      given: {event: 'pull-request-fork', push: 'true' as const, logins: [empty]},
      expected: {remedy: secretsMissing},
    },
    {
      name: 'push: true, Dependabot',
      given: {event: 'pull-request-dependabot', push: 'true' as const, logins: [empty]},
      expected: {remedy: secretsMissing},
    },
    {
      name: 'a required registry beside another',
      given: {
        event: 'push-branch',
        logins: [empty, login({host: 'quay.io', username: ''})],
        hosts: ['quay.io'],
      },
      expected: {evidence: ['username is empty (registry quay.io)']},
    },
    {
      name: 'push: true in a fork of the repository',
      given: {event: 'push-default-branch', push: 'true' as const, context: forkOfParent, logins: [empty]},
      expected: {code: 'credentials-missing'},
    },
  ])('$name', async ({given, expected}) => {
    await expect(ask(given)).rejects.toMatchObject({code: 'credentials-missing', ...expected})
  })
})

describe('goneReason', () => {
  test.each([
    {name: 'push-branch', expected: undefined},
    {name: 'push-tag-deleted', expected: {code: 'ref-deleted', ref: {kind: 'tag', name: 'simple-tag'}}},
    {name: 'delete-tag', expected: {code: 'ref-deleted', ref: {kind: 'tag', name: 'simple-tag'}}},
    {name: 'release-deleted', expected: {code: 'release-gone', release: '0.0.1', action: 'deleted'}},
    {name: 'release-unpublished', expected: {code: 'release-draft', release: '0.0.1'}},
    {name: 'release-draft', expected: {code: 'release-draft', release: '0.0.1'}},
    {name: 'pull-request-closed', expected: {code: 'pull-request-closed', ref: {kind: 'pull', name: '2'}}},
    {name: 'pull-request-merged', expected: undefined},
  ])('$name', ({name, expected}) => {
    expect(goneReason(contextOf(name))).toEqual(expected)
  })

  test('a draft', () => {
    const context = contextOf('release-published')
    const draft = {...context, gone: true, release: {tag: '0.0.1', prerelease: false, draft: true}}
    expect(goneReason(draft)).toEqual({code: 'release-draft', release: '0.0.1'})
  })
})
