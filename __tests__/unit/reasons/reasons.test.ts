import {describe, expect, test} from '@jest/globals'
import {causes} from '../../../src/errors/causes.ts'
import {remedies} from '../../../src/errors/remedies.ts'
import {formatReason, type Reason, type ReasonCode, type ReasonOf} from '../../../src/reasons/reason.ts'

const digest = `sha256:0123456789ab${'0'.repeat(52)}` as const
const unlisted = {cause: causes['tags-unlisted'], remedy: remedies['tags-unlisted']}
const pattern = '/v(.*)/'
const difference = {current: ['target app', 'file Dockerfile'], thisRun: ['target rootless', 'file Containerfile']}
const differs =
  'it points to another image of this commit, built from target app, file Dockerfile; this run builds from target rootless, file Containerfile'

/** Values of a code, and the sentence; several where a value changes more than a word. */
type Rows<Code extends ReasonCode> = readonly (readonly [values: Omit<ReasonOf<Code>, 'code'>, sentence: string])[]

/** The one place where the wording of reasons is asserted. The type asks for an example of every code. */
const sentences: {readonly [Code in ReasonCode]: Rows<Code>} = {
  'push-true': [[{}, 'push: true']],
  'push-false': [[{}, 'push: false']],
  'push-auto': [
    [{event: 'push', ref: {kind: 'branch', name: 'main'}}, 'push: auto, push of branch main'],
    [{event: 'release', ref: {kind: 'tag', name: 'v1.2.3'}}, 'push: auto, release of tag v1.2.3'],
    [{event: 'repository_dispatch', ref: {kind: 'none'}}, 'push: auto, event repository_dispatch'],
  ],
  'push-auto-merge-queue': [
    [{branch: 'main'}, 'push: auto, merge queue candidate for main'],
    [{branch: undefined}, 'push: auto, merge queue candidate for its branch'],
  ],
  'call-without-image': [[{call: 'check'}, '`call: check` does not make an image']],
  'pull-request': [
    [{number: 2}, 'push: auto does not publish pull request 2'],
    [{number: undefined}, 'push: auto does not publish pull requests'],
  ],
  dependabot: [[{}, 'push: auto does not publish runs of Dependabot, which have no secrets and a read-only token']],
  'after-pull-request': [[{}, 'push: auto does not publish after the workflow run of a pull request']],
  'after-dependabot': [[{}, 'push: auto does not publish after a workflow run of Dependabot']],
  'fork-without-credentials': [
    [
      {repository: 'mona/app', hosts: ['docker.io', 'quay.io']},
      'mona/app is a fork without credentials for docker.io, quay.io',
    ],
  ],
  'ref-deleted': [
    [{ref: {kind: 'branch', name: 'feature/a'}}, 'branch feature/a was deleted'],
    [{ref: {kind: 'none'}}, 'the ref was deleted'],
  ],
  'pull-request-closed': [[{ref: {kind: 'pull', name: '2'}}, 'pull request 2 was closed without a merge']],
  'release-draft': [[{release: 'v1.2.3'}, 'release v1.2.3 is a draft']],
  'release-gone': [
    [{release: 'v1.2.3', action: 'deleted'}, 'release v1.2.3 was deleted'],
    [{release: 'v1.2.3', action: undefined}, 'release v1.2.3 was withdrawn'],
  ],
  'other-component': [
    [
      {tag: 'web/v1.0.0', owner: 'web', component: 'api'},
      'tag web/v1.0.0 is a version of the component web, not of the component api',
    ],
    [
      {tag: 'v1.0.0', owner: undefined, component: 'api'},
      'tag v1.0.0 is a version of the whole repository, not of the component api',
    ],
  ],
  'images-disabled': [[{}, '`enable` is false for every image']],

  disabled: [
    [{enable: 'false'}, '`enable` is false'],
    [{enable: '{{is_default_branch}}'}, '`enable` is false ({{is_default_branch}})'],
  ],
  'other-event': [
    [{wanted: 'branch'}, 'the ref of the event is not a branch'],
    [{wanted: 'tag'}, 'the ref of the event is not a tag'],
    [{wanted: 'pull request'}, 'the event is not a pull request'],
    [{wanted: 'schedule'}, 'the event is not a schedule'],
  ],
  'no-version-tag': [[{commit: '860c1904a1ce'}, 'the commit 860c190 has no Git tag with a full version']],
  'not-newest-commit': [
    [{ref: 'refs/heads/main'}, 'the commit that is built may not be the newest one of refs/heads/main'],
  ],
  'not-default-branch': [[{}, 'the branch is not the default branch']],
  'other-branch': [[{branch: 'develop'}, 'the branch is not develop']],
  'no-commit': [[{}, 'the event has no commit']],
  'no-environment': [[{}, 'the input `environment` is empty']],
  'empty-attribute': [[{attribute: 'value'}, '`value` is empty']],
  'empty-expression': [
    [{names: ['tag'], text: ''}, '{{tag}} is empty for this event'],
    [{names: ['base_ref', 'tag'], text: ''}, '{{base_ref}} and {{tag}} are empty for this event'],
    [{names: ['branch'], text: '-x'}, '{{branch}} is empty for this event, so the tag would be "-x"'],
    [{names: [], text: ''}, 'the value is empty for this event'],
  ],
  'file-not-read': [[{path: 'package.json'}, 'package.json was not read']],
  'not-semver': [[{text: 'nightly'}, '"nightly" is not a semantic version']],
  'not-pep440': [[{text: 'nightly'}, '"nightly" is not a version of PEP 440']],
  'not-of-component': [[{}, 'the tag is not a version of this component']],
  'unknown-time-zone': [[{timeZone: 'Mars/Base'}, 'unknown time zone Mars/Base']],
  'no-match': [[{pattern, text: 'main'}, '/v(.*)/ does not match "main"']],
  'empty-match': [[{pattern, text: 'v'}, '/v(.*)/ matches only empty text in "v"']],
  'unmatched-group': [[{pattern, group: 1}, 'group 1 of /v(.*)/ is not part of the match']],
  'missing-group': [
    [{pattern, group: 1, count: 0}, '/v(.*)/ has no groups, and `group` is 1'],
    [{pattern, group: 2, count: 1}, '/v(.*)/ has one group, and `group` is 2'],
    [{pattern, group: 3, count: 2}, '/v(.*)/ has 2 groups, and `group` is 3'],
  ],
  'calver-mismatch': [[{value: '1.2.3'}, '"1.2.3" does not fit the pattern']],
  'calver-without-value': [[{part: 'MINOR'}, 'MINOR needs a Git tag or a `value` that fits the pattern']],
  'no-run-number': [[{}, 'MICRO is the run number, which this run does not have']],
  'whole-prerelease': [[{tag: '1.2.3-rc.1'}, 'the version is a pre-release, whose tag is 1.2.3-rc.1']],
  'same-tag': [
    [
      {text: 'feature-a', other: 'feature/a', tag: 'feature-a'},
      '"feature-a" becomes the same tag as "feature/a": feature-a',
    ],
  ],
  'repeated-tag': [[{tag: '1.2.3'}, 'an earlier rule gives 1.2.3']],

  'version-from': [[{from: 'the Git tag v1.2.3'}, 'version from the Git tag v1.2.3']],
  'hashed-tag': [[{text: 'feature/a'}, 'made from "feature/a"; a hash keeps the tag apart from others']],
  'shared-tag': [
    [
      {text: 'feature/a', tag: 'feature-a'},
      'made from "feature/a"; another name that becomes feature-a shares this tag',
    ],
  ],
  'not-latest': [
    [
      {rule: 'type=sha (tags, line 1)'},
      'not latest: type=sha (tags, line 1) comes first and does not ask for it (flavor latest=auto)',
    ],
  ],
  'no-latest': [
    [
      {names: ['branch'], text: '-latest'},
      'latest is not created: {{branch}} is empty for this event, so the tag would be "-latest"',
    ],
  ],
  'latest-auto': [[{}, 'a stable version, or a Git tag, is latest (flavor latest=auto)']],
  'latest-true': [[{}, 'flavor latest=true']],
  'empty-value-replaced': [[{from: 'the Git tag v1.2.3'}, '`value` is empty: the Git tag v1.2.3 is used']],
  'match-ignored': [[{pattern, text: 'main'}, '/v(.*)/ does not match "main", which is used whole']],

  'new-tag': [[{}, 'new tag']],
  'up-to-date': [[{}, 'already up to date']],
  'completes-release': [[{digest}, 'completes the release sha256:0123456789ab']],
  'if-exists-overwrite': [[{}, 'if-exists: overwrite']],
  'if-exists-skip': [[{}, 'if-exists: skip']],
  'other-release': [
    [
      {tag: '1.2.3', is: 'other-commit'},
      '1.2.3 points to an image of another commit, and nothing is built (if-exists: skip)',
    ],
    [
      {tag: '1.2.3', is: 'other-image'},
      '1.2.3 points to another image of this commit, and nothing is built (if-exists: skip)',
    ],
  ],
  'same-commit-image': [[{}, 'it points to an image of this commit']],
  'commit-unknown': [[{}, 'the tag names this commit, and the image does not name its commit']],
  'other-build': [
    [
      {digest, repository: 'ghcr.io/o/app'},
      'it points to another build of this commit than sha256:0123456789ab in ghcr.io/o/app',
    ],
  ],
  'other-image': [
    [{...difference, isSkipped: false}, differs],
    [{...difference, isSkipped: true}, `${differs} (if-exists: skip)`],
  ],

  'version-conflict': [
    [
      {version: '1.4.0', from: 'package.json, version', tagged: 'the Git tag v1.5.0'},
      '1.4.0, from package.json, version, differs from the Git tag v1.5.0, which started this run; rules that need a version use 1.4.0',
    ],
  ],

  'same-commit': [[{}, 'it points to an image of the same commit']],
  'commit-ahead': [
    [{of: '0123456789abcdef'}, 'this commit is ahead of 0123456789ab'],
    [{of: undefined}, 'this commit is ahead of the other one'],
  ],
  'commit-behind': [[{of: '0123456789abcdef'}, 'this commit is behind 0123456789ab']],
  'commit-dates': [
    [
      {date: '2026-03-02T10:00:00Z', otherDate: '2026-03-01T10:00:00Z'},
      'this commit is of 2026-03-02T10:00:00Z, the other one of 2026-03-01T10:00:00Z',
    ],
  ],
  'run-order': [
    [{run: '8', otherRun: '7', isLater: true}, 'run 8 started after run 7'],
    [{run: '7', otherRun: '8', isLater: false}, 'run 7 started before run 8'],
  ],
  'commit-order-unknown': [[{}, 'which commit is newer is not known']],
  'points-to-withdrawn': [[{version: '1.2.3'}, 'it points to 1.2.3, which is withdrawn']],

  'floating-never': [[{}, 'floating: never']],
  'floating-always': [[{}, 'floating: always']],
  'version-withdrawn': [[{version: '1.2.3'}, '1.2.3 is withdrawn']],
  'higher-version': [
    [{higher: '1.2.9', version: '1.2.3'}, '1.2.9 is higher than 1.2.3'],
    [
      {higher: '1.2.9', version: '1.2.3', isRollBack: true},
      '1.2.9 is higher than 1.2.3; to roll back to 1.2.3, list 1.2.9 and every other version above 1.2.3 in `withdrawn`',
    ],
  ],
  'points-to-higher-version': [
    [{higher: '1.2.9', version: '1.2.3'}, 'it points to 1.2.9, which is higher than 1.2.3'],
    [
      {higher: '1.2.9', version: '1.2.3', isRollBack: true},
      'it points to 1.2.9, which is higher than 1.2.3; to roll back to 1.2.3, list 1.2.9 and every other version above 1.2.3 in `withdrawn`',
    ],
  ],
  'points-to-lower-version': [[{lower: '1.2.2', version: '1.2.3'}, 'it points to 1.2.2, and 1.2.3 is higher']],
  'highest-version': [
    [{version: '1.2.3', line: '1.2.x'}, '1.2.3 is the highest of 1.2.x'],
    [{version: '1.2.3', line: ''}, '1.2.3 is the highest version'],
  ],
  'another-build': [[{version: '1.2.3'}, 'it points to another build of 1.2.3']],
  'version-order-unknown': [[{}, 'which version is higher is not known']],
  'tags-unlisted': [
    [
      {cause: 'The registry lists no tags.'},
      `a higher version may exist. The registry lists no tags. ${unlisted.remedy}`,
    ],
    [{cause: undefined}, `a higher version may exist. ${unlisted.cause} ${unlisted.remedy}`],
  ],
  'version-unknown': [
    [
      {rule: 'lts (tags, line 1)', exactRule: 'type=semver,pattern={{version}}'},
      "it may point to a higher version. The image does not name its version, and none of this run's exact tags shows the version of lts (tags, line 1). Add `type=semver,pattern={{version}}` to `tags`, with the prefix and suffix of that rule but no expression in them, or set `floating: always` to move floating tags without this check.",
    ],
  ],
  'two-images': [
    [
      {...difference, isLatest: false},
      `${differs}. Give one of them another tag: \`variant\`, or a \`suffix\` in the rule or in \`flavor\`. To replace it on purpose, set \`on-stale: overwrite\``,
    ],
    [
      {...difference, isLatest: true},
      `${differs}. Give one of them another tag: \`latest=false\` in \`flavor\` of the one that is not to have it, \`variant\`, or \`suffix=…,onlatest=true\` in \`flavor\`. To replace it on purpose, set \`on-stale: overwrite\``,
    ],
  ],
  'on-stale-overwrite': [
    [
      {because: {code: 'higher-version', higher: '1.2.9', version: '1.2.3'}},
      'on-stale: overwrite, although 1.2.9 is higher than 1.2.3',
    ],
  ],
  'named-tag-stale': [
    [
      {because: {code: 'commit-behind', of: '0123456789abcdef'}},
      'this commit is behind 0123456789ab (`on-stale: overwrite` moves it anyway)',
    ],
  ],

  'not-reached': [[{}, 'the run ended before this tag']],
  'image-failed': [[{message: 'r.example did not respond.'}, 'not published: r.example did not respond.']],
  'push-failed': [[{message: 'The registry denied access.'}, 'could not be pushed: The registry denied access.']],
  'push-unverified': [[{}, 'the registry does not show what was pushed']],
  'moved-to-highest': [
    [
      {version: '2.0.0', repository: 'ghcr.io/o/app'},
      '2.0.0 is the highest version in ghcr.io/o/app, and the tag pointed to a lower one',
    ],
  ],
  'not-moved-to-highest': [
    [
      {because: {code: 'higher-version', higher: '2.0.0', version: '1.2.3'}, message: 'No connection.'},
      '2.0.0 is higher than 1.2.3; the tag could not be moved there: No connection.',
    ],
  ],
  'moved-by-newer-commit': [[{}, 'a run of a newer commit moved its tags meanwhile']],
  'moved-by-other-run': [
    [{because: undefined}, 'another run moved it meanwhile'],
    [{because: {code: 'same-commit'}}, 'another run moved it meanwhile: it points to an image of the same commit'],
  ],
  'published-meanwhile': [[{version: '2.0.0'}, '2.0.0 was published meanwhile']],
  'not-judged': [
    [
      {digest: `sha256:${'c'.repeat(64)}`},
      'another run published sha256:cccccccccccc meanwhile, which this run has not checked',
    ],
  ],
  'commit-published-meanwhile': [[{}, 'another run published this commit at the same time']],
  'newer-commit-seen': [[{digest}, 'it pointed to a newer commit, sha256:0123456789ab, during this run']],
  'others-failed': [[{}, 'not pushed, because other tags failed']],
  'rolled-back': [
    [{digest}, 'moved back to sha256:0123456789ab, because other tags failed'],
    [{digest: undefined}, 'removed again, because other tags failed'],
  ],
  'not-rolled-back': [
    [{digest, message: 'No connection.'}, 'could not be moved back to sha256:0123456789ab: No connection.'],
    [{digest: undefined, message: 'No connection.'}, 'could not be removed: No connection.'],
  ],
  'not-removed': [[{}, 'could not be removed again; the image is complete']],

  'builder-named': [[{}, 'the input `builder` names it']],
  'driver-chosen': [[{driver: 'remote'}, 'the input `driver` is remote']],
  'builder-settings': [
    [{inputs: ['driver-opts', 'buildkitd-config']}, 'only a new builder can apply `driver-opts`, `buildkitd-config`'],
  ],
  'builder-suits': [
    [{needs: []}, 'it can do everything that is needed'],
    [
      {
        needs: [
          {code: 'several-platforms', count: 2},
          {code: 'staging'},
          {code: 'cache-export'},
          {code: 'attestations'},
          {code: 'rewritten-times'},
        ],
      },
      'it can do everything that is needed: 2 platforms, staging, export of the cache, attestations, rewritten times',
    ],
  ],
  'engine-images': [
    [{images: ['acme/base:ci']}, 'only its engine has the base image acme/base:ci'],
    [{images: ['a', 'b']}, 'only its engine has the base images a, b'],
  ],
  'builder-of-job': [[{}, 'an earlier step of this job has created it with the same settings']],
  'builder-not-created': [[{}, 'a new one could not be created']],
  'builder-lacks': [
    [
      {
        name: 'default',
        driver: 'docker',
        lacks: [
          {code: 'several-platforms'},
          {code: 'staging'},
          {code: 'cache-export'},
          {code: 'attestations'},
          {code: 'rewritten-times'},
        ],
      },
      'the current builder ("default", docker) cannot build several platforms, export or push an image without tags, export a cache, make attestations, rewrite the times of files',
    ],
    [
      {
        name: 'far',
        driver: 'remote',
        lacks: [
          {code: 'run-platforms', platforms: ['linux/arm64', 'linux/s390x']},
          {code: 'image-options', options: ['compression']},
        ],
      },
      'the current builder ("far", remote) cannot run linux/arm64, linux/s390x, apply what `outputs` asks of the image (compression)',
    ],
  ],

  'cache-one-platform': [[{}, 'one platform, and the runner offers it']],
  'cache-several-platforms': [[{}, 'several platforms would fill the cache of GitHub Actions']],
  'cache-registry-unwritable': [[{}, 'no credentials for the registry']],
  'cache-actions-unavailable': [[{}, 'the runner does not offer a cache of GitHub Actions']],
  'cache-fork': [[{}, 'a pull request from a fork']],
  'cache-dependabot': [[{}, 'a run of Dependabot']],
  'cache-after-pull-request': [[{}, 'it follows the run of a pull request']],
  'cache-merge-queue': [[{}, 'the cache of a merge queue candidate would never be read']],
  'cache-no-branch': [[{}, 'the event does not belong to a branch']],
  'cache-branch-unknown': [[{}, 'the branch of the built commit is not known']],
  'cache-base-branch': [[{}, 'it would be written for the base branch of the pull request']],
  'cache-tag-scope': [[{}, 'no other ref can read what a tag writes']],
  'cache-no-login': [[{host: 'ghcr.io'}, 'no credentials for ghcr.io']],
  'cache-written': [[{}, 'the first build of this run has written it']],
  'cache-no-export': [
    [
      {},
      'the builder cannot export one, because its engine has no containerd image store. Turn that on, or use `driver: docker-container`',
    ],
  ],
  'cache-no-actions': [
    [
      {},
      'this runner does not offer a cache of GitHub Actions (ACTIONS_RUNTIME_TOKEN with ACTIONS_RESULTS_URL or ACTIONS_CACHE_URL)',
    ],
  ],
  'cache-no-image': [[{}, 'there is no image to store it beside']],
  'cache-nowhere': [
    [
      {},
      'this runner does not offer a cache of GitHub Actions (ACTIONS_RUNTIME_TOKEN with ACTIONS_RESULTS_URL or ACTIONS_CACHE_URL), and there is no image to store it beside',
    ],
  ],
  'no-cache': [[{}, 'no-cache']],
}

const rows = Object.entries(sentences).flatMap(([code, examples]) =>
  examples.map(([values, sentence]) => ({code, reason: {code, ...values} as Reason, sentence})),
)

describe('formatReason', () => {
  test.each(rows)('$code: $sentence', ({reason, sentence}) => {
    expect(formatReason(reason)).toEqual(sentence)
  })

  test.each(Object.keys(sentences))('%s is a code for programs', (code) => {
    expect(code).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
  })
})
