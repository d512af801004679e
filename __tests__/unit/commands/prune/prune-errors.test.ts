import {describe, expect, test} from '@jest/globals'
import type {ErrorCode} from '../../../../src/errors/causes.ts'
import {pruneRemedies} from '../../../../src/errors/causes/prune-remedies.ts'
import {remedies} from '../../../../src/errors/remedies.ts'
import type {ActionName} from '../../../../src/inputs/spec/action-names.ts'
import {allSpecs, hasInput} from '../../../../src/inputs/spec/all-inputs.ts'
import {memoryRegistry, type MemoryRegistryOptions} from '../../../../testing/memory-registry.ts'
import {imageOfAge, runPrune, type PruneRun} from '../../../../testing/prune-run.ts'

const path = 'octo-org/octo-repo'

/** Run against a registry that wants a login. */
async function pruned(
  inputs: Readonly<Record<string, string>>,
  options: MemoryRegistryOptions = {auth: {kind: 'basic', users: {mona: 'right'}}},
): Promise<PruneRun> {
  const registry = memoryRegistry(options)
  registry.store(path, imageOfAge(30, 'image'), ['pr-1'])
  return runPrune([registry], {inputs: {images: `registry.example/${path}`, ...inputs}})
}

describe('a registry that denies the list', () => {
  test('because of a wrong password', async () => {
    const run = await pruned({registry: 'registry.example', username: 'mona', password: 'wrong-password'})
    expect(run.failure?.remedy).toMatch(/^Check the user name and the password for registry\.example:/)
    expect(run.summary).toMatch(/Check the user name/)
  })

  test('without a login', async () => {
    const run = await pruned({})
    expect(run.failure?.remedy).toMatch(/^Set `registry: registry\.example`, `username` and `password`/)
  })

  test('to a user of Docker Hub', async () => {
    const images = `registry.example/${path}\nname=octo-org/octo-repo,required=false`
    const run = await pruned({images, username: 'mona', password: 'right-password'})
    expect(run.failure?.remedy).toMatch(/Docker Hub: set `registry: registry\.example`\.$/)
  })

  test('because it has none', async () => {
    const run = await pruned({}, {listsTags: 405})
    expect([run.failure?.code, run.failure?.remedy]).toEqual(['tags-unlisted', pruneRemedies['tags-unlisted']])
  })
})

/** Inputs that a remedy names and the action does not have. */
function foreignInputs(text: string, action: ActionName): readonly string[] {
  const names = [...text.matchAll(/`([a-z-]+)(?::[^`]*)?`/g)].map(([, name = '']) => name)
  return [...new Set(names)].filter((name) => Object.hasOwn(allSpecs, name) && !hasInput(action, name))
}

const ofBuilds: readonly ErrorCode[] = [
  'dockerfile-missing',
  'context-missing',
  'git-context-refused',
  'builder-missing',
  'builder-unsuited',
  'builder-not-created',
  'builder-image-missing',
  'cluster-denied',
  'pod-not-ready',
  'platform-missing',
  'emulation-failed',
  'emulation-crashed',
  'dockerfile-invalid',
  'base-image-unreachable',
  'sbom-generator-unreachable',
  'load-failed',
  'commit-date-unknown',
]
const ofSignatures: readonly ErrorCode[] = [
  'sign-key-invalid',
  'sign-key-password',
  'sign-format-retired',
  'sign-log-public',
  'attestation-denied',
  'attestation-too-large',
  'signature-missing',
  'signature-untrusted',
]
const ofPublications: readonly ErrorCode[] = [
  ...ofSignatures,
  'git-missing',
  'clone-missing',
  'nothing-to-tag',
  'tag-elsewhere',
  'base-image-without-platform',
  'tag-taken',
  'tag-exists',
  'tag-stale',
  'platforms-incomplete',
  'build-not-judged',
  'scan-found',
  'scanner-missing',
  'scan-database-missing',
  'source-missing',
]
const ofPrunes: readonly ErrorCode[] = ['prune-too-much', 'deployments-unlisted']

/** Errors that an action does not have. */
const absent: Readonly<Record<Exclude<ActionName, 'publish'>, readonly ErrorCode[]>> = {
  stage: [...ofSignatures, ...ofPrunes, 'source-missing'],
  promote: [...ofBuilds, ...ofPrunes, 'attestation-denied'],
  prune: [...ofBuilds, ...ofPublications],
}

test.each(['stage', 'promote', 'prune'] as const)('remedies name inputs that %s has', (action) => {
  const all = {...remedies, ...(action === 'prune' ? pruneRemedies : {})}
  const wrong = Object.entries(all).flatMap(([code, text]) => {
    const isAbsent = absent[action].some((one) => one === code)
    const names = isAbsent ? [] : foreignInputs(text, action)
    return names.length === 0 ? [] : [`${code}: ${names.join(', ')}`]
  })
  expect(wrong).toEqual([])
})
