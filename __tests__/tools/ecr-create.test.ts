import {expect, test} from '@jest/globals'
import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json} from '../../testing/clouds/github-tokens.ts'
import {startInternet} from '../../testing/clouds/internet.ts'
import {startMoto, type Moto} from '../../testing/clouds/moto.ts'
import {memoryRegistry} from '../../testing/memory-registry.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {sampleDirectory} from '../../testing/sample.ts'

/**
 * The bundle promotes an image to Amazon ECR under its real name: moto is its API, and the distribution registry its
 * registry, which is reached only for repositories that moto has, as in Amazon ECR.
 */
const account = '123456789012'
const host = `${account}.dkr.ecr.eu-west-1.amazonaws.com`
const api = 'api.ecr.eu-west-1.amazonaws.com'
const source = 'source.example'
const keys = {AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-secret-key'}

/** Forwards a request to a server on loopback. Addresses in its response get the name of the host again. */
async function forward({method, url, headers, body}: HttpRequest, origin: string): Promise<HttpResponse> {
  const kept = Object.entries(headers).filter(([name]) =>
    /^(?:authorization|accept|content-(?:type|range)|x-amz-.*)$/.test(name),
  )
  const response = await fetch(new URL(`${url.pathname}${url.search}`, origin), {
    method,
    headers: Object.fromEntries(kept),
    redirect: 'manual',
    ...(body instanceof Uint8Array && method !== 'GET' && method !== 'HEAD' && {body: Buffer.from(body)}),
  })
  const {location, ...rest} = Object.fromEntries(response.headers)
  const named = location?.replace(/^http:\/\/[^/]+/, url.origin)
  const found = Object.entries(rest).filter(
    ([name]) => !/^(?:connection|keep-alive|transfer-encoding|content-encoding)$/.test(name),
  )
  return {
    status: response.status,
    headers: {...Object.fromEntries(found), ...(named !== undefined && {location: named})},
    body: Buffer.from(await response.arrayBuffer()),
  }
}

async function ask(moto: Moto, operation: string, body: object): Promise<unknown> {
  const response = await fetch(moto.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260102/eu-west-1/ecr/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  })
  return await response.json()
}

async function publishTo(
  {moto, registry}: {readonly moto: Moto; readonly registry: Registry},
  inputs: Readonly<Record<string, string>>,
): Promise<StepResult> {
  const images = memoryRegistry({host: source})
  images.putImage('team/app', {tag: 'staged'})
  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    if (request.url.host === source) return images.http().send(request)
    if (request.url.host === api) return forward(request, moto.url)
    const name = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(request.url.pathname)?.[1]
    const described =
      name === undefined ? {repositories: []} : await ask(moto, 'DescribeRepositories', {repositoryNames: [name]})
    const isMissing = JSON.stringify(described).includes('RepositoryNotFoundException')
    if (isMissing)
      return json(404, {
        errors: [{code: 'NAME_UNKNOWN', message: `The repository with name '${name ?? ''}' does not exist`}],
      })
    return forward(request, registry.url)
  }
  await using internet = await startInternet([source, api, host], answer)
  await using step = await Step.prepare({
    action: 'promote',
    event: 'push-tag',
    workspace: sampleDirectory,
    inputs: {from: `${source}/team/app:staged`, images: `${host}/team/app`, retries: '0', ...inputs},
    env: {...internet.environment, ...keys},
  })
  return await step.run()
}

test('a repository of Amazon ECR is created with its settings, and gets the image', async () => {
  await using moto = await startMoto()
  await using registry = await startRegistry({login: {username: 'AWS', password: `${account}-auth-token`}})
  const rule = {
    rulePriority: 1,
    selection: {tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 10},
    action: {type: 'expire'},
  }
  const lifecycle = JSON.stringify({rules: [rule]})
  const settings = `immutable: true\nmutable-tags: [latest, 'v*', '1', '1.2']\ntags: team=web\nlifecycle: |\n  ${lifecycle}`
  const result = await publishTo({moto, registry}, {'ecr-create': settings})
  expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: result.log})
  expect(await registry.tags('team/app')).toContain('1.2.3')
  expect(result.log).toContain(`Created the Amazon ECR repository ${host}/team/app.`)
  expect(await ask(moto, 'DescribeRepositories', {repositoryNames: ['team/app']})).toMatchObject({
    repositories: [
      {
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: ['latest', 'v*', '1', '1.2'].map((filter) => ({
          filterType: 'WILDCARD',
          filter,
        })),
        encryptionConfiguration: {encryptionType: 'AES256'},
      },
    ],
  })
  expect(await ask(moto, 'GetLifecyclePolicy', {repositoryName: 'team/app'})).toMatchObject({
    lifecyclePolicyText: lifecycle,
  })
  const again = await publishTo({moto, registry}, {'ecr-create': settings})
  expect({exitCode: again.exitCode, log: again.log}).toEqual({exitCode: 0, log: again.log})
  expect(again.log).not.toContain('Created the Amazon ECR repository')
})

test('a missing repository is refused before anything is copied', async () => {
  await using moto = await startMoto()
  await using registry = await startRegistry({login: {username: 'AWS', password: `${account}-auth-token`}})
  const {exitCode, log} = await publishTo({moto, registry}, {})
  expect(exitCode).toBe(1)
  expect(log).toContain('[ecr-repository-missing]')
  expect(await registry.tags('team/app')).toEqual([])
})

test('a first release to an immutable repository names the tags that cannot move again', async () => {
  await using moto = await startMoto()
  await using registry = await startRegistry({login: {username: 'AWS', password: `${account}-auth-token`}})
  await ask(moto, 'CreateRepository', {repositoryName: 'team/app', imageTagMutability: 'IMMUTABLE'})
  const {exitCode, log} = await publishTo({moto, registry}, {})
  expect({exitCode, log}).toEqual({exitCode: 0, log})
  expect(log).toMatch(/::notice.*team\/app: the repository is IMMUTABLE\..* 1\.2, 1, latest\./)
  expect(await registry.tags('team/app')).toContain('1.2')
})
