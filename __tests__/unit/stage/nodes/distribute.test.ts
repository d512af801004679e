import {mkdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import type {BuilderNode} from '../../../../src/buildx/inspect.ts'
import {files} from '../../../../src/io/files.ts'
import {formatPlatform, parsePlatform, type Platform} from '../../../../src/oci/platform.ts'
import {prefixedLines} from '../../../../src/stage/nodes/concurrent-builds.ts'
import {pinToNode, withOnlyNode} from '../../../../src/stage/nodes/pin-to-node.ts'
import {distribute, formatAssignments} from '../../../../src/stage/nodes/distribute.ts'
import {temporaryDirectory} from '../../../../testing/fake-io.ts'

function platforms(text: string): readonly Platform[] {
  return text.split(' ').flatMap((one) => parsePlatform(one) ?? [])
}

/** Platforms of a node as Buildx prints them: `linux/amd64* linux/386`. */
function nodeOf(listed: string, index: number): BuilderNode {
  const fixed = listed.split(' ').filter((one) => one.endsWith('*'))
  return {
    name: `n${index}`,
    endpoint: `tcp://n${index}`,
    status: 'running',
    platforms: platforms(listed.replaceAll('*', '')),
    fixed: platforms(fixed.join(' ').replaceAll('*', '')),
    buildkit: 'v0.26.0',
  }
}

interface Row {
  readonly name: string
  readonly nodes: readonly string[]
  readonly requested: string
  readonly expected: string
  readonly unsupported?: string
}

const rows: readonly Row[] = [
  {
    name: 'one native node per platform, in the order of the nodes',
    nodes: ['linux/arm64', 'linux/amd64 linux/386'],
    requested: 'linux/amd64 linux/arm64',
    expected: 'linux/arm64 → n0; linux/amd64 → n1',
  },
  {
    name: 'a native node before an earlier emulating one',
    nodes: ['linux/amd64 linux/amd64/v2 linux/arm64', 'linux/arm64 linux/amd64'],
    requested: 'linux/amd64 linux/arm64',
    expected: 'linux/amd64 → n0; linux/arm64 → n1',
  },
  {
    name: 'an explicit platform before a native one',
    nodes: ['linux/amd64 linux/arm64', 'linux/amd64* linux/arm64'],
    requested: 'linux/amd64',
    expected: 'linux/amd64 → n1',
  },
  {
    name: 'an explicit platform that is not native',
    nodes: ['linux/arm64* linux/amd64', 'linux/amd64* linux/arm64'],
    requested: 'linux/amd64 linux/arm64',
    expected: 'linux/arm64 → n0; linux/amd64 → n1',
  },
  {
    name: 'the first of two equal nodes',
    nodes: ['linux/amd64 linux/arm64', 'linux/amd64 linux/arm64'],
    requested: 'linux/amd64 linux/arm64',
    expected: 'linux/amd64, linux/arm64 → n0',
  },
  {
    name: 'several platforms of one node in one build',
    nodes: ['linux/amd64 linux/386', 'linux/arm64 linux/arm/v7 linux/arm/v6'],
    requested: 'linux/arm/v7 linux/amd64 linux/arm64',
    expected: 'linux/amd64 → n0; linux/arm/v7, linux/arm64 → n1',
  },
  {
    name: 'a processor of the same family before an emulating one',
    nodes: ['linux/amd64 linux/arm/v7 linux/arm64', 'linux/arm64 linux/arm/v7 linux/386'],
    requested: 'linux/arm/v7 linux/386',
    expected: 'linux/arm/v7, linux/386 → n1',
  },
  {
    name: 'the first node for a platform that all nodes emulate',
    nodes: ['linux/amd64', 'linux/arm64 linux/s390x'],
    requested: 'linux/amd64 linux/s390x',
    expected: 'linux/amd64 → n0; linux/s390x → n1',
  },
  {
    name: 'an implied variant',
    nodes: ['linux/amd64', 'linux/arm64* linux/arm*'],
    requested: 'linux/arm64/v8 linux/arm/v7 linux/amd64/v1',
    expected: 'linux/amd64 → n0; linux/arm64, linux/arm/v7 → n1',
  },
  {
    name: 'a platform that is requested twice',
    nodes: ['linux/amd64', 'linux/arm64'],
    requested: 'linux/amd64 linux/amd64/v1',
    expected: 'linux/amd64 → n0',
  },
  {
    name: 'the first node, which cross-compiles, for a platform without a node',
    nodes: ['linux/arm64', 'linux/amd64'],
    requested: 'linux/amd64 linux/riscv64 darwin/arm64',
    expected: 'linux/riscv64, darwin/arm64 → n0; linux/amd64 → n1',
    unsupported: 'linux/riscv64 darwin/arm64',
  },
  {
    name: 'a processor version that no node reports',
    nodes: ['linux/amd64', 'linux/arm64'],
    requested: 'linux/amd64/v3',
    expected: 'linux/amd64/v3 → n0',
    unsupported: 'linux/amd64/v3',
  },
  {
    name: 'a node that reports no platforms',
    nodes: ['', 'linux/arm64'],
    requested: 'linux/arm64',
    expected: 'linux/arm64 → n1',
  },
]

describe('distribute', () => {
  test.each(rows)('$name', ({nodes, requested, expected, unsupported = ''}) => {
    const done = distribute(nodes.map(nodeOf), platforms(requested))
    expect(formatAssignments(done.assignments)).toBe(expected)
    expect(done.unsupported.map(formatPlatform).join(' ')).toBe(unsupported)
  })
})

describe('pinToNode', () => {
  const two = JSON.stringify({
    Name: 'pair',
    Driver: 'remote',
    Nodes: [
      {Name: 'pair0', Endpoint: 'tcp://a', DriverOpts: {cacert: '/ca.pem'}},
      {Name: 'pair1', Endpoint: 'tcp://b', Platforms: [{architecture: 'arm64', os: 'linux'}]},
    ],
    Dynamic: false,
  })

  test('writes a builder file with only this node', () => {
    expect(JSON.parse(withOnlyNode(two, 'pair0') ?? '')).toEqual({
      Name: 'pair',
      Driver: 'remote',
      Nodes: [{Name: 'pair0', Endpoint: 'tcp://a', DriverOpts: {cacert: '/ca.pem'}}],
      Dynamic: false,
    })
  })

  test.each([
    {name: 'no such node', given: two, node: 'pair7'},
    {name: 'two nodes with the same name', given: two.replace('pair1', 'pair0'), node: 'pair0'},
    {name: 'invalid JSON', given: '{', node: 'pair0'},
    {name: 'no nodes', given: '{"Name":"pair"}', node: 'pair0'},
    {name: 'another type', given: '[]', node: 'pair0'},
  ])('does not pin if the file has another format: $name', ({given, node}) => {
    expect(withOnlyNode(given, node)).toBeUndefined()
  })

  test.each([
    {
      name: 'in the configuration directory of Docker',
      env: (docker: string) => ({DOCKER_CONFIG: docker, BUILDX_CONFIG: ''}),
    },
    {
      name: 'in BUILDX_CONFIG',
      env: (docker: string) => ({DOCKER_CONFIG: '/nowhere', BUILDX_CONFIG: path.join(docker, 'buildx')}),
    },
  ])('reads the builder $name without changing it', async ({env}) => {
    await using directory = await temporaryDirectory()
    const kept = path.join(directory.path, 'docker', 'buildx')
    await mkdir(path.join(kept, 'instances'), {recursive: true})
    await writeFile(path.join(kept, 'instances', 'pair'), two)
    await writeFile(path.join(kept, '.buildNodeID'), 'f00')
    const pin = path.join(directory.path, 'pin')
    const given = env(path.join(directory.path, 'docker'))
    const pinned = await pinToNode({builder: 'pair', node: {name: 'pair1'}, directory: pin, env: given}, files)
    expect(pinned).toEqual({...given, BUILDX_CONFIG: pin})
    const written = JSON.parse(await readFile(path.join(pin, 'instances', 'pair'), 'utf8')) as {readonly Nodes: unknown}
    expect(written.Nodes).toEqual([expect.objectContaining({Name: 'pair1'})])
    // BuildKit recognises the build context by it.
    expect(await readFile(path.join(pin, '.buildNodeID'), 'utf8')).toBe('f00')
    expect(await readFile(path.join(kept, 'instances', 'pair'), 'utf8')).toBe(two)
  })

  test('does not pin if the builder has no file', async () => {
    await using directory = await temporaryDirectory()
    const env = {DOCKER_CONFIG: directory.path}
    const request = {builder: 'pair', node: {name: 'pair1'}, directory: path.join(directory.path, 'pin'), env}
    expect(await pinToNode(request, files)).toBe(env)
  })
})

describe('prefixedLines', () => {
  const assignment = {node: nodeOf('linux/arm64 linux/arm/v7', 0), platforms: platforms('linux/arm64 linux/arm/v7')}

  test.each([
    {name: 'in whole lines', chunks: ['#1 a\n#2 b\n']},
    {name: 'in several chunks', chunks: ['#', '1 a', '\n#2', ' b\n']},
    {name: 'without a final line break', chunks: ['#1 a\n#2 b']},
  ])('adds the platform to each line: $name', ({chunks}) => {
    let shown = ''
    const output = prefixedLines(assignment, (text) => (shown += text))
    for (const chunk of chunks) output.take(chunk)
    output.end()
    expect(shown).toBe('[linux/arm64, linux/arm/v7] #1 a\n[linux/arm64, linux/arm/v7] #2 b\n')
  })

  test('does not change empty lines', () => {
    let shown = ''
    const output = prefixedLines(assignment, (text) => (shown += text))
    output.take('\n\n')
    output.end()
    expect(shown).toBe('\n\n')
  })
})
