import {describe, expect, test} from '@jest/globals'
import {readContext} from '../../../src/context/event.ts'
import type {GitContext, PullRequest, RepositoryInfo} from '../../../src/context/git-context.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {eventNames, loadEvent} from '../../../testing/events.ts'

const tip = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'
const octoTip = '3484a3fb816e0859fd6e1cea078d76385ff50625'
const headTip = 'ec26c3e57ca3a959ca5aad62de7213c562f8c821'
const mergeCommit = 'c4295bd74fb0f4fda03689c3df3f2803b658fd85'

const helloWorld: RepositoryInfo = {
  owner: 'Codertocat',
  name: 'Hello-World',
  defaultBranch: 'master',
  description: undefined,
  license: undefined,
  url: 'https://github.com/Codertocat/Hello-World',
  ownerType: 'User',
  isFork: false,
}
const described: RepositoryInfo = {...helloWorld, description: 'My first repository on GitHub!', license: 'MIT'}
const octoRepo: RepositoryInfo = {
  ...helloWorld,
  owner: 'octo-org',
  ownerType: 'Organization',
  name: 'octo-repo',
  defaultBranch: 'main',
  url: 'https://github.com/octo-org/octo-repo',
}
/** Facts without a payload. */
const bareRepo: RepositoryInfo = {
  owner: octoRepo.owner,
  name: octoRepo.name,
  url: octoRepo.url,
  defaultBranch: undefined,
  description: undefined,
  license: undefined,
  isFork: undefined,
}
const octoMaster: RepositoryInfo = {
  ...octoRepo,
  defaultBranch: 'master',
  description: 'an effort to correct various shortcomings of the default GitHub action and event system',
  license: 'GPL-3.0',
}

const common: GitContext = {
  event: 'push',
  eventName: 'push',
  action: undefined,
  ref: {kind: 'none'},
  fullRef: '',
  sha: tip,
  commitDate: undefined,
  gone: false,
  baseRef: undefined,
  pull: undefined,
  release: undefined,
  upstream: undefined,
  actor: 'Codertocat',
  byDependabot: false,
  repository: helloWorld,
  server: {url: 'https://github.com', apiUrl: 'https://api.github.com'},
  run: {
    id: '2188841209',
    number: '24',
    attempt: '1',
    url: 'https://github.com/Codertocat/Hello-World/actions/runs/2188841209',
  },
}
const octoCommon: GitContext = {
  ...common,
  repository: octoRepo,
  sha: octoTip,
  run: {...common.run, url: 'https://github.com/octo-org/octo-repo/actions/runs/2188841209'},
}

const pull: PullRequest = {number: 2, headSha: headTip, headRef: 'changes', baseRef: 'master', fromFork: false}
const pullCommon: GitContext = {
  ...common,
  event: 'pull_request',
  eventName: 'pull_request',
  action: 'opened',
  ref: {kind: 'pull', name: '2'},
  fullRef: 'refs/pull/2/merge',
  sha: mergeCommit,
  baseRef: 'master',
  pull,
}
const releaseCommon: GitContext = {
  ...common,
  event: 'release',
  eventName: 'release',
  action: 'published',
  ref: {kind: 'tag', name: '0.0.1'},
  fullRef: 'refs/tags/0.0.1',
  release: {tag: '0.0.1', prerelease: false, draft: false},
}
const draftRelease = {tag: '0.0.1', prerelease: false, draft: true}
const octoBranch = {ref: {kind: 'branch', name: 'main'}, fullRef: 'refs/heads/main'} as const
const octoMasterBranch = {ref: {kind: 'branch', name: 'master'}, fullRef: 'refs/heads/master'} as const

const fixtures: readonly {readonly name: string; readonly expected: GitContext}[] = [
  {
    name: 'push-branch',
    expected: {
      ...common,
      ref: {kind: 'branch', name: 'feature/login'},
      fullRef: 'refs/heads/feature/login',
      commitDate: '2019-05-15T15:19:25Z',
      repository: described,
    },
  },
  {
    name: 'push-default-branch',
    expected: {
      ...common,
      ref: {kind: 'branch', name: 'master'},
      fullRef: 'refs/heads/master',
      commitDate: '2019-05-15T15:19:25Z',
      repository: described,
    },
  },
  {
    name: 'push-tag',
    expected: {
      ...common,
      ref: {kind: 'tag', name: 'v1.2.3'},
      fullRef: 'refs/tags/v1.2.3',
      commitDate: '2019-05-15T15:20:41Z',
      baseRef: 'master',
      repository: described,
    },
  },
  {
    name: 'push-branch-deleted',
    expected: {
      ...common,
      ref: {kind: 'branch', name: 'feature/login'},
      fullRef: 'refs/heads/feature/login',
      sha: '',
      gone: true,
    },
  },
  {
    name: 'push-tag-deleted',
    expected: {
      ...common,
      ref: {kind: 'tag', name: 'simple-tag'},
      fullRef: 'refs/tags/simple-tag',
      sha: '',
      gone: true,
    },
  },
  {
    name: 'push-enterprise',
    expected: {
      ...common,
      ref: {kind: 'tag', name: 'simple-tag'},
      fullRef: 'refs/tags/simple-tag',
      commitDate: '2019-05-15T15:20:41Z',
      repository: {...helloWorld, url: 'https://octocoders.github.io/Codertocat/Hello-World'},
      server: {url: 'https://octocoders.github.io', apiUrl: 'https://octocoders.github.io/api/v3'},
      run: {...common.run, url: 'https://octocoders.github.io/Codertocat/Hello-World/actions/runs/2188841209'},
    },
  },
  {name: 'pull-request', expected: pullCommon},
  {name: 'pull-request-fork', expected: {...pullCommon, actor: 'octocat', pull: {...pull, fromFork: true}}},
  {
    name: 'pull-request-fork-deleted',
    expected: {...pullCommon, action: 'reopened', pull: {...pull, fromFork: true}},
  },
  {name: 'pull-request-closed', expected: {...pullCommon, action: 'closed', gone: true}},
  {
    name: 'pull-request-merged',
    expected: {
      ...pullCommon,
      action: 'closed',
      ref: {kind: 'branch', name: 'master'},
      fullRef: 'refs/heads/master',
    },
  },
  {
    name: 'pull-request-dependabot',
    expected: {
      ...pullCommon,
      actor: 'dependabot[bot]',
      byDependabot: true,
      pull: {...pull, headRef: 'dependabot/docker/node-24'},
    },
  },
  {
    name: 'pull-request-target',
    expected: {
      ...pullCommon,
      event: 'pull_request_target',
      eventName: 'pull_request_target',
      sha: 'f95f852bd8fca8fcc58a9a2d6c842781e32a215e',
      actor: 'octocat',
      pull: {...pull, fromFork: true},
    },
  },
  {
    name: 'pull-request-comment',
    expected: {
      ...common,
      event: 'other',
      eventName: 'issue_comment',
      action: 'created',
      ref: {kind: 'pull', name: '1'},
      fullRef: 'refs/pull/1/merge',
      pull: {number: 1, headSha: undefined, headRef: undefined, baseRef: undefined, fromFork: true},
    },
  },
  {
    name: 'schedule',
    expected: {...octoCommon, ...octoBranch, event: 'schedule', eventName: 'schedule', actor: 'octocat'},
  },
  {
    name: 'schedule-without-repository',
    expected: {
      ...octoCommon,
      ...octoBranch,
      event: 'schedule',
      eventName: 'schedule',
      actor: 'octocat',
      repository: bareRepo,
    },
  },
  {
    name: 'workflow-dispatch-branch',
    expected: {
      ...octoCommon,
      ...octoBranch,
      event: 'workflow_dispatch',
      eventName: 'workflow_dispatch',
      actor: 'octocat',
    },
  },
  {
    name: 'workflow-dispatch-tag',
    expected: {
      ...octoCommon,
      event: 'workflow_dispatch',
      eventName: 'workflow_dispatch',
      ref: {kind: 'tag', name: 'v1.2.3'},
      fullRef: 'refs/tags/v1.2.3',
      actor: 'octocat',
    },
  },
  {
    name: 'release-published',
    expected: {...releaseCommon, repository: {...described, license: undefined}},
  },
  {
    name: 'release-prerelease',
    expected: {
      ...releaseCommon,
      action: 'prereleased',
      release: {tag: '0.0.1', prerelease: true, draft: false},
    },
  },
  {name: 'release-deleted', expected: {...releaseCommon, action: 'deleted', gone: true}},
  {
    name: 'release-unpublished',
    expected: {...releaseCommon, action: 'unpublished', gone: true, release: draftRelease},
  },
  {name: 'release-draft', expected: {...releaseCommon, action: 'created', gone: true, release: draftRelease}},
  {
    name: 'merge-group',
    expected: {
      ...octoCommon,
      event: 'merge_group',
      eventName: 'merge_group',
      action: 'checks_requested',
      ref: {kind: 'branch', name: 'gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64'},
      fullRef: 'refs/heads/gh-readonly-queue/main/pr-104-929f8209d40f77f4abc622a499c93a83babdbe64',
      sha: '2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d',
      commitDate: '2019-05-15T15:20:30Z',
      baseRef: 'main',
      repository: {...octoRepo, description: 'My first repo on GitHub!'},
    },
  },
  {
    name: 'workflow-run',
    expected: {
      ...octoCommon,
      ...octoMasterBranch,
      event: 'workflow_run',
      eventName: 'workflow_run',
      action: 'completed',
      commitDate: '2020-10-05T16:32:07Z',
      upstream: {
        event: 'repository_dispatch',
        fromFork: false,
        byDependabot: false,
        headBranch: 'master',
        headSha: octoTip,
      },
      repository: octoMaster,
    },
  },
  {
    name: 'workflow-run-fork',
    expected: {
      ...octoCommon,
      ...octoMasterBranch,
      event: 'workflow_run',
      eventName: 'workflow_run',
      action: 'completed',
      upstream: {
        event: 'pull_request',
        fromFork: true,
        byDependabot: false,
        headBranch: 'changes',
        headSha: headTip,
      },
      actor: 'octocat',
      repository: octoMaster,
    },
  },
  {
    name: 'repository-dispatch',
    expected: {
      ...octoCommon,
      ...octoMasterBranch,
      event: 'repository_dispatch',
      eventName: 'repository_dispatch',
      action: 'on-demand-test',
      repository: {
        ...octoRepo,
        defaultBranch: 'master',
        description: 'My first repo on GitHub!',
      },
    },
  },
  {
    name: 'create-branch',
    expected: {
      ...common,
      event: 'create',
      eventName: 'create',
      ref: {kind: 'branch', name: 'feature/login'},
      fullRef: 'refs/heads/feature/login',
    },
  },
  {
    name: 'create-tag',
    expected: {
      ...common,
      event: 'create',
      eventName: 'create',
      ref: {kind: 'tag', name: 'simple-tag'},
      fullRef: 'refs/tags/simple-tag',
    },
  },
  {
    name: 'delete-branch',
    expected: {
      ...common,
      event: 'other',
      eventName: 'delete',
      ref: {kind: 'branch', name: 'feature/login'},
      fullRef: 'refs/heads/feature/login',
      sha: '',
      gone: true,
    },
  },
  {
    name: 'delete-tag',
    expected: {
      ...common,
      event: 'other',
      eventName: 'delete',
      ref: {kind: 'tag', name: 'simple-tag'},
      fullRef: 'refs/tags/simple-tag',
      sha: '',
      gone: true,
    },
  },
]

describe('an event as the runner hands it over', () => {
  test.each(fixtures)('$name', ({name, expected}) => {
    const {environment, payload} = loadEvent(name)
    expect(readContext(environment, payload)).toStrictEqual(expected)
  })

  test('every fixture has its row', () => {
    expect(fixtures.map(({name}) => name).sort()).toEqual(eventNames())
  })
})

const shaA = 'a'.repeat(40)
const zero = '0'.repeat(40)

/** A runner's variables with the given ones on top; the empty text takes one away, as the runner does. */
function variables(given: Readonly<Record<string, string>>): Record<string, string> {
  return {GITHUB_REPOSITORY: 'octo-org/app', GITHUB_ACTOR: 'mona', GITHUB_SHA: shaA, ...given}
}

interface Row {
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  readonly payload: unknown
  readonly expected: Partial<GitContext>
}

const prPayload = (changes: object = {}): object => ({
  number: 7,
  action: 'synchronize',
  pull_request: {
    number: 7,
    user: {login: 'mona'},
    head: {sha: headTip, ref: 'topic', repo: {id: 1, full_name: 'octo-org/app'}},
    base: {ref: 'main', repo: {id: 1, full_name: 'octo-org/app'}},
    ...changes,
  },
})
const pr = {GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge'}

const rows: readonly Row[] = [
  {
    name: 'push without variables of ref and commit: the payload fills in',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_SHA: ''},
    payload: {ref: 'refs/heads/main', after: shaA},
    expected: {ref: {kind: 'branch', name: 'main'}, sha: shaA},
  },
  {
    name: 'push of an annotated tag: the commit, not the tag object',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_SHA: ''},
    payload: {ref: 'refs/tags/v1', after: shaA, head_commit: {id: tip, timestamp: '2026-08-01T10:00:00+02:00'}},
    expected: {ref: {kind: 'tag', name: 'v1'}, sha: tip, commitDate: '2026-08-01T10:00:00+02:00'},
  },
  {
    name: 'push: the variable wins over the payload',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/release'},
    payload: {ref: 'refs/heads/main', after: tip},
    expected: {fullRef: 'refs/heads/release', sha: shaA},
  },
  {
    name: 'push: the date of another commit is not taken',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main'},
    payload: {head_commit: {id: tip, timestamp: '2026-08-01T10:00:00Z'}},
    expected: {sha: shaA, commitDate: undefined},
  },
  {
    name: 'push: a date that is none is left out',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main'},
    payload: {head_commit: {id: shaA, timestamp: 'yesterday'}},
    expected: {commitDate: undefined},
  },
  {
    name: 'push: deletion by the zero commit',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main'},
    payload: {ref: 'refs/heads/topic', after: zero},
    expected: {ref: {kind: 'branch', name: 'topic'}, sha: '', gone: true},
  },
  {
    name: 'push: base_ref of a branch is ignored',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/topic'},
    payload: {base_ref: 'refs/heads/main'},
    expected: {baseRef: undefined},
  },
  {
    name: 'push: an invalid commit is ignored',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: 'main'},
    payload: {},
    expected: {sha: ''},
  },
  ...['refs/heads/main', 'refs/tags/v1'].map((ref) => ({
    name: `a comment on a pull request, at ${ref}`,
    environment: {GITHUB_EVENT_NAME: 'issue_comment', GITHUB_REF: ref, GITHUB_SHA: shaA},
    payload: {issue: {number: 7, pull_request: {url: 'https://api.github.com/repos/o/r/pulls/7'}}},
    expected: {ref: {kind: 'pull' as const, name: '7'}, fullRef: 'refs/pull/7/merge', sha: shaA},
  })),
  {
    name: 'a comment on an issue',
    environment: {GITHUB_EVENT_NAME: 'issue_comment', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: shaA},
    payload: {issue: {number: 7}},
    expected: {ref: {kind: 'branch', name: 'main'}, pull: undefined},
  },
  ...['pull_request_review', 'pull_request_review_comment'].flatMap((name) =>
    ['refs/pull/7/merge', 'refs/pull/7/head', 'refs/heads/main', ''].map((ref) => ({
      name: `${name} at ref "${ref}"`,
      environment: {GITHUB_EVENT_NAME: name, GITHUB_REF: ref, GITHUB_SHA: shaA},
      payload: {pull_request: {number: 7}},
      expected: {
        ref: {kind: 'pull' as const, name: '7'},
        fullRef: ref === 'refs/pull/7/head' ? ref : 'refs/pull/7/merge',
        sha: shaA,
      },
    })),
  ),
  {
    name: 'push: a sha256 repository',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: 'b'.repeat(64)},
    payload: {},
    expected: {sha: 'b'.repeat(64)},
  },
  ...['true', '1', 'yes', 'True'].map((spelling) => ({
    name: `pull request with DOCKER_METADATA_PR_HEAD_SHA=${spelling}: the head's commit`,
    environment: {...pr, DOCKER_METADATA_PR_HEAD_SHA: spelling},
    payload: prPayload(),
    expected: {sha: headTip, fullRef: 'refs/pull/7/merge'},
  })),
  ...['false', '0', '', 'untrue'].map((spelling) => ({
    name: `pull request with DOCKER_METADATA_PR_HEAD_SHA=${spelling}: the merge commit`,
    environment: {...pr, DOCKER_METADATA_PR_HEAD_SHA: spelling},
    payload: prPayload(),
    expected: {sha: shaA},
  })),
  {
    name: 'pull_request_target with DOCKER_METADATA_PR_HEAD_SHA',
    environment: {
      GITHUB_EVENT_NAME: 'pull_request_target',
      GITHUB_REF: 'refs/heads/main',
      DOCKER_METADATA_PR_HEAD_SHA: 'true',
    },
    payload: prPayload(),
    expected: {ref: {kind: 'pull', name: '7'}, fullRef: 'refs/pull/7/merge', sha: headTip},
  },
  ...['pull_request_review', 'pull_request_review_comment'].map((name) => ({
    name: `${name} with DOCKER_METADATA_PR_HEAD_SHA`,
    environment: {...pr, GITHUB_EVENT_NAME: name, DOCKER_METADATA_PR_HEAD_SHA: 'true'},
    payload: prPayload(),
    expected: {sha: headTip},
  })),
  {
    name: 'pull_request_target without a number: no ref',
    environment: {GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_REF: 'refs/heads/main'},
    payload: {},
    expected: {ref: {kind: 'none'}, fullRef: '', pull: undefined},
  },
  {
    name: 'push with DOCKER_METADATA_PR_HEAD_SHA: it is for pull requests',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', DOCKER_METADATA_PR_HEAD_SHA: 'true'},
    payload: prPayload(),
    expected: {sha: shaA},
  },
  {
    name: 'pull request that names a branch without having been merged: the pull request',
    environment: {...pr, GITHUB_REF: 'refs/heads/main'},
    payload: prPayload(),
    expected: {ref: {kind: 'pull', name: '7'}},
  },
  {
    name: 'pull request merged on an older server, without refs/heads/',
    environment: {...pr, GITHUB_REF: 'main'},
    payload: {...prPayload({merged: true}), action: 'closed'},
    expected: {ref: {kind: 'branch', name: 'main'}, fullRef: 'refs/heads/main', gone: false},
  },
  {
    name: 'pull request without a payload: the number of the ref, treated as a fork',
    environment: {...pr, GITHUB_HEAD_REF: 'topic', GITHUB_BASE_REF: 'main'},
    payload: undefined,
    expected: {
      ref: {kind: 'pull', name: '7'},
      pull: {number: 7, headSha: undefined, headRef: 'topic', baseRef: 'main', fromFork: true},
    },
  },
  {
    name: 'pull_request_review: kind other, with the pull request',
    environment: {GITHUB_EVENT_NAME: 'pull_request_review', GITHUB_REF: 'refs/pull/7/merge'},
    payload: prPayload(),
    expected: {
      event: 'other',
      eventName: 'pull_request_review',
      ref: {kind: 'pull', name: '7'},
      pull: {number: 7, headSha: headTip, headRef: 'topic', baseRef: 'main', fromFork: false},
    },
  },
  {
    name: 'comment on an issue',
    environment: {GITHUB_EVENT_NAME: 'issue_comment', GITHUB_REF: 'refs/heads/main'},
    payload: {issue: {number: 3}},
    expected: {pull: undefined},
  },
  {
    name: 'release without GITHUB_REF: the tag of the release',
    environment: {GITHUB_EVENT_NAME: 'release'},
    payload: {action: 'published', release: {tag_name: 'v2.0.0', prerelease: false, draft: false}},
    expected: {ref: {kind: 'tag', name: 'v2.0.0'}, fullRef: 'refs/tags/v2.0.0', gone: false},
  },
  {
    name: 'release that names a branch: the tag of the release',
    environment: {GITHUB_EVENT_NAME: 'release', GITHUB_REF: 'refs/heads/main'},
    payload: {action: 'published', release: {tag_name: 'v2.0.0'}},
    expected: {ref: {kind: 'tag', name: 'v2.0.0'}},
  },
  {
    name: 'release without a payload: the tag of GITHUB_REF',
    environment: {GITHUB_EVENT_NAME: 'release', GITHUB_REF: 'refs/tags/v2.0.0'},
    payload: {},
    expected: {release: {tag: 'v2.0.0', prerelease: false, draft: false}},
  },
  {
    name: 'draft release: nothing to publish, and no tag, which may not exist',
    environment: {GITHUB_EVENT_NAME: 'release'},
    payload: {action: 'created', release: {tag_name: 'v2.0.0', draft: true}},
    expected: {ref: {kind: 'none'}, gone: true, release: {tag: 'v2.0.0', prerelease: false, draft: true}},
  },
  {
    name: 'unpublished release',
    environment: {GITHUB_EVENT_NAME: 'release', GITHUB_REF: 'refs/tags/v2.0.0'},
    payload: {action: 'unpublished', release: {tag_name: 'v2.0.0'}},
    expected: {gone: true},
  },
  {
    name: 'create without GITHUB_REF: name and type of the payload',
    environment: {GITHUB_EVENT_NAME: 'create'},
    payload: {ref: 'v1', ref_type: 'tag'},
    expected: {fullRef: 'refs/tags/v1'},
  },
  {
    name: 'create of a ref that was deleted since',
    environment: {GITHUB_EVENT_NAME: 'create', GITHUB_REF: 'refs/heads/main', GITHUB_SHA: zero},
    payload: {ref: 'topic', ref_type: 'branch'},
    expected: {fullRef: 'refs/heads/topic', sha: '', gone: true},
  },
  {
    name: 'merge group without a payload: the target branch of the ref',
    environment: {
      GITHUB_EVENT_NAME: 'merge_group',
      GITHUB_REF: `refs/heads/gh-readonly-queue/release/1.x/pr-5-${tip}`,
    },
    payload: {},
    expected: {baseRef: 'release/1.x', sha: shaA},
  },
  {
    name: 'merge group without variables: values of the payload',
    environment: {GITHUB_EVENT_NAME: 'merge_group', GITHUB_SHA: ''},
    payload: {merge_group: {head_ref: 'refs/heads/gh-readonly-queue/main/pr-5-x', head_sha: tip}},
    expected: {fullRef: 'refs/heads/gh-readonly-queue/main/pr-5-x', sha: tip, baseRef: 'main'},
  },
  {
    name: 'unknown event: GITHUB_REF',
    environment: {GITHUB_EVENT_NAME: 'deployment', GITHUB_REF: 'refs/tags/v1'},
    payload: {},
    expected: {event: 'other', eventName: 'deployment', ref: {kind: 'tag', name: 'v1'}},
  },
  {
    name: 'event without a ref',
    environment: {GITHUB_EVENT_NAME: 'deployment', GITHUB_REF: ''},
    payload: {},
    expected: {ref: {kind: 'none'}, fullRef: ''},
  },
  {
    name: 'event with the name other',
    environment: {GITHUB_EVENT_NAME: 'other', GITHUB_REF: 'refs/heads/main'},
    payload: {},
    expected: {event: 'other', ref: {kind: 'branch', name: 'main'}},
  },
  {
    name: 'Dependabot: push',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main', GITHUB_ACTOR: 'dependabot[bot]'},
    payload: {},
    expected: {byDependabot: true},
  },
  {
    name: 'Dependabot: a push of a maintainer to its branch ends the restrictions',
    environment: pr,
    payload: prPayload({user: {login: 'dependabot[bot]'}}),
    expected: {byDependabot: false},
  },
  {
    name: 'Dependabot: pull_request_target of its own pull request',
    environment: {GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_ACTOR: 'dependabot[bot]'},
    payload: prPayload({user: {login: 'dependabot[bot]'}}),
    expected: {byDependabot: true},
  },
  {
    name: 'Dependabot: a schedule that it edited last has no restrictions',
    environment: {GITHUB_EVENT_NAME: 'schedule', GITHUB_REF: 'refs/heads/main', GITHUB_ACTOR: 'dependabot[bot]'},
    payload: {},
    expected: {byDependabot: false, actor: 'dependabot[bot]'},
  },
  {
    name: 'actor of the payload',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_ACTOR: ''},
    payload: {sender: {login: 'hubot'}},
    expected: {actor: 'hubot'},
  },
  {
    name: 'workflow_run triggered by Dependabot',
    environment: {GITHUB_EVENT_NAME: 'workflow_run', GITHUB_REF: 'refs/heads/main'},
    payload: {
      repository: {id: 1},
      workflow_run: {event: 'push', head_repository: {id: 1}, actor: {login: 'dependabot[bot]'}},
    },
    expected: {
      upstream: {
        event: 'push',
        fromFork: false,
        byDependabot: true,
        headBranch: undefined,
        headSha: undefined,
      },
    },
  },
  {
    name: 'Enterprise server without an API address, with a trailing slash',
    environment: {GITHUB_EVENT_NAME: 'push', GITHUB_SERVER_URL: 'https://github.example.com/'},
    payload: {},
    expected: {server: {url: 'https://github.example.com', apiUrl: 'https://github.example.com/api/v3'}},
  },
  {
    name: 'no address: GitHub.com',
    environment: {GITHUB_EVENT_NAME: 'push'},
    payload: {},
    expected: {
      server: {url: 'https://github.com', apiUrl: 'https://api.github.com'},
      run: {id: '', number: '', attempt: '1', url: 'https://github.com/octo-org/app/actions'},
    },
  },
]

describe('rules of an event', () => {
  test.each(rows)('$name', ({environment, payload, expected}) => {
    expect(readContext(variables(environment), payload)).toMatchObject(expected)
  })
})

describe('outside of a runner', () => {
  const missing = [
    {name: 'no variables', given: {}, expected: ['GITHUB_EVENT_NAME', 'GITHUB_REPOSITORY']},
    {name: 'no event', given: {GITHUB_REPOSITORY: 'a/b'}, expected: ['GITHUB_EVENT_NAME']},
    {name: 'no repository', given: {GITHUB_EVENT_NAME: 'push'}, expected: ['GITHUB_REPOSITORY']},
    {
      name: 'a repository without an owner',
      given: {GITHUB_EVENT_NAME: 'push', GITHUB_REPOSITORY: 'app'},
      expected: ['GITHUB_REPOSITORY'],
    },
  ]
  test.each(missing)('$name', ({given, expected}) => {
    const failure = catchError(() => readContext(given, {}))
    expect(failure.code).toBe('event-unsupported')
    expect(failure.evidence.map((line) => line.split(' ')[0])).toEqual(expected)
  })
})

function catchError(run: () => unknown): TagboatError {
  try {
    run()
  } catch (error) {
    if (error instanceof TagboatError) return error
    throw error
  }
  throw new Error('no error')
}
