import {rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {startGitServer, type GitServer} from '../../testing/git-server.ts'
import {readFiles} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {runSource, type SourceResult} from '../../testing/source-run.ts'
import {plainDockerfile} from '../../testing/workspace.ts'

const token = 'canary-job-token'
const dockerfile = `${plainDockerfile.join('\n')}\nCOPY page /page\n`
const files = (text: string): Record<string, string> => ({
  Dockerfile: dockerfile,
  page: `${text}\n`,
  'app/Dockerfile': dockerfile,
  'app/page': `${text} of the app\n`,
})
/** The clone has the second checked out. */
const refs = {
  first: {ref: 'refs/tags/v1.2.3', index: 0},
  second: {ref: 'refs/heads/main', index: 1},
} as const
let registry: Registry
let server: GitServer

beforeAll(async () => {
  ;[registry, server] = await Promise.all([
    startRegistry(),
    startGitServer({
      repository: 'Codertocat/Hello-World',
      token,
      commits: [
        {files: files('the first'), refs: ['refs/tags/v1.2.3']},
        {files: files('the second'), refs: ['refs/heads/main']},
      ],
    }),
  ])
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await registry.stop()
})

async function run(
  repository: string,
  inputs: Readonly<Record<string, string>>,
  at: keyof typeof refs = 'first',
  workspace?: string,
): Promise<SourceResult> {
  const {ref, index} = refs[at]
  const sha = server.commits[index] ?? ''
  return runSource({
    push: {ref, sha, runId: '100'},
    inputs: {
      images: `${registry.host}/${repository}`,
      platforms: 'linux/amd64',
      tags: 'type=raw,value=built',
      'github-token': token,
      ...inputs,
    },
    env: {GITHUB_SERVER_URL: server.url, ...(workspace !== undefined && {GITHUB_WORKSPACE: workspace})},
  })
}

async function pageOf(repository: string, {failure, outputs}: SourceResult): Promise<string | undefined> {
  expect(failure?.evidence).toBeUndefined()
  const reference = Object.values(JSON.parse(outputs.get('digests') ?? '{}') as Record<string, string>)[0] ?? ''
  return (await readFiles({registry, repository, reference})).get('page')
}

function warningsOf({log}: SourceResult): readonly string[] {
  return log.filter((line) => line.startsWith('warning: '))
}

describe('a context that the builder reads from the Git server', () => {
  // Before the builder has anything of the repository in its cache.
  test('without a token, a private repository is refused, with the cause', async () => {
    const {failure} = await run('git/refused', {context: 'git', 'github-token': '', 'no-cache': 'true'}, 'first')
    expect(failure?.code).toBe('git-context-refused')
    expect(await registry.tags('git/refused')).toEqual([])
  })

  test.each([
    {name: 'the commit of the run', repository: 'git/tag', given: {context: 'git'}, at: 'first', page: 'the first\n'},
    {name: 'that of a branch', repository: 'git/main', given: {context: 'git'}, at: 'second', page: 'the second\n'},
    {
      name: 'as docker/build-push-action writes it, of a directory',
      repository: 'git/app',
      given: {context: '{{defaultContext}}:app'},
      at: 'first',
      page: 'the first of the app\n',
    },
  ] as const)('$name', async ({repository, given, at, page}) => {
    const result = await run(repository, given, at)
    expect(await pageOf(repository, result)).toBe(page)
    expect(warningsOf(result)).toEqual([])
    expect([...server.passwords]).toEqual([token])
    expect(JSON.stringify([result.log, [...result.outputs]])).not.toContain(token)
  })
})

describe('a workspace that is not what is built', () => {
  test('is told once, with five files by name', async () => {
    const names = ['a b', 'c', 'd', 'e', 'f', 'g'].map((name) => `new ${name}`)
    for (const name of names) await writeFile(path.join(server.clone, name), 'x')
    await writeFile(path.join(server.clone, 'page'), 'changed\n')
    try {
      const result = await run('git/differs', {context: 'git'}, 'first', server.clone)
      expect(await pageOf('git/differs', result)).toBe('the first\n')
      const [first = '', second = ''] = server.commits.map((sha) => sha.slice(0, 12))
      const text = `context: the build reads ${first} from Git, and nothing of the workspace, which differs: it has ${second} checked out; it has changed or new files: page, new a b, new c, new d, new e and 2 more.`
      expect(warningsOf(result)).toEqual([expect.stringContaining(text)])
    } finally {
      for (const name of names) await rm(path.join(server.clone, name))
      await writeFile(path.join(server.clone, 'page'), 'the second\n')
    }
  })

  test('is not told where it is', async () => {
    const same = await run('git/same', {context: 'git'}, 'second', server.clone)
    const local = await run('git/local', {context: server.clone}, 'second', server.clone)
    expect(await pageOf('git/same', same)).toBe('the second\n')
    expect(await pageOf('git/local', local)).toBe('the second\n')
    expect([...warningsOf(same), ...warningsOf(local)]).toEqual([])
  })

  test('of a local context is what is built and named; no tag depends on the ref, so the log alone says it', async () => {
    const local = await run('git/local-other', {context: server.clone}, 'first', server.clone)
    expect(await pageOf('git/local-other', local)).toBe('the second\n')
    const [first = '', second = ''] = server.commits
    expect(warningsOf(local)).toEqual([])
    const said = local.log.find((line) => line.includes(`the built commit is ${second}`))
    expect(said).toContain(`the commit of this run is ${first} (refs/tags/v1.2.3)`)
    expect(local.outputs.get('labels')).toContain(`org.opencontainers.image.revision=${second}`)
  })
})
