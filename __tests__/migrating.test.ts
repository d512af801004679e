import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'
import {allSpecs, hasInput, isInputName} from '../src/inputs/spec/all-inputs.ts'
import {laterInputs} from '../src/inputs/spec/spec.ts'
import {outputNames} from '../scripts/documentation/action-outputs.ts'

function read(...names: readonly string[]): string {
  return readFileSync(path.join(import.meta.dirname, '..', ...names), 'utf8')
}

const text = read('docs', 'migrating.md')

/** Part of the page about another action, without the parts after it. */
function partOf(peer: string): string {
  const [, part = ''] = text.split(`\n## ${peer}\n`)
  return part.split('\n## ')[0] ?? ''
}

interface Row {
  readonly name: string
  /** Second cell: names of Tagboat, or a word. */
  readonly here: string
}

/** Rows of the tables of a part that begin with a header such as `Input`. */
function rows(part: string, header: string): readonly Row[] {
  const tables = part.matchAll(new RegExp(String.raw`^\| ${header} .*\n\| -.*\n((?:\|.*\n)+)`, 'gm'))
  return [...tables].flatMap(([, body = '']) =>
    [...body.matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\|/gm)].map(([, name = '', here = '']) => ({name, here})),
  )
}

function words(list: string): readonly string[] {
  return list.split(/\s+/).filter((word) => word !== '')
}

interface Peer {
  readonly inputs: readonly string[]
  readonly secrets: readonly string[]
  readonly outputs: readonly string[]
}

function peer(inputs: string, outputs = '', secrets = ''): Peer {
  return {inputs: words(inputs), outputs: words(outputs), secrets: words(secrets)}
}

/** Inputs and outputs in the `action.yml` of each action, or in the reusable workflow. */
const peers: Readonly<Record<string, Peer>> = {
  'docker/login-action': peer('registry username password registry-auth scope ecr logout'),
  'docker/setup-qemu-action': peer('image platforms cache-image reset', 'platforms'),
  'docker/setup-buildx-action': peer(
    `name use version driver driver-opts buildkitd-flags buildkitd-config buildkitd-config-inline endpoint append platforms
     cache-binary cleanup keep-state install config config-inline`,
    'name driver platforms nodes endpoint status flags',
  ),
  'docker/metadata-action': peer(
    `context images tags flavor labels annotations sep-tags sep-labels sep-annotations bake-target github-token`,
    'version tags tag-names labels annotations json bake-file bake-file-tags bake-file-labels bake-file-annotations',
  ),
  'docker/build-push-action': peer(
    `add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to call cgroup-parent context file
     github-token labels load network no-cache no-cache-filters outputs platforms provenance pull push sbom secret-envs
     secret-files secrets shm-size ssh tags target ulimit`,
    'imageid digest metadata',
  ),
  'docker/bake-action': peer(
    'builder allow call files no-cache pull load provenance push sbom set source targets vars github-token workdir',
    'metadata',
  ),
  'docker/github-builder': peer(
    `runner distribute fail-fast job-name-prefix setup-qemu artifact-name artifact-upload artifact-retention-days annotations
     build-args cache cache-scope cache-mode context file labels output platforms push sbom shm-size sign target ulimit
     registry-identities set-meta-annotations set-meta-labels meta-images meta-tags meta-labels meta-annotations meta-flavor`,
    'meta-json cosign-version cosign-verify-commands artifact-name digest output-type signed',
    'registry-auths github-token',
  ),
  'Noelware/docker-manifest-action': peer(
    'inputs tags push fallback annotations append builder images base-image extra-images amend',
    'images',
  ),
  'mr-smithers-excellent/docker-build-push': peer(
    `image tags appendMode registry dockerfile directory buildArgs labels target platform ssh secrets username password
     gitHubOrg addLatest addTimestamp enableBuildKit cacheFrom cacheTo multiPlatform overrideDriver skipLogin pushImage`,
    'imageFullName imageName tags',
  ),
  'aws-actions/amazon-ecr-login': peer('http-proxy mask-password registries registry-type skip-logout', 'registry'),
  'aws-actions/configure-aws-credentials': peer(
    `aws-region aws-profile overwrite-aws-profile role-to-assume aws-access-key-id aws-secret-access-key aws-session-token
     web-identity-token-file role-chaining audience http-proxy no-proxy mask-aws-account-id role-duration-seconds
     role-external-id role-session-name role-skip-session-tagging transitive-tag-keys inline-session-policy
     managed-session-policies output-credentials output-env-credentials unset-current-credentials disable-retry
     retry-max-attempts special-characters-workaround use-existing-credentials allowed-account-ids force-skip-oidc
     action-timeout-s custom-tags sts-endpoint`,
    'aws-account-id aws-access-key-id aws-secret-access-key aws-session-token aws-expiration',
  ),
  'google-github-actions/auth': peer(
    `project_id workload_identity_provider service_account audience credentials_json create_credentials_file
     export_environment_variables token_format delegates universe request_reason cleanup_credentials access_token_lifetime
     access_token_scopes access_token_subject id_token_audience id_token_include_email`,
    'project_id credentials_file_path auth_token access_token id_token',
  ),
  'azure/login': peer(
    'creds client-id tenant-id subscription-id enable-AzPSSession environment allow-no-subscriptions audience auth-type',
  ),
  'azure/docker-login': peer('username password login-server'),
  'sigstore/cosign-installer': peer('cosign-release install-dir use-sudo'),
  'dataaxiom/ghcr-cleanup-action': peer(
    `token owner repository package packages expand-packages delete-tags tags exclude-tags keep-n-untagged keep-n-tagged
     delete-untagged delete-ghost-images delete-partial-images delete-orphaned-images older-than use-regex validate dry-run
     log-level registry-url github-api-url`,
  ),
  'snok/container-retention-policy': peer(
    `account token cut-off image-names image-tags skip-shas tag-selection keep-n-most-recent timestamp-to-use dry-run
     rust-log`,
    'deleted failed',
  ),
  'actions/delete-package-versions': peer(
    `package-version-ids owner package-name package-type num-old-versions-to-delete min-versions-to-keep ignore-versions
     delete-only-pre-release-versions delete-only-untagged-versions token`,
  ),
  'vlaurin/action-ghcr-prune': peer(
    `token organization user container dry-run older-than keep-last keep-tags keep-tags-regexes keep-younger-than
     prune-tags-regexes prune-untagged untagged tag-regex`,
    'count prunedVersionIds dryRun',
  ),
}

/** Actions that delete images. */
const cleaners = words(
  'dataaxiom/ghcr-cleanup-action snok/container-retention-policy actions/delete-package-versions vlaurin/action-ghcr-prune',
)

interface CallableWorkflow {
  readonly on: {readonly workflow_call: Readonly<Record<'inputs' | 'secrets' | 'outputs', object>>}
}

const {workflow_call: workflow} = (parse(read('.github', 'workflows', 'publish.yml')) as CallableWorkflow).on
const actionNames = {
  Input: [...Object.keys(allSpecs), ...laterInputs],
  Secret: [],
  Output: outputNames,
  Variable: Object.keys(allSpecs),
  'Attribute of a target': Object.keys(allSpecs),
  Command: [...Object.keys(allSpecs), ...outputNames],
} as const
const workflowNames = {
  Input: Object.keys(workflow.inputs),
  Secret: Object.keys(workflow.secrets),
  Output: Object.keys(workflow.outputs),
} as const

/** Names of a table that do not exist in Tagboat. */
function unknownNames(found: readonly Row[], known: readonly string[]): readonly Row[] {
  return found.filter(({name, here}) => {
    if (here === 'none' || here === 'not yet') return false
    if (here === 'same') return !known.includes(name)
    const names = [...here.matchAll(/`([^`]+)`/g)].map(([, written = '']) => written)
    return names.length === 0 || names.some((written) => !known.includes(written))
  })
}

/** The examples of a part, as YAML. */
function examplesOf(part: string): readonly string[] {
  return [...part.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml)
}

/** Actions and workflows that an example uses, without their versions. */
function usesIn(yaml: string): readonly string[] {
  return [...new Set([...yaml.matchAll(/\buses: ([^@\s]+)@/g)].map(([, used = '']) => used))]
}

const migrated = Object.keys(peers).filter((name) => name !== 'mr-smithers-excellent/docker-build-push')

describe('the migration guide', () => {
  test.each(Object.entries(peers))('has every input, secret and output of %s', (name, {inputs, secrets, outputs}) => {
    const part = partOf(name)
    const named = (header: string): readonly string[] =>
      rows(part, header)
        .map((row) => row.name)
        .sort()
    expect({inputs: named('Input'), secrets: named('Secret'), outputs: named('Output')}).toEqual({
      inputs: [...inputs].sort(),
      secrets: [...secrets].sort(),
      outputs: [...outputs].sort(),
    })
  })

  test.each(Object.entries(actionNames))('names only what exists in the tables "%s"', (header, known) => {
    const [beginning = '', end = ''] = text.split('\n## docker/github-builder\n')
    const found = rows([beginning, ...end.split('\n## ').slice(1)].join('\n'), header)
    // A variable that is the same has no input of its name.
    const named = header === 'Variable' ? found.filter(({here}) => here !== 'same') : found
    expect(unknownNames(named, known)).toEqual([])
    expect(found.length > 0).toBe(header !== 'Secret')
  })

  test.each(Object.entries(workflowNames))(
    'names only what the reusable workflow has in the table "%s"',
    (header, known) => {
      const found = rows(partOf('docker/github-builder'), header)
      expect(unknownNames(found, known)).toEqual([])
      expect(found.length).toBeGreaterThan(1)
    },
  )

  test('marks no supported input as missing', () => {
    const stale = Object.keys(peers).flatMap((name) =>
      rows(partOf(name), 'Input').filter((row) => row.here === 'not yet' && row.name in allSpecs),
    )
    expect(stale).toEqual([])
  })

  test.each(Object.entries(peers))(
    'has the answer of the error for each input of %s that Tagboat does not have',
    async (name, {inputs, secrets}) => {
      const action = cleaners.includes(name) ? 'prune' : 'publish'
      const unanswered: string[] = []
      // The runner passes names in lower case.
      const lower = [...inputs, ...secrets].map((input) => input.toLowerCase())
      for (const input of lower.filter((one) => !(isInputName(one) && hasInput(action, one)))) {
        const problems = new Problems()
        await readInputs(new Map([[input, 'x']]), problems, action)
        const [problem] = problems.all
        if (problem === undefined || /Did you mean|lists all inputs/.test(problem.remedy)) unanswered.push(input)
      }
      expect(unanswered).toEqual([])
    },
  )

  test('begins with what behaves differently', () => {
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
    expect(headings[0]).toBe('What behaves differently')
    expect(headings.indexOf('docker/login-action')).toBeGreaterThan(0)
  })

  test('has a heading for each changed and each kept behaviour', () => {
    const numbers = [...text.matchAll(/^#### (\d+)\. \S/gm)].map(([, number]) => Number(number))
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({length: 34}, (_, index) => index + 1))
  })

  test('describes each changed behaviour, and what to change', () => {
    const [, changed = ''] = text.split('\n### Differences\n')
    const [differences = ''] = changed.split('\n### ')
    const parts = differences.split(/^#### /m).slice(1)
    const incomplete = parts.filter(
      (part) => !/^\d+\. .+\n\n- In docker\/metadata-action: [^]+\n- In Tagboat: [^]+\n- To change: /.test(part),
    )
    expect(parts.length).toBe(29)
    expect(incomplete).toEqual([])
  })

  test.each(migrated)('begins the part of %s with before and after', (name) => {
    const [before = '', after = ''] = examplesOf(partOf(name))
    expect(usesIn(before).map((used) => used.replace('/.github/workflows/build.yml', ''))).toEqual([name])
    expect(usesIn(after).filter((used) => !used.startsWith('tagboat/tagboat'))).toEqual([])
    expect(usesIn(after)).not.toEqual([])
  })

  test('shows the commands that join platforms, before and after', () => {
    const [before = '', after = ''] = examplesOf(partOf('docker manifest and docker buildx imagetools'))
    expect(before).toContain('docker manifest create')
    expect(usesIn(after).filter((used) => used.startsWith('tagboat/'))).toEqual([
      'tagboat/tagboat/stage',
      'tagboat/tagboat/promote',
    ])
  })
})
