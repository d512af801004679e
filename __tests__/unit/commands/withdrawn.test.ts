import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../src/commands/promote.ts'
import {publish} from '../../../src/commands/publish.ts'
import {factKeys} from '../../../src/oci/image-facts.ts'
import {runCommand, type CommandRun, type Scenario} from '../../../testing/command-run.ts'
import {makeImage, memoryRegistry, type MemoryRegistry, type TestImage} from '../../../testing/memory-registry.ts'

const rules = 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{major}}'
const given = {images: 'r.example/o/app', registry: 'r.example', username: 'mona', password: 'canary-1'}

function imageOf(version: string, others: Readonly<Record<string, string>> = {}): TestImage {
  return makeImage({text: version, labels: {[factKeys.revision]: version, [factKeys.version]: version, ...others}})
}

/** Registry with releases; the floating tags point to the last one. */
function registryWith(...versions: readonly string[]): MemoryRegistry {
  const registry = memoryRegistry({host: 'r.example'})
  const images = versions.map((version) => ({version, image: imageOf(version)}))
  for (const {version, image} of images) registry.store('o/app', image, [version])
  const last = images.at(-1)
  if (last !== undefined) registry.store('o/app', last.image, ['1', '1.2', 'latest'])
  return registry
}

async function release(
  registry: MemoryRegistry,
  inputs: object,
  scenario: Partial<Scenario> = {},
): Promise<CommandRun> {
  return runCommand(publish, {...scenario, registries: [registry], inputs: {...given, tags: rules, ...inputs}})
}

async function rollBack(registry: MemoryRegistry, inputs: object): Promise<CommandRun> {
  const from = {from: 'r.example/o/app:1.2.2', version: '1.2.2', withdrawn: '1.2.3'}
  const tags = `${rules}\nlatest`
  return runCommand(promote, {
    builds: false,
    event: 'push-branch',
    registries: [registry],
    inputs: {...given, tags, ...from, ...inputs},
  })
}

/** Codes of the reasons of the tags, by tag. */
function codes({outputs}: CommandRun): Readonly<Record<string, string>> {
  const rows = ['moved-tags', 'kept-tags'].flatMap(
    (name) => JSON.parse(outputs[name] ?? '[]') as readonly {readonly tag: string; readonly code: string}[],
  )
  return Object.fromEntries(rows.map(({tag, code}) => [tag, code]))
}

describe('a promote of an earlier version', () => {
  test('moves the floating tags away from a withdrawn version', async () => {
    const registry = registryWith('1.2.2', '1.2.3')
    const done = await rollBack(registry, {})
    expect(done.failure).toBeUndefined()
    expect(done.summary).toContain('compose.yaml')
    expect(done.summary).toMatch(/^### ✅ Rolled back to `r\.example\/o\/app:1\.2\.2`$/m)
    expect(done.io.workflow.log.at(-1)).toMatch(/^info: Rolled back to r\.example\/o\/app:1\.2\.2 with 3 tags/)
    const {digest} = imageOf('1.2.2')
    expect(registry.tagsOf('o/app')).toEqual({
      '1': digest,
      '1.2': digest,
      '1.2.2': digest,
      '1.2.3': imageOf('1.2.3').digest,
      latest: digest,
    })
    expect(codes(done)).toMatchObject({
      '1': 'points-to-withdrawn',
      '1.2': 'points-to-withdrawn',
      latest: 'points-to-withdrawn',
    })
  })

  test('moves them to the highest of the other versions', async () => {
    const registry = registryWith('1.2.2', '1.2.4', '1.2.3')
    const done = await rollBack(registry, {withdrawn: '1.2.3\n>=1.2.5 <2'})
    expect(done.failure).toBeUndefined()
    expect(registry.tagsOf('o/app')).toMatchObject({'1.2': imageOf('1.2.4').digest, '1': imageOf('1.2.4').digest})
    expect(codes(done)).toMatchObject({'1.2': 'moved-to-highest', '1': 'moved-to-highest'})
  })

  test.each([
    {withdrawn: '>1.2.2 <=1.2.4', expected: '1.2.2'},
    {withdrawn: '1.2.4', expected: '1.2.3'},
  ])('of which two are higher, leads to $expected with withdrawn: $withdrawn', async ({withdrawn, expected}) => {
    const registry = registryWith('1.2.2', '1.2.3', '1.2.4')
    const done = await rollBack(registry, {withdrawn})
    expect(done.failure).toBeUndefined()
    const {digest} = imageOf(expected)
    expect(registry.tagsOf('o/app')).toMatchObject({'1.2': digest, '1': digest})
  })

  describe('without the input', () => {
    const remedy = 'list 1.2.3 and every other version above 1.2.2 in `withdrawn`'

    /** Tags with a notice that names the remedy. */
    function remedied({io}: CommandRun): readonly (string | undefined)[] {
      const notices = io.workflow.log.filter((line) => line.startsWith('notice: ') && line.includes('`withdrawn`'))
      return notices.map((line) => /:(\S+) /.exec(line)?.[1]).sort()
    }

    test('leaves them, and each of them has a notice that names it', async () => {
      const registry = registryWith('1.2.2', '1.2.3')
      const done = await rollBack(registry, {withdrawn: ''})
      expect(done.failure).toBeUndefined()
      expect(registry.tagsOf('o/app')['latest']).toBe(imageOf('1.2.3').digest)
      expect(codes(done)).toMatchObject({'1.2.2': 'up-to-date', '1.2': 'higher-version'})
      expect(remedied(done)).toEqual(['1', '1.2', 'latest'])
      expect(done.io.workflow.log.filter((line) => line.startsWith('notice: ')).join()).toContain(remedy)
      expect(done.outputs['kept-tags']).toContain(remedy)
      expect(done.summary).toContain('list 1.2.3 and every other version above 1.2.2 in ')
      expect(done.summary).toMatch(/^### 🟡 Already promoted `\S+:1\.2\.2`\n\nNo tag was moved; 3 tags /)
    })

    test('has it in a dry run that reads the registry too', async () => {
      const done = await rollBack(registryWith('1.2.2', '1.2.3'), {withdrawn: '', 'dry-run': 'registry'})
      expect(done.failure).toBeUndefined()
      expect(done.io.workflow.log.join('\n')).toContain(remedy)
    })

    test('has it for a tag that the user named', async () => {
      const registry = registryWith('1.2.2')
      registry.store('o/app', imageOf('1.2.3'), ['lts'])
      const done = await rollBack(registry, {withdrawn: '', tags: 'lts'})
      expect(remedied(done)).toEqual(['lts'])
    })

    /** Promote of 1.2.2 from a staging tag. Releases of higher lines exist. */
    async function hotfix(exact: readonly string[], tags = rules): Promise<CommandRun> {
      const registry = registryWith('2.0.0')
      registry.store('o/app', imageOf('1.2.1'), ['1.2.1'])
      registry.store('o/app', imageOf('1.2.2'), ['staging', ...exact])
      return rollBack(registry, {withdrawn: '', from: 'r.example/o/app:staging', tags: `${tags}\nlatest`})
    }

    test.each([
      {name: 'the release of an older line', exact: []},
      {
        name: 'such a release, with floating tags for all lines alone',
        exact: [],
        tags: 'type=semver,pattern={{version}}',
      },
      {name: 'such a release that is repeated', exact: ['1.2.2', '1', '1.2']},
    ])('has none for $name', async ({exact, tags}) => {
      const done = await hotfix(exact, tags)
      expect(done.failure).toBeUndefined()
      expect(codes(done)).toMatchObject({latest: 'named-tag-stale'})
      expect(remedied(done)).toEqual([])
    })
  })

  test('moves a tag of any name, and one in a registry without lists', async () => {
    const registry = memoryRegistry({host: 'r.example', listsTags: false})
    registry.store('o/app', imageOf('1.2.2'), ['1.2.2'])
    registry.store('o/app', imageOf('1.2.3'), ['1.2.3', 'lts'])
    const done = await rollBack(registry, {tags: 'lts'})
    expect(done.failure).toBeUndefined()
    expect(registry.tagsOf('o/app')['lts']).toBe(imageOf('1.2.2').digest)
  })
})

describe('a publication of a withdrawn version', () => {
  test.each(['auto', 'always'])('publishes its exact tag only, with floating: %s', async (floating) => {
    const registry = registryWith('1.2.2')
    const done = await release(registry, {withdrawn: '1.2.3', floating})
    expect(done.failure).toBeUndefined()
    const {digest} = imageOf('1.2.2')
    expect(registry.tagsOf('o/app')).toEqual({
      '1': digest,
      '1.2': digest,
      '1.2.2': digest,
      '1.2.3': done.outputs['digest'],
      latest: digest,
    })
    const kept = 'version-withdrawn'
    expect(codes(done)).toEqual({'1.2.3': 'new-tag', '1': kept, '1.2': kept, latest: kept})
    expect(done.summary).toMatch(/^### 🟡 Published `\S+:1\.2\.3`, which is withdrawn$/m)
    expect(done.summary).toContain('1.2.3 is withdrawn')
    expect(done.io.workflow.log.filter((line) => line.startsWith('notice: '))).toHaveLength(3)
  })

  test('repeated after the promote, changes nothing', async () => {
    const registry = registryWith('1.2.2')
    await release(registry, {})
    expect(registry.tagsOf('o/app')['latest']).toBe(registry.tagsOf('o/app')['1.2.3'])
    await rollBack(registry, {})
    const before = registry.tagsOf('o/app')
    expect(before['latest']).toBe(imageOf('1.2.2').digest)
    const again = await release(registry, {withdrawn: '1.2.3'})
    expect(again.failure).toBeUndefined()
    expect(again.programs).not.toContain('buildx build')
    expect(registry.tagsOf('o/app')).toEqual(before)
    expect(again.outputs['pushed']).toBe('false')
    const {log} = again.io.workflow
    expect(log.find((line) => line.startsWith('printed: '))).toMatch(/Publishing \S+:1\.2\.3 \(withdrawn\) with/)
    expect(log.findLast((line) => line.startsWith('info: '))).toMatch(
      /Already published \S+:1\.2\.3 \(withdrawn\) with/,
    )
    expect(again.summary).toMatch(/^### 🟡 Already published `\S+:1\.2\.3`, which is withdrawn$/m)
    expect(again.summary).not.toContain('compose.yaml')
    expect(again.outputs['image']).toBe(`r.example/o/app@${again.outputs['digest'] ?? ''}`)
  })

  test('does not move a tag that follows commits', async () => {
    const registry = registryWith('1.2.2')
    const done = await release(registry, {withdrawn: '1.2.3', tags: `${rules}\ntype=raw,value=newest-{{branch}}x`})
    expect(done.failure).toBeUndefined()
    expect(codes(done)).toMatchObject({'newest-x': 'version-withdrawn'})
  })
})

test('a malformed entry is an error before any request', async () => {
  const registry = registryWith('1.2.2')
  const done = await release(registry, {withdrawn: '1.2.3\nlatest'})
  expect(done.failure?.code).toBe('input-invalid')
  expect(done.failure?.evidence).toEqual([expect.stringContaining('withdrawn, line 2, column 1: ')])
  expect(registry.requests).toEqual([])
})
