import {execFile} from 'node:child_process'
import {cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {expect, test} from '@jest/globals'
import {Ajv2020} from 'ajv/dist/2020.js'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {projectRoot} from '../../testing/runner.ts'
import {corpusFolder} from '../../testing/workflow-corpus/corpus.ts'

const program = path.join(projectRoot, 'dist', 'cli.js')

interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the bundled command line, as `npx` does. */
async function tagboat(cwd: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], {cwd}, (error, stdout, stderr) => {
      resolve({exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr})
    })
  })
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('git', args, {cwd}, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(stderr))
    })
  })
}

/** Folder of workflows of the corpus, by name. */
function withWorkflows(directory: string, names: readonly string[]): string {
  const folder = path.join(directory, '.github', 'workflows')
  mkdirSync(folder, {recursive: true})
  for (const name of names) cpSync(path.join(corpusFolder, name, 'before.yml'), path.join(folder, `${name}.yml`))
  return folder
}

test('a file is converted to standard output, and stays as it is', async () => {
  await using directory = await temporaryDirectory()
  const folder = withWorkflows(directory.path, ['ghcr-simple'])
  const before = readFileSync(path.join(folder, 'ghcr-simple.yml'), 'utf8')
  const {exitCode, stdout, stderr} = await tagboat(directory.path, 'migrate', '.github/workflows/ghcr-simple.yml')
  expect(stdout).toContain('uses: tagboat/tagboat@v1')
  expect(stdout).not.toContain('docker/')
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/^1 file: 1 converted\n$/m)
  expect(readFileSync(path.join(folder, 'ghcr-simple.yml'), 'utf8')).toBe(before)
})

test('a folder is written in place: only files with changes, and a second run finds nothing', async () => {
  await using directory = await temporaryDirectory()
  const folder = withWorkflows(directory.path, ['crlf', 'docker-hub', 'nothing-tests', 'windows'])
  const untouched = ['nothing-tests', 'windows'].map((name) => statSync(path.join(folder, `${name}.yml`)))
  const first = await tagboat(directory.path, 'migrate', '--write')
  expect(first).toMatchObject({exitCode: 1, stdout: ''})
  expect(first.stderr).toMatch(/^\.github\/workflows\/windows\.yml:6:5: refused: .* \[windows\]$/m)
  expect(['nothing-tests', 'windows'].map((name) => statSync(path.join(folder, `${name}.yml`)))).toEqual(
    untouched.map((stat) => expect.objectContaining({ino: stat.ino, mtimeMs: stat.mtimeMs}) as unknown),
  )
  expect(readFileSync(path.join(folder, 'crlf.yml'), 'utf8')).toMatch(/uses: tagboat\/tagboat@v1\r\n/)
  expect(readdirSync(folder)).toHaveLength(4)
  const second = await tagboat(directory.path, 'migrate', '--check', 'docker-hub.yml', 'crlf.yml').then(
    async ({exitCode}) =>
      exitCode === 1 ? tagboat(folder, 'migrate', '--check', 'docker-hub.yml', 'crlf.yml') : undefined,
  )
  expect(second).toMatchObject({exitCode: 0, stdout: ''})
})

test('git applies the diff, which gives what --write gives', async () => {
  await using directory = await temporaryDirectory()
  const folder = withWorkflows(directory.path, ['comments-anchors', 'crlf', 'no-final-newline', 'nothing-tests'])
  await git(directory.path, 'init', '--quiet')
  const {stdout} = await tagboat(directory.path, 'migrate', '--diff')
  writeFileSync(path.join(directory.path, 'changes.diff'), stdout)
  const texts = (): readonly string[] =>
    readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8'))
  const before = texts()
  await git(directory.path, 'apply', 'changes.diff')
  const applied = texts()
  await git(directory.path, 'apply', '--reverse', 'changes.diff')
  expect(texts()).toEqual(before)
  await tagboat(directory.path, 'migrate', '--write')
  expect(texts()).toEqual(applied)
})

test('the report is JSON, with the tags of the result', async () => {
  await using directory = await temporaryDirectory()
  withWorkflows(directory.path, ['literal-pattern'])
  const {stdout, exitCode} = await tagboat(directory.path, 'migrate', '--json', '--tags')
  const schema = readFileSync(path.join(projectRoot, 'docs', 'migrate-command.schema.json'), 'utf8')
  const validate = new Ajv2020().compile(JSON.parse(schema) as object)
  expect(validate(JSON.parse(stdout)) ? [] : validate.errors).toEqual([])
  expect(JSON.parse(stdout)).toMatchObject({
    files: [
      {
        file: '.github/workflows/literal-pattern.yml',
        verdict: 'converted',
        tags: [
          {event: 'Tag v1.2.3', tags: expect.arrayContaining(['ghcr.io/octocat/app:v1.2.3']) as unknown},
          {tags: ['ghcr.io/octocat/app:v1.3.0-rc.1'], before: ['ghcr.io/octocat/app:1.3.0-rc.1']},
        ],
      },
    ],
    problems: [],
  })
  expect(exitCode).toBe(0)
})

test('a link out of the repository is not followed', async () => {
  await using outside = await temporaryDirectory()
  await using directory = await temporaryDirectory()
  const target = path.join(outside.path, 'target.yml')
  cpSync(path.join(corpusFolder, 'docker-hub', 'before.yml'), target)
  const before = readFileSync(target, 'utf8')
  symlinkSync(target, path.join(directory.path, 'link.yml'))
  const {exitCode, stderr} = await tagboat(directory.path, 'migrate', '--write', 'link.yml')
  expect(exitCode).toBe(1)
  expect(stderr).toContain(target)
  expect(readFileSync(target, 'utf8')).toBe(before)
})

test.each([
  {name: 'an option that does not exist', args: ['--wirte']},
  {name: 'several files without an option', args: ['a.yml', 'b.yml']},
])('$name is an error of the command line', async ({args}) => {
  await using directory = await temporaryDirectory()
  for (const name of ['a.yml', 'b.yml']) writeFileSync(path.join(directory.path, name), 'on: push\njobs: {}\n')
  expect(await tagboat(directory.path, 'migrate', ...args)).toMatchObject({exitCode: 2, stdout: ''})
})
