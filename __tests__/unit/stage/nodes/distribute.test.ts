import {mkdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import type {BuilderNode} from '../../../../src/buildx/inspect.ts'
import {files} from '../../../../src/io/files.ts'
import {formatPlatform, parsePlatform, type Platform} from '../../../../src/oci/platform.ts'
import {prefixedLines} from '../../../../src/stage/nodes/build-on-nodes.ts'
import {pinToNode, withNodeAlone} from '../../../../src/stage/nodes/pin-to-node.ts'
import {distribute, formatShares} from '../../../../src/stage/nodes/distribute-platforms.ts'
import {temporaryDirectory} from '../../../../testing/fake-io.ts'

function platforms(text: string): readonly Platform[] {
  return text.split(' ').flatMap((one) => parsePlatform(one) ?? [])
}

/** `linux/amd64* linux/386`, as Buildx shows the platforms of a node. */
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
  readonly asked: string
  readonly expected: string
  readonly unplaced?: string
}

const rows: readonly Row[] = [
  {
    name: 'one native node for each platform, in order of the nodes',
    nodes: ['linux/arm64', 'linux/amd64 linux/386'],
    asked: 'linux/amd64 linux/arm64',
    expected: 'linux/arm64 → n0; linux/amd64 → n1',
  },
  {
    name: 'native before emulated, though the emulating node comes first',
    nodes: ['linux/amd64 linux/amd64/v2 linux/arm64', 'linux/arm64 linux/amd64'],
    asked: 'linux/amd64 linux/arm64',
    expected: 'linux/amd64 → n0; linux/arm64 → n1',
  },
  {
    name: 'set by hand before native',
    nodes: ['linux/amd64 linux/arm64', 'linux/amd64* linux/arm64'],
    asked: 'linux/amd64',
    expected: 'linux/amd64 → n1',
  },
  {
    name: 'set by hand against what is native',
    nodes: ['linux/arm64* linux/amd64', 'linux/amd64* linux/arm64'],
    asked: 'linux/amd64 linux/arm64',
    expected: 'linux/arm64 → n0; linux/amd64 → n1',
  },
  {
    name: 'of two equals the first',
    nodes: ['linux/amd64 linux/arm64', 'linux/amd64 linux/arm64'],
    asked: 'linux/amd64 linux/arm64',
    expected: 'linux/amd64, linux/arm64 → n0',
  },
  {
    name: 'several platforms of one node in one build',
    nodes: ['linux/amd64 linux/386', 'linux/arm64 linux/arm/v7 linux/arm/v6'],
    asked: 'linux/arm/v7 linux/amd64 linux/arm64',
    expected: 'linux/amd64 → n0; linux/arm/v7, linux/arm64 → n1',
  },
  {
    name: 'a processor of the same family before another one that emulates',
    nodes: ['linux/amd64 linux/arm/v7 linux/arm64', 'linux/arm64 linux/arm/v7 linux/386'],
    asked: 'linux/arm/v7 linux/386',
    expected: 'linux/arm/v7, linux/386 → n1',
  },
  {
    name: 'what is emulated everywhere goes to the first node that lists it',
    nodes: ['linux/amd64', 'linux/arm64 linux/s390x'],
    asked: 'linux/amd64 linux/s390x',
    expected: 'linux/amd64 → n0; linux/s390x → n1',
  },
  {
    name: 'a variant that is implied',
    nodes: ['linux/amd64', 'linux/arm64* linux/arm*'],
    asked: 'linux/arm64/v8 linux/arm/v7 linux/amd64/v1',
    expected: 'linux/amd64 → n0; linux/arm64, linux/arm/v7 → n1',
  },
  {
    name: 'a platform that is asked for twice is built once',
    nodes: ['linux/amd64', 'linux/arm64'],
    asked: 'linux/amd64 linux/amd64/v1',
    expected: 'linux/amd64 → n0',
  },
  {
    name: 'a platform of no node is cross-compiled on the first one',
    nodes: ['linux/arm64', 'linux/amd64'],
    asked: 'linux/amd64 linux/riscv64 darwin/arm64',
    expected: 'linux/riscv64, darwin/arm64 → n0; linux/amd64 → n1',
    unplaced: 'linux/riscv64 darwin/arm64',
  },
  {
    name: 'another version of a processor that no node has said it is',
    nodes: ['linux/amd64', 'linux/arm64'],
    asked: 'linux/amd64/v3',
    expected: 'linux/amd64/v3 → n0',
    unplaced: 'linux/amd64/v3',
  },
  {
    name: 'a node that has not said anything',
    nodes: ['', 'linux/arm64'],
    asked: 'linux/arm64',
    expected: 'linux/arm64 → n1',
  },
]

describe('distribute', () => {
  test.each(rows)('$name', ({nodes, asked, expected, unplaced = ''}) => {
    const done = distribute(nodes.map(nodeOf), platforms(asked))
    expect(formatShares(done.shares)).toBe(expected)
    expect(done.unplaced.map(formatPlatform).join(' ')).toBe(unplaced)
  })
})

describe('a build that is pinned to a node', () => {
  const two = JSON.stringify({
    Name: 'pair',
    Driver: 'remote',
    Nodes: [
      {Name: 'pair0', Endpoint: 'tcp://a', DriverOpts: {cacert: '/ca.pem'}},
      {Name: 'pair1', Endpoint: 'tcp://b', Platforms: [{architecture: 'arm64', os: 'linux'}]},
    ],
    Dynamic: false,
  })

  test('has a file of its builder with this node alone, and everything else in it as it was', () => {
    expect(JSON.parse(withNodeAlone(two, 'pair0') ?? '')).toEqual({
      Name: 'pair',
      Driver: 'remote',
      Nodes: [{Name: 'pair0', Endpoint: 'tcp://a', DriverOpts: {cacert: '/ca.pem'}}],
      Dynamic: false,
    })
  })

  test.each([
    {name: 'no such node', given: two, node: 'pair7'},
    {name: 'two nodes of one name', given: two.replace('pair1', 'pair0'), node: 'pair0'},
    {name: 'no JSON', given: '{', node: 'pair0'},
    {name: 'no nodes', given: '{"Name":"pair"}', node: 'pair0'},
    {name: 'another shape', given: '[]', node: 'pair0'},
  ])('is not pinned where the file is not what it was: $name', ({given, node}) => {
    expect(withNodeAlone(given, node)).toBeUndefined()
  })

  test.each([
    {name: 'below the configuration of Docker', env: (docker: string) => ({DOCKER_CONFIG: docker, BUILDX_CONFIG: ''})},
    {
      name: 'where BUILDX_CONFIG says',
      env: (docker: string) => ({DOCKER_CONFIG: '/nowhere', BUILDX_CONFIG: path.join(docker, 'buildx')}),
    },
  ])('finds the builder $name, and leaves it as it is', async ({env}) => {
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
    // By it BuildKit knows the build context again.
    expect(await readFile(path.join(pin, '.buildNodeID'), 'utf8')).toBe('f00')
    expect(await readFile(path.join(kept, 'instances', 'pair'), 'utf8')).toBe(two)
  })

  test('goes where Buildx chooses, when the builder has no file', async () => {
    await using directory = await temporaryDirectory()
    const env = {DOCKER_CONFIG: directory.path}
    const request = {builder: 'pair', node: {name: 'pair1'}, directory: path.join(directory.path, 'pin'), env}
    expect(await pinToNode(request, files)).toBe(env)
  })
})

describe('prefixedLines', () => {
  const share = {node: nodeOf('linux/arm64 linux/arm/v7', 0), platforms: platforms('linux/arm64 linux/arm/v7')}

  test.each([
    {name: 'whole lines', chunks: ['#1 a\n#2 b\n']},
    {name: 'pieces', chunks: ['#', '1 a', '\n#2', ' b\n']},
    {name: 'no line break at the end', chunks: ['#1 a\n#2 b']},
  ])('says whose each line is: $name', ({chunks}) => {
    let shown = ''
    const output = prefixedLines(share, (text) => (shown += text))
    for (const chunk of chunks) output.take(chunk)
    output.end()
    expect(shown).toBe('[linux/arm64, linux/arm/v7] #1 a\n[linux/arm64, linux/arm/v7] #2 b\n')
  })

  test('leaves empty lines empty', () => {
    let shown = ''
    const output = prefixedLines(share, (text) => (shown += text))
    output.take('\n\n')
    output.end()
    expect(shown).toBe('\n\n')
  })
})
