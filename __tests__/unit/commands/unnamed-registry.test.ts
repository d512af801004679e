import {describe, expect, test} from '@jest/globals'
import {publish} from '../../../src/commands/publish.ts'
import {runCommand, type CommandRun, type Scenario} from '../../../testing/command-run.ts'
import {memoryRegistry} from '../../../testing/memory-registry.ts'

/** A login without `registry` is for Docker Hub, as in docker/login-action. */
const login = {username: 'mona', password: 'canary-1'}

async function run(
  inputs: Readonly<Record<string, string>>,
  scenario: Partial<Scenario> = {},
): Promise<{readonly done: CommandRun; readonly paths: readonly string[]}> {
  const registries = ['r.example', 's.example', 'registry-1.docker.io', 'ghcr.io', '127.0.0.1:5000'].map((host) =>
    memoryRegistry({host}),
  )
  const given = {tags: '1.2.3', flavor: 'latest=false', retries: '0', ...login, ...inputs}
  const done = await runCommand(publish, {registries, ...scenario, inputs: given})
  return {done, paths: registries.flatMap(({requests}) => requests.map(({path}) => path))}
}

describe('without registry, a login is refused before any request', () => {
  test.each<{name: string; inputs: Readonly<Record<string, string>>; scenario?: Partial<Scenario>}>([
    {name: 'the image is elsewhere', inputs: {images: 'r.example/o/app'}},
    {name: 'two images, one without a login', inputs: {images: 'ghcr.io/o/app\nr.example/o/app'}},
    {name: 'a dry run that reads', inputs: {images: 'r.example/o/app', 'dry-run': 'registry'}},
    {name: 'a pull request', inputs: {images: 'r.example/o/app'}, scenario: {event: 'pull-request'}},
  ])('$name', async ({inputs, scenario}) => {
    const {done, paths} = await run({'github-token': 'canary-2', ...inputs}, scenario)
    expect(done.failure?.code).toBe('input-invalid')
    expect(done.failure?.evidence).toEqual([expect.stringMatching(/^registry: .*r\.example/)])
    expect(done.failure?.remedy).toContain('`registry: r.example`')
    expect(done.programs).toEqual([])
    expect(paths).toEqual([])
  })

  test('a GitHub token', async () => {
    const {done, paths} = await run({images: 'o/app', password: 'ghs_canary'})
    expect(done.failure?.evidence).toEqual([expect.stringMatching(/^registry: .*`registry: ghcr\.io`/)])
    expect(paths).toEqual([])
  })
})

describe('without registry, a login is that of Docker Hub', () => {
  test.each<{name: string; inputs: Readonly<Record<string, string>>; scenario?: Partial<Scenario>}>([
    {name: 'one of the images', inputs: {images: 'o/app\nr.example/o/app'}},
    {name: 'base images, beside ghcr.io', inputs: {images: 'ghcr.io/o/app', 'github-token': 'canary-2'}},
    {
      name: 'base images, without a push',
      inputs: {images: 'ghcr.io/o/app', 'github-token': 'canary-2'},
      scenario: {event: 'pull-request'},
    },
    {name: 'base images, beside a registry of this machine', inputs: {images: '127.0.0.1:5000/o/app'}},
    {name: 'the registry is named', inputs: {images: 'r.example/o/app', registry: 'docker.io'}},
  ])('$name', async ({inputs, scenario}) => {
    const {done} = await run(inputs, scenario)
    expect(done.failure).toBeUndefined()
    expect(done.programs).toContain('login')
  })
})
