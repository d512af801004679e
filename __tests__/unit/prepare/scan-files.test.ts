import {expect, test} from '@jest/globals'
import {mkdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import type {ScanInputs} from '../../../src/inputs/scan/scan-inputs.ts'
import {withScanFiles} from '../../../src/prepare/scan-files.ts'
import {fakeIo, temporaryDirectory} from '../../../testing/fake-io.ts'

type Given = Readonly<Record<string, string>>

interface Checked {
  readonly scan: ScanInputs
  readonly problems: Problems
  readonly workspace: string
}

/** Checks inputs in a workspace with the files `Dockerfile`, `rules.yaml` and `.trivyignore`, and the directory `out`. */
async function check(given: Given): Promise<Checked> {
  await using directory = await temporaryDirectory()
  const workspace = directory.path
  await mkdir(path.join(workspace, 'out'))
  for (const name of ['Dockerfile', 'rules.yaml', '.trivyignore']) await writeFile(path.join(workspace, name), '')
  const inputs = new Map(Object.entries({scan: 'grype', ...given}))
  const problems = new Problems()
  const {scan} = await readInputs(inputs, problems)
  if (scan === undefined) throw new Error('no scan')
  const io = fakeIo({inputs, environment: {GITHUB_WORKSPACE: workspace}})
  return {scan: await withScanFiles(scan, io, problems), problems, workspace}
}

test('paths of files for a scan become absolute', async () => {
  const given = {'scan-ignore-file': 'rules.yaml', 'scan-vex': 'rules.yaml', 'scan-report': 'out/reports/new'}
  const {scan, problems, workspace} = await check(given)
  const rules = path.join(workspace, 'rules.yaml')
  expect(problems.all).toEqual([])
  expect(scan).toMatchObject({ignoreFile: rules, vex: [rules], report: 'out/reports/new'})
})

test.each<{name: string; given: Given; input: string; line?: number; message?: string}>([
  {name: 'an ignore file that does not exist', given: {'scan-ignore-file': '.grypeignore'}, input: 'scan-ignore-file'},
  {name: 'a directory as an ignore file', given: {'scan-ignore-file': 'out'}, input: 'scan-ignore-file'},
  {name: 'what Trivy ignores, for Grype', given: {'scan-ignore-file': '.trivyignore'}, input: 'scan-ignore-file'},
  {name: 'a missing VEX document', given: {'scan-vex': 'rules.yaml\n\nvex.json'}, input: 'scan-vex', line: 3},
  {name: 'a file as the directory', given: {'scan-report': 'Dockerfile'}, input: 'scan-report', message: 'Dockerfile'},
  {
    name: 'a directory below a file',
    given: {'scan-report': 'Dockerfile/reports'},
    input: 'scan-report',
    message: 'Dockerfile',
  },
])('$name is a problem before the build', async ({given, input, line, message = ''}) => {
  const {problems} = await check(given)
  expect(problems.all).toEqual([expect.objectContaining({input, ...(line !== undefined && {line})})])
  expect(problems.all[0]?.message).toContain(message)
})

test('Trivy gets its own kind of ignore file', async () => {
  expect((await check({scan: 'trivy', 'scan-ignore-file': '.trivyignore'})).problems.all).toEqual([])
})
