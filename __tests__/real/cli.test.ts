import {execFile, execFileSync} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {expect, test} from '@jest/globals'
import {Ajv2020} from 'ajv/dist/2020.js'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {memoryRegistry} from '../../testing/memory-registry.ts'
import {changesOf, startRegistry} from '../../testing/registry.ts'
import {projectRoot} from '../../testing/runner.ts'

const program = path.join(projectRoot, 'dist', 'cli.js')

interface Ran {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program with Node.js. */
async function run(cwd: string, args: readonly string[], input = '', env = process.env): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...args], {cwd, env}, (error, stdout, stderr) => {
      resolve({exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr})
    })
    child.stdin?.end(input)
  })
}

async function plan(cwd: string, args: readonly string[], input?: string): Promise<Ran> {
  return run(cwd, [program, 'plan', ...args], input)
}

const workflow = `on: push
jobs:
  image:
    steps:
      - uses: actions/checkout@v5
      - uses: tagboat/tagboat@v1
        with:
          version: file:package.json
          tags: |
            type=semver,pattern={{version}}
            type=sha
`

/** Checkout of a repository with a commit and a remote. */
function checkout(directory: string): string {
  mkdirSync(path.join(directory, '.github', 'workflows'), {recursive: true})
  writeFileSync(path.join(directory, '.github', 'workflows', 'image.yml'), workflow)
  writeFileSync(path.join(directory, 'package.json'), '{"version": "4.5.6"}')
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: directory,
      encoding: 'utf8',
    })
  git('init', '--quiet', '--initial-branch', 'trunk')
  git('remote', 'add', 'origin', 'https://github.com/team/hello.git')
  git('add', '.')
  git('commit', '--quiet', '--message', 'First')
  return git('rev-parse', 'HEAD').trim()
}

/** Installs the packed package in an empty directory. The cache is empty too, so any dependency would be missing. */
function install(directory: string): string {
  const env = {
    ...process.env,
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    npm_config_cache: path.join(directory, 'cache'),
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
  }
  const npm = (cwd: string, ...args: readonly string[]): string =>
    execFileSync('npm', args, {cwd, env, encoding: 'utf8'})
  const packed = npm(projectRoot, 'pack', '--silent', '--pack-destination', directory).trim()
  writeFileSync(path.join(directory, 'package.json'), '{"private": true}')
  npm(directory, 'install', '--silent', '--offline', path.join(directory, packed))
  return path.join(directory, 'node_modules')
}

test('the packed package installs without a network and without other packages, plans and has its version', async () => {
  await using directory = await temporaryDirectory()
  const modules = install(directory.path)
  expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual(['tagboat'])
  const installed = path.join(modules, '.bin', 'tagboat')
  const {version} = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')) as {version: string}
  for (const args of [['--version'], ['plan', '--version'], ['migrate', '--version']])
    expect(await run(directory.path, [installed, ...args])).toEqual({exitCode: 0, stdout: `${version}\n`, stderr: ''})
  const args = [installed, 'plan', '-', '--event', 'version']
  const {exitCode, stdout, stderr} = await run(directory.path, args, 'images: ghcr.io/team/hello\n')
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
  expect(stdout).toMatch(/^ {4}1\.2\.3 /m)
})

test('in a checkout, commit, repository and files are those of the checkout', async () => {
  await using directory = await temporaryDirectory()
  const sha = checkout(directory.path)
  const {exitCode, stdout, stderr} = await plan(directory.path, [])
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
  expect(stdout).toContain(`push of refs/heads/trunk, commit ${sha.slice(0, 7)}`)
  expect(stdout).toContain('ghcr.io/team/hello')
  expect(stdout).toMatch(/^ {4}4\.5\.6 /m)
})

test('a problem has its line in the file', async () => {
  await using directory = await temporaryDirectory()
  writeFileSync(path.join(directory.path, 'a.yml'), workflow.replace('pattern', 'patern'))
  const {exitCode, stderr} = await plan(directory.path, ['a.yml'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^a\.yml:10:13: tags: .*"pattern"/)
})

test('inputs on standard input are planned with the tags of a file', async () => {
  await using directory = await temporaryDirectory()
  writeFileSync(path.join(directory.path, 'tags'), 'latest 1.2.2\n1.2.2\n2.0.0\n')
  const args = ['-', '--event', 'version', '--registry-tags', 'tags', '--json']
  const {exitCode, stdout} = await plan(directory.path, args, 'images: ghcr.io/team/hello\n')
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    files: [
      {file: '-', events: [{id: 'version', ref: 'refs/tags/v1.2.3', steps: [{state: 'planned', action: 'publish'}]}]},
    ],
  })
  expect(stdout).toContain('"code": "moved-to-highest"')
  const schema = JSON.parse(readFileSync(path.join(projectRoot, 'docs', 'plan-command.schema.json'), 'utf8')) as object
  const validate = new Ajv2020({allowUnionTypes: true}).compile(schema)
  expect(validate(JSON.parse(stdout)) ? [] : validate.errors).toEqual([])
})

test.each([
  {args: ['plan', '--evnt', 'x'], part: '--event'},
  {args: ['plan', 'missing.yml'], part: 'missing.yml'},
  {args: ['plna'], part: 'plan'},
  {args: [], part: 'Usage'},
])('the command line $args is refused', async ({args, part}) => {
  await using directory = await temporaryDirectory()
  const {exitCode, stdout, stderr} = await run(directory.path, [program, ...args])
  expect({exitCode, stdout}).toEqual({exitCode: 2, stdout: ''})
  expect(stderr).toContain(part)
  expect(stderr).not.toContain('::error')
})

test('a registry that does not respond is an error without a workflow command', async () => {
  await using directory = await temporaryDirectory()
  const {exitCode, stderr} = await plan(
    directory.path,
    ['-', '--registry'],
    'images: 127.0.0.1:9/team/hello\nretries: 0\n',
  )
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^stdin:1:1: .* \[[a-z-]+\]/)
  expect(stderr).not.toContain('::error')
})

test('the registries are read, and not changed', async () => {
  await using directory = await temporaryDirectory()
  const registry = memoryRegistry()
  const image = (version: string): Readonly<Record<string, string>> => ({
    'io.github.tagboat.version': version,
    'org.opencontainers.image.revision': '1'.repeat(40),
  })
  registry.putImage('team/hello', {tags: ['latest', '2.0.0'], annotations: image('2.0.0')})
  registry.putImage('team/hello', {tags: ['1.2'], annotations: image('1.2.2')})
  const before = registry.moves.length
  await using served = await registry.serve()
  const args = ['-', '--registry', '--event', 'version']
  const {exitCode, stdout} = await plan(directory.path, args, `images: ${served.host}/team/hello\n`)
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^ +would create \S+:1\.2\.3$/m)
  expect(stdout).toMatch(/^ +would move +\S+:1\.2 from 1\.2\.2 /m)
  expect(stdout).toMatch(/^ +would keep +\S+:latest at 2\.0\.0 /m)
  expect(registry.moves).toHaveLength(before)
})

/** Pushes an index without images, whose annotations state a version, to a registry with a login. */
async function pushVersion(at: string, authorization: string, version: string): Promise<void> {
  const annotations = {'io.github.tagboat.version': version, 'org.opencontainers.image.revision': '1'.repeat(40)}
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const body = JSON.stringify({schemaVersion: 2, mediaType, manifests: [], annotations})
  const {status} = await fetch(at, {method: 'PUT', body, headers: {authorization, 'content-type': mediaType}})
  expect(status).toBe(201)
}

test('a private registry is read with the login of the Docker configuration, and not changed', async () => {
  const login = {username: 'reader', password: 'a-users-own'}
  await using directory = await temporaryDirectory()
  await using registry = await startRegistry({login})
  const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64')
  await pushVersion(`${registry.url}/v2/team/hello/manifests/1.2`, `Basic ${auth}`, '1.2.2')
  await pushVersion(`${registry.url}/v2/team/hello/manifests/latest`, `Basic ${auth}`, '2.0.0')
  const before = await registry.requests()
  const args = [program, 'plan', '-', '--registry', '--event', 'version']
  const input = `images: ${registry.host}/team/hello\nretries: 0\n`
  writeFileSync(path.join(directory.path, 'config.json'), '{}')
  const env = {...process.env, DOCKER_CONFIG: directory.path}
  const refused = await run(directory.path, args, input, env)
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain(registry.host)
  writeFileSync(path.join(directory.path, 'config.json'), JSON.stringify({auths: {[registry.host]: {auth}}}))
  const {exitCode, stdout, stderr} = await run(directory.path, args, input, env)
  expect({exitCode, stderr}).toEqual({exitCode: 0, stderr: ''})
  expect(stdout).toMatch(/^ +would create \S+:1\.2\.3$/m)
  expect(stdout).toMatch(/^ +would move +\S+:1\.2 from 1\.2\.2 /m)
  expect(stdout).toMatch(/^ +would keep +\S+:latest at 2\.0\.0 /m)
  expect(`${stdout}${refused.stderr}`).not.toContain(login.password)
  expect(changesOf((await registry.requests()).slice(before.length))).toEqual([])
})

test('the package needs nothing but its own files', async () => {
  await using directory = await temporaryDirectory()
  execFileSync('npm', ['pack', '--offline', '--silent', '--pack-destination', directory.path], {cwd: projectRoot})
  const [archive = ''] = readdirSync(directory.path)
  execFileSync('tar', ['-xzf', archive], {cwd: directory.path})
  const packed = path.join(directory.path, 'package', 'dist', 'cli.js')
  const {exitCode, stdout} = await run(
    directory.path,
    [packed, 'plan', '-', '--ref', 'v1.2.3'],
    'images: ghcr.io/a/b\n',
  )
  expect(exitCode).toBe(0)
  expect(stdout).toContain('1.2.3')
})
