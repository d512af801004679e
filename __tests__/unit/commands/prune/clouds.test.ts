import {expect, test} from '@jest/globals'
import type {Http} from '../../../../src/io/http.ts'
import {azurePassword, azureRegistry} from '../../../../testing/clouds/azure-registry.ts'
import {ecrRegistry} from '../../../../testing/clouds/ecr-registry.ts'
import {googleRegistry} from '../../../../testing/clouds/google-registry.ts'
import {makeReferrer, memoryRegistry, type MemoryRegistry} from '../../../../testing/memory-registry.ts'
import {imageOfAge, runPrune, type PruneRun} from '../../../../testing/prune-run.ts'

interface Cloud {
  readonly name: string
  readonly registry: MemoryRegistry
  readonly http: Http
  readonly path: string
  readonly inputs: Readonly<Record<string, string>>
}

const keys = {AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'canary-secret-key'}

function google(): Cloud {
  const registry = memoryRegistry({host: 'europe-docker.pkg.dev'})
  return {name: 'google', registry, http: googleRegistry({registry}), path: 'acme/images/app', inputs: {}}
}

function azure(): Cloud {
  const registry = memoryRegistry({host: 'acmeimages.azurecr.io'})
  const path = 'team/app'
  const inputs = {registry: registry.host, username: 'ci', password: azurePassword}
  return {name: 'azure', registry, http: azureRegistry({registry, path}), path, inputs}
}

async function run(
  {registry, path, http, inputs}: Cloud,
  more: Readonly<Record<string, string>> = {},
): Promise<PruneRun> {
  return runPrune([], {
    network: () => http,
    environment: keys,
    gitHubState: {openPulls: [2], branches: ['feature']},
    inputs: {images: `${registry.host}/${path}`, 'dry-run': 'false', ...inputs, ...more},
  })
}

function fill({registry, path}: Cloud): void {
  for (const [name, tags] of Object.entries({release: ['1.2.3', 'latest'], open: ['pr-2'], closed: ['pr-1']})) {
    const image = imageOfAge(90, name)
    registry.store(path, image, tags)
    registry.store(path, makeReferrer(image, 'application/signature'))
  }
}

test.each([google(), azure(), {name: 'ecr', ...ecrRegistry('team/app'), path: 'team/app', inputs: {}}])(
  '$name: a closed pull request goes with its platforms and signatures',
  async (cloud) => {
    fill(cloud)
    const {registry, path} = cloud
    expect(registry.snapshot()[path]?.manifests).toHaveLength(12)
    const {failure, outputs} = await run(cloud)
    expect(failure).toBeUndefined()
    expect(Object.keys(registry.tagsOf(path))).toEqual(['1.2.3', 'latest', 'pr-2'])
    expect(registry.snapshot()[path]?.manifests).toHaveLength(8)
    expect(outputs['deleted-count']).toBe('1')
    const second = await run(cloud)
    expect([second.failure, second.outputs['deleted-count']]).toEqual([undefined, '0'])
  },
)

test('ecr: one of two tags goes, and a conflicting lifecycle policy gives a warning', async () => {
  const rule = {rulePriority: 1, selection: {tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 9}}
  const server = ecrRegistry('team/app', JSON.stringify({rules: [rule]}))
  const cloud = {name: 'ecr', ...server, path: 'team/app', inputs: {}}
  fill(cloud)
  server.registry.store('team/app', imageOfAge(90, 'release'), ['pr-3'])
  const {failure, io} = await run(cloud)
  expect(failure).toBeUndefined()
  expect(Object.keys(server.registry.tagsOf('team/app'))).toEqual(['1.2.3', 'latest', 'pr-2'])
  expect(io.workflow.log.filter((line) => line.startsWith('warning: '))).toHaveLength(2)
})

test('ecr: a missing right is in the error', async () => {
  const server = ecrRegistry('team/app')
  const cloud = {name: 'ecr', ...server, path: 'team/app', inputs: {}}
  fill(cloud)
  server.denied.add('BatchDeleteImage')
  const {failure} = await run(cloud)
  expect([failure?.code, failure?.remedy]).toEqual(['ecr-denied', expect.stringContaining('ecr:BatchDeleteImage')])
  expect(server.registry.snapshot()['team/app']?.manifests).toHaveLength(12)
})
