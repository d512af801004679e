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
/** Refs of the commits. The clone has the second commit checked out. */
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
  // This test comes first, before the builder has the repository in its cache.
  test('fails with the cause for a private repository without a token', async () => {
    const {failure} = await run('git/refused', {context: 'git', 'github-token': '', 'no-cache': 'true'}, 'first')
    expect(failure?.code).toBe('git-context-refused')
    expect(await registry.tags('git/refused')).toEqual([])
  })

  test.each([
    {name: 'the own commit', repository: 'git/tag', inputs: {context: 'git'}, at: 'first', page: 'the first\n'},
    {
      name: 'the commit of a branch',
      repository: 'git/main',
      inputs: {context: 'git'},
      at: 'second',
      page: 'the second\n',
    },
    {
      name: 'a directory, in the form of docker/build-push-action',
      repository: 'git/app',
      inputs: {context: '{{defaultContext}}:app'},
      at: 'first',
      page: 'the first of the app\n',
    },
  ] as const)('$name', async ({repository, inputs, at, page}) => {
    const result = await run(repository, inputs, at)
    expect(await pageOf(repository, result)).toBe(page)
    expect(warningsOf(result)).toEqual([])
    expect([...server.passwords]).toEqual([token])
    expect(JSON.stringify([result.log, [...result.outputs]])).not.toContain(token)
  })
})

describe('a workspace that differs from the built commit', () => {
  test('is reported once, with the names of five files', async () => {
    const names = ['a b', 'c', 'd', 'e', 'f', 'g'].map((name) => `new ${name}`)
    for (const name of names) await writeFile(path.join(server.clone, name), 'x')
    await writeFile(path.join(server.clone, 'page'), 'changed\n')
    try {
      const result = await run('git/differs', {context: 'git'}, 'first', server.clone)
      expect(await pageOf('git/differs', result)).toBe('the first\n')
      const [first = '', second = ''] = server.commits.map((sha) => sha.slice(0, 12))
      const warnings = warningsOf(result)
      expect(warnings).toHaveLength(1)
      for (const value of [first, second, 'page, new a b, new c, new d, new e and 2 more']) {
        expect(warnings[0]).toContain(value)
      }
    } finally {
      for (const name of names) await rm(path.join(server.clone, name))
      await writeFile(path.join(server.clone, 'page'), 'the second\n')
    }
  })

  test('is not reported if it is equal', async () => {
    const same = await run('git/same', {context: 'git'}, 'second', server.clone)
    const local = await run('git/local', {context: server.clone}, 'second', server.clone)
    expect(await pageOf('git/same', same)).toBe('the second\n')
    expect(await pageOf('git/local', local)).toBe('the second\n')
    expect([...warningsOf(same), ...warningsOf(local)]).toEqual([])
  })

  test('is built as a local context. Without a tag that depends on the ref, only the log mentions it', async () => {
    const local = await run('git/local-other', {context: server.clone}, 'first', server.clone)
    expect(await pageOf('git/local-other', local)).toBe('the second\n')
    const [first = '', second = ''] = server.commits
    expect(warningsOf(local)).toEqual([])
    const line = local.log.find((line) => line.includes(`commit is ${second}`))
    expect(line).toContain(`${first} (refs/tags/v1.2.3)`)
    expect(local.outputs.get('labels')).toContain(`org.opencontainers.image.revision=${second}`)
  })
})
