import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {expectFailure} from '../../testing/failure.ts'
import {startAttestationApi, type AttestationApi} from '../../testing/github-attestations.ts'
import {makeImage, type TestImage} from '../../testing/memory-registry.ts'
import {stepOn} from '../../testing/pushes.ts'
import {pushImage, testClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import type {StepResult} from '../../testing/runner.ts'
import {startSigstore, workflowClaims, type Sigstore} from '../../testing/sigstore/sigstore.ts'

// GitHub's API and the services of Sigstore are stand-ins: neither can run here.
const token = 'canary-job-token'
let registry: Registry
let sigstore: Sigstore
let api: AttestationApi
let workspace: Awaited<ReturnType<typeof temporaryDirectory>>

beforeAll(async () => {
  ;[registry, sigstore, api, workspace] = await Promise.all([
    startRegistry(),
    startSigstore(),
    startAttestationApi('acme/app', token),
    temporaryDirectory(),
  ])
  await writeFile(path.join(workspace.path, 'trusted_root.json'), sigstore.trustedRoot)
  await writeFile(path.join(workspace.path, 'signing_config.json'), sigstore.signingConfig)
})

afterAll(async () => {
  await Promise.all([
    registry.stop(),
    sigstore[Symbol.asyncDispose](),
    api[Symbol.asyncDispose](),
    workspace[Symbol.asyncDispose](),
  ])
})

beforeEach(() => {
  api.refuse(undefined)
  sigstore.recover()
})

async function pushed(name: string): Promise<TestImage> {
  using clients = testClients(httpClient(new AbortController().signal, {}))
  const labels = {'org.opencontainers.image.revision': String(workflowClaims['sha'])}
  const image = makeImage({text: name, labels, platforms: ['linux/amd64', 'linux/arm64']})
  await pushImage(clients.of(registry.host, `acme/${name}`), image)
  return image
}

async function promote(
  name: string,
  digest: string,
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  const image = `${registry.host}/acme/${name}`
  await using step = await stepOn(
    {ref: 'refs/tags/v1.2.3', sha: String(workflowClaims['sha']), runId: '42'},
    {
      action: 'promote',
      workspace: workspace.path,
      token,
      env: {...sigstore.environment, GITHUB_REPOSITORY: 'acme/app', GITHUB_API_URL: api.url, ...env},
      inputs: {
        images: image,
        from: `${image}@${digest}`,
        sign: 'keyless',
        'sigstore-config': 'signing_config.json',
        'sigstore-trust': 'trusted_root.json',
        'github-attestation': 'true',
        retries: '0',
        ...inputs,
      },
    },
  )
  return await step.run()
}

async function released(name: string): Promise<readonly string[]> {
  return (await registry.tags(`acme/${name}`)).filter((tag) => !tag.startsWith('sha256-'))
}

describe('an attestation at GitHub', () => {
  test('states the workflow run for index and platforms, and is made once', async () => {
    const image = await pushed('attested')
    const {exitCode, outputs, log} = await promote('attested', image.digest)
    expect(exitCode).toBe(0)
    const [statement, ...others] = api.statements
    expect(others).toEqual([])
    const digests = [image.digest, ...image.platforms.values()].map((digest) => digest.slice('sha256:'.length))
    const name = `${registry.host}/acme/attested`
    expect(statement).toMatchObject({
      predicateType: 'https://slsa.dev/provenance/v1',
      subject: digests.map((sha256) => ({name, digest: {sha256}})),
      predicate: {
        buildDefinition: {
          buildType: 'https://actions.github.io/buildtypes/workflow/v1',
          externalParameters: {
            workflow: {
              ref: 'refs/tags/v1.2.3',
              repository: 'https://github.com/acme/app',
              path: '.github/workflows/release.yml',
            },
          },
          internalParameters: {github: {event_name: 'push', runner_environment: 'github-hosted'}},
          resolvedDependencies: [
            {
              uri: 'git+https://github.com/acme/app@refs/tags/v1.2.3',
              digest: {gitCommit: workflowClaims['sha']},
            },
          ],
        },
        runDetails: {
          builder: {id: 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3'},
          metadata: {invocationId: 'https://github.com/acme/app/actions/runs/42/attempts/1'},
        },
      },
    })
    expect(outputs.get('attestation-id')).toBe('1001')
    expect(outputs.get('attestation-url')).toBe('https://github.com/acme/app/attestations/1001')
    expect(log).toContain(`gh attestation verify oci://${name}@${image.digest} --repo acme/app`)
    expect(log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(token)

    const again = await promote('attested', image.digest)
    expect(again).toMatchObject({exitCode: 0})
    expect(again.outputs.get('attestation-id')).toBe('')
    expect(api.statements).toHaveLength(1)
  })

  test.each([
    {code: 'attestation-denied' as const, status: 403, message: 'Resource not accessible by integration'},
    {code: 'attestation-too-large' as const, status: 422, message: 'Bundle exceeds the maximum size'},
    {code: 'attestation-failed' as const, status: 502, message: 'Server Error'},
  ])('that is refused: $code', async ({code, status, message}) => {
    const image = await pushed(code)
    api.refuse({status, message})
    const required = await promote(code, image.digest, {'github-attestation': 'required'})
    expectFailure(required, {code, values: [`${status} ${message}`]})
    expect(await released(code)).toEqual([])

    const optional = await promote(code, image.digest)
    expect(optional.exitCode).toBe(0)
    expect(optional.log).toMatch(new RegExp(`^::warning::.*\\[${code}\\]`, 'm'))
    expect(await released(code)).toContain('1.2.3')
  })

  test('is not made for an image of another commit', async () => {
    const image = await pushed('foreign')
    sigstore.setClaims({...workflowClaims, sha: 'f'.repeat(40)})
    const result = await promote('foreign', image.digest, {'github-attestation': 'required'})
    sigstore.setClaims(workflowClaims)
    expectFailure(result, {code: 'attestation-denied', values: ['f'.repeat(40)], remedy: 'github-attestation'})
    expect(await released('foreign')).toEqual([])
  })

  test('is refused before anything on an Enterprise Server, and without the right to ID tokens', async () => {
    const image = await pushed('early')
    const enterprise = {GITHUB_SERVER_URL: 'https://github.example'}
    expectFailure(await promote('early', image.digest, {}, enterprise), {
      code: 'input-invalid',
      values: ['https://github.example'],
    })
    const unsigned = {sign: '', 'sigstore-config': '', 'github-attestation': 'required'}
    expectFailure(await promote('early', image.digest, unsigned, {ACTIONS_ID_TOKEN_REQUEST_URL: ''}), {
      code: 'sign-identity-missing',
      values: ['ACTIONS_ID_TOKEN_REQUEST_URL'],
    })
    expect(await released('early')).toEqual([])
  })

  test('of a private repository needs the trusted root of GitHub', async () => {
    const image = await pushed('private')
    sigstore.setClaims({...workflowClaims, repository_visibility: 'private'})
    const unsigned = {sign: '', 'sigstore-config': '', 'sigstore-trust': '', 'github-attestation': 'required'}
    const result = await promote('private', image.digest, unsigned)
    sigstore.setClaims(workflowClaims)
    expectFailure(result, {code: 'attestation-denied', values: ['acme/app is private'], remedy: 'sigstore-trust'})
  })
})
