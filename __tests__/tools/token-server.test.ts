import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {rawRequest} from '../../testing/raw-http.ts'
import {startDistributionTokens, type DistributionTokens} from '../../testing/registries/distribution-tokens.ts'
import {publishedTags} from '../../testing/registries/published.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** The token server of distribution, which leaves actions that are not allowed out of its tokens instead of refusing. */
const ci = {username: 'ci', password: 'a-fair-wind'}
const other = {username: 'other', password: 'another-wind'}
let tokens: DistributionTokens
let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  tokens = await startDistributionTokens([ci, other])
  ;[registry, workspace] = await Promise.all([
    startRegistry({token: tokens}),
    workspaceOf({Dockerfile: plainDockerfile}),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
  await tokens[Symbol.asyncDispose]()
})

async function run(inputs: Readonly<Record<string, string>>, action?: 'promote'): Promise<StepResult> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {registry: registry.host, ...ci, retries: '0', ...inputs},
    ...(action && {action}),
  })
  return await step.run()
}

describe('a scope that the token server does not grant', () => {
  test('is missing in its answer, which has status 200', async () => {
    const authorization = `Basic ${Buffer.from(`${ci.username}:${ci.password}`).toString('base64')}`
    const target = '/token/?service=tagboat-test-registry&scope=repository:other/app:pull,push'
    const {status, text} = await rawRequest(tokens.host, {method: 'GET', path: target, headers: {authorization}})
    const [, claims = ''] = (JSON.parse(text) as {readonly access_token: string}).access_token.split('.')
    expect(status).toBe(200)
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({access: []})
  })

  test('ends the run before the build', async () => {
    const {exitCode, log} = await run({images: `${registry.host}/other/app`})
    expect({exitCode, log}).toEqual({exitCode: 1, log})
    // The run reads the tags first, which this token does not allow either.
    expect(log).toContain('[pull-denied]')
    expect(log).not.toContain('docker buildx build')
    expect(await publishedTags({host: registry.host, repository: 'other/app', login: other})).toEqual({})
  })

  test('denies the source of a promote', async () => {
    const published = await run({images: `${registry.host}/other/base`, ...other})
    expect(published.exitCode).toBe(0)
    const inputs = {images: `${registry.host}/ci/app`, from: `${registry.host}/other/base:1.2.3`}
    const {exitCode, log} = await run(inputs, 'promote')
    expect({exitCode, log}).toEqual({exitCode: 1, log})
    expect(log).toContain('[pull-denied]')
    expect(await publishedTags({host: registry.host, repository: 'ci/app', login: ci})).toEqual({})
  })
})

test('scopes that it grants are enough to publish', async () => {
  const {exitCode, log, outputs} = await run({images: `${registry.host}/ci/release`})
  expect({exitCode, log}).toEqual({exitCode: 0, log})
  const tags = await publishedTags({host: registry.host, repository: 'ci/release', login: ci})
  expect(new Set(Object.values(tags))).toEqual(new Set([outputs.get('digest')]))
})
