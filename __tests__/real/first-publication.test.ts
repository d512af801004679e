import {describe, expect, test} from '@jest/globals'
import {startInternet, type Internet} from '../../testing/clouds/internet.ts'
import {json} from '../../testing/clouds/github-tokens.ts'
import {memoryRegistry, type MemoryRegistry} from '../../testing/memory-registry.ts'
import {gitHubPackages, type GitHubPackages} from '../../testing/registries/github-packages.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {sampleDirectory} from '../../testing/sample.ts'

/** The bundle promotes an image to a new package of ghcr.io. Registry and API are stand-ins under their real names. */
const token = 'canary-job-token'
const source = 'source.example'
const linked = 'Codertocat/Hello-World'

interface GitHub extends AsyncDisposable {
  readonly internet: Internet
  readonly registry: MemoryRegistry
  readonly packages: GitHubPackages
}

async function startGitHub(): Promise<GitHub> {
  const auth = {kind: 'bearer', users: {Codertocat: token}} as const
  const [registry, other] = [memoryRegistry({host: 'ghcr.io', auth}), memoryRegistry({host: source})]
  other.putImage('team/app', {tag: 'staged'})
  const packages = gitHubPackages({registry, token, linked, created: () => new Date()})
  const internet = await startInternet([...registry.hosts, ...other.hosts, 'api.github.com'], async (request) => {
    const found = [registry, other].find(({hosts}) => hosts.includes(request.url.host))
    return packages.answer(request) ?? found?.http().send(request) ?? json(404, {})
  })
  return {internet, registry, packages, [Symbol.asyncDispose]: async () => internet[Symbol.asyncDispose]()}
}

async function promote({internet}: GitHub, env: Readonly<Record<string, string>>): Promise<StepResult> {
  await using step = await Step.prepare({
    action: 'promote',
    event: 'push-tag',
    workspace: sampleDirectory,
    token,
    inputs: {images: 'ghcr.io/octocat/app', from: `${source}/team/app:staged`, retries: '0'},
    env: {...internet.environment, ...env},
  })
  return await step.run()
}

function notices({log}: StepResult): readonly string[] {
  return log.split('\n').filter((line) => line.startsWith('::notice') && line.includes('package'))
}

describe('a promote to ghcr.io', () => {
  test('gives a notice of the first publication, and none of the next one', async () => {
    await using gitHub = await startGitHub()
    const first = await promote(gitHub, {})
    expect({exitCode: first.exitCode, log: first.log}).toEqual({exitCode: 0, log: first.log})
    expect(notices(first)).toEqual([expect.stringContaining(linked)])
    expect(notices(first).join()).toContain('https://github.com/users/octocat/packages/container/app/settings')
    expect(gitHub.packages.requests).toEqual([
      'GET /orgs/octocat/packages/container/app',
      'GET /users/octocat/packages/container/app',
    ])
    const shown = first.log.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    expect(shown.join('\n')).not.toContain(token)

    const later = {GITHUB_REF: 'refs/tags/v1.2.4', GITHUB_REF_NAME: 'v1.2.4'}
    const second = await promote(gitHub, later)
    expect({exitCode: second.exitCode, log: second.log}).toEqual({exitCode: 0, log: second.log})
    expect(Object.keys(gitHub.registry.tagsOf('octocat/app'))).toContain('1.2.4')
    expect(notices(second)).toEqual([])
    expect(gitHub.packages.requests).toHaveLength(2)
  })
})
