import {expect, test} from '@jest/globals'
import {declareArtifacts} from '../../../../src/commands/github/declare-artifacts.ts'
import {files} from '../../../../src/io/files.ts'
import type {Digest} from '../../../../src/oci/digest.ts'
import type {Report} from '../../../../src/report/report.ts'
import {fakeIo, recordedWorkflow, temporaryDirectory} from '../../../../testing/fake-io.ts'
import {planOf} from '../../../../testing/reports.ts'

const digest: Digest = `sha256:${'a'.repeat(64)}`
const other: Digest = `sha256:${'b'.repeat(64)}`

/** Report of a publication to two registries, of which one has an earlier build. */
async function report(changes: Partial<Report> = {}): Promise<Report> {
  const {plan} = await planOf('push-tag', {
    images: 'acme/app\nghcr.io/acme/app',
    tags: 'type=semver,pattern={{version}}',
  })
  const rows = plan.tags.map(({reference}) => {
    const after = reference.repository.host === 'ghcr.io' ? other : digest
    return {reference, before: undefined, after, outcome: 'new', code: 'new', reason: '', level: 'info'} as const
  })
  return {
    action: 'publish',
    dryRun: false,
    plan,
    rows,
    staged: {digest, images: [], existing: false},
    ...changes,
  } as Report
}

async function declare(from: Report, list?: unknown): Promise<ReturnType<typeof recordedWorkflow>> {
  await using directory = await temporaryDirectory()
  const file = `${directory.path}/list.json`
  if (list !== undefined) await files.writePrivate(file, typeof list === 'string' ? list : JSON.stringify(list))
  const workflow = recordedWorkflow()
  await declareArtifacts(from, fakeIo({workflow, files, environment: {GITHUB_ARTIFACTS_LIST: file}}))
  return workflow
}

const lines = [`oci://docker.io/acme/app@${digest}`, `oci://ghcr.io/acme/app@${other}`]

test.each([
  {name: 'each image by its whole name', changes: {}, expected: lines},
  {name: 'nothing of a stage', changes: {rows: undefined}, expected: []},
  {name: 'nothing without an image', changes: {staged: undefined}, expected: []},
  {name: 'everything, if the list of the job is not JSON', changes: {}, list: 'broken', expected: lines},
  {
    name: 'nothing that the job has declared',
    changes: {},
    list: {version: 1, subjects: [{name: 'docker.io/acme/app', digest, kind: 'oci'}]},
    expected: lines.slice(1),
  },
])('declares $name', async ({changes, list, expected}) => {
  const {artifacts, log} = await declare(await report(changes), list)
  expect(artifacts).toEqual(expected)
  expect(log).toEqual([])
})

test.each([
  {
    name: 'another digest of the name',
    subjects: [{name: 'docker.io/acme/app', digest: other}],
    expected: lines.slice(1),
  },
  {
    name: 'the most artifacts of a job',
    subjects: Array.from({length: 500}, (_, index) => ({name: `file-${index}`, digest})),
    expected: [],
  },
])('a notice names what is left out, because of $name', async ({subjects, expected}) => {
  const {artifacts, log} = await declare(await report(), {version: 1, subjects})
  expect(artifacts).toEqual(expected)
  expect(log.map((line) => line.split('@')[0])).toContain('notice: docker.io/acme/app')
})
