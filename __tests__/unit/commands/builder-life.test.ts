import {existsSync, readFileSync} from 'node:fs'
import {mkdir, readdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {keptBuilderNames} from '../../../src/builder/builder-name.ts'
import {parseRecord} from '../../../src/builder/builder-record.ts'
import {publish} from '../../../src/commands/publish.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {programOf, runCommand, valuesOf, type Play, type Ran} from '../../support/command-run.ts'
import {temporaryDirectory} from '../../support/fake-edges.ts'

async function run(inputs: Readonly<Record<string, string>>, play: Play = () => undefined): Promise<Ran> {
  return runCommand(publish, {inputs: {push: 'false', driver: 'docker-container', ...inputs}, play})
}

function created({edges}: Ran): readonly string[] {
  return edges.processes.commands.flatMap((command) =>
    programOf(command) === 'buildx create' ? valuesOf(command, '--name') : [],
  )
}

describe('a builder of this run', () => {
  test('is known to the post step before it is created, and forgotten when it is removed', async () => {
    const done = await run({})
    expect(done.failure).toBeUndefined()
    const [name = ''] = created(done)
    expect(name).toMatch(/^tagboat-\d+-1-marker$/)
    expect(done.edges.workflow.log).toContain(
      'printed: Builder: new docker-container, since the input `driver` is docker-container',
    )
    expect(done.programs.filter((program) => program !== 'login')).toEqual([
      'buildx build',
      'buildx create',
      'buildx inspect',
      'buildx rm',
      'ps',
    ])
    expect(done.edges.workflow.state.get('builder')).toBe('')
  })

  test('that cannot be removed is left to the post step', async () => {
    const done = await run({}, (command) =>
      programOf(command) === 'buildx rm' ? {exitCode: 1, stderr: 'ERROR: away\n'} : undefined,
    )
    expect(done.failure).toBeUndefined()
    const [name = ''] = created(done)
    expect(done.edges.workflow.log).toContain(`printed: Left for the post step to remove: ${name}: ERROR: away`)
    expect(parseRecord(done.edges.workflow.state.get('builder') ?? '')).toMatchObject({name, keepState: false})
  })

  test('of a cancelled run is left to the post step, and the run does not wait', async () => {
    const abort = new AbortController()
    const done = await runCommand(publish, {
      inputs: {push: 'false', driver: 'docker-container'},
      signal: abort.signal,
      play: (command) => {
        if (programOf(command) !== 'buildx build') return undefined
        abort.abort(new TagboatError('cancelled'))
        throw new TagboatError('cancelled')
      },
    })
    expect(done.failure?.code).toBe('cancelled')
    expect(done.programs).not.toContain('buildx rm')
    expect(parseRecord(done.edges.workflow.state.get('builder') ?? '')?.name).toBe(created(done)[0])
  })

  test('has its configuration from a private file, which goes with the run', async () => {
    let file = ''
    let text = ''
    const done = await run({'buildkitd-config-inline': '[worker.oci]\n  gc = false\n'}, (command) => {
      if (programOf(command) === 'buildx create') {
        file = valuesOf(command, '--buildkitd-config')[0] ?? ''
        text = readFileSync(file, 'utf8')
      }
      return undefined
    })
    expect(done.failure).toBeUndefined()
    expect(text).toBe('[worker.oci]\n  gc = false\n')
    expect(existsSync(file)).toBe(false)
  })

  test('whose configuration is not there is not created', async () => {
    const done = await run({'buildkitd-config': '/nowhere/buildkitd.toml'})
    expect(done.failure).toMatchObject({
      code: 'input-invalid',
      evidence: ['buildkitd-config: there is no file /nowhere/buildkitd.toml.'],
    })
    expect(created(done)).toEqual([])
  })

  test('that is not created leaves nothing behind', async () => {
    const done = await run({}, (command) =>
      programOf(command) === 'buildx create' ? {exitCode: 1, stderr: 'ERROR: refused'} : undefined,
    )
    expect(done.failure?.code).toBe('builder-not-created')
    expect(done.programs).toContain('buildx rm')
    expect([done.edges.workflow.state.get('builder'), done.left]).toEqual(['', []])
  })
})

describe('keep-state', () => {
  const inputs = {push: 'false', driver: 'docker-container', 'keep-state': 'true'}

  /** A run beside others that have the first names; gives the place of its name among the kept ones. */
  async function slotBeside(others: number): Promise<number> {
    await using config = await temporaryDirectory()
    const claims = path.join(config.path, 'tagboat-claims')
    await mkdir(claims)
    const names = keptBuilderNames('https://github.com/Codertocat/Hello-World')
    const text = 'another 2026-01-02T03:00:00.000Z\n'
    await Promise.all(names.slice(0, others).map(async (name) => writeFile(path.join(claims, name), text)))
    const done = await runCommand(publish, {inputs, environment: {BUILDX_CONFIG: config.path}})
    expect(done.failure).toBeUndefined()
    // Claims of others stay, and that of this run is gone with it.
    expect((await readdir(claims)).sort()).toEqual(names.slice(0, others).sort())
    return names.indexOf(created(done)[0] ?? '')
  }

  test.each([0, 1, 9])('takes the first name that no other run has: %i are taken', async (others) => {
    expect(await slotBeside(others)).toBe(others)
  })

  test('keeps nothing where all names are taken', async () => {
    expect(await slotBeside(10)).toBe(-1)
  })
})
