import {describe, expect, test} from '@jest/globals'
import {earlyUploads} from '../../../../src/stage/content/early-uploads.ts'
import {repositoryDoubles} from '../../../../testing/repository-doubles.ts'

const build = {platforms: [], provenance: undefined, sbom: undefined, attests: []}
const amd64 = {os: 'linux', architecture: 'amd64'}

describe('earlyUploads', () => {
  test.each([
    {name: 'a record', text: '{"vertexes":[{"digest":"sha256:0","name":"exporting to image"}]}\n'},
    {name: 'a line of plain progress', text: '#9 exporting to image\n'},
  ])('begins at the export in $name, once, in one repository of each registry', async ({text}) => {
    const {calls, ...doubles} = repositoryDoubles()
    const clients = ['a.example/one', 'a.example/two', 'b.example/one'].map((name) => doubles.repository(name))
    const early = earlyUploads(clients, build)
    early.take('#8 [stage-0 3/3] RUN true\n')
    expect(calls).toEqual([])
    for (const half of [text.slice(0, 20), text.slice(20)]) early.take(half)
    early.take(text)
    expect([...calls].sort()).toEqual(['a.example/one begin 3 uploads', 'b.example/one begin 3 uploads'])
    await early.end()
    expect(calls.slice(2).sort()).toEqual(['a.example/one end uploads', 'b.example/one end uploads'])
  })

  test.each([
    {name: 'no attestation', given: {provenance: 'false'}, expected: 1},
    {name: 'an SBOM only', given: {provenance: 'false', sbom: 'true'}, expected: 3},
    {name: 'two platforms without attestations', given: {provenance: 'false', platforms: [amd64, amd64]}, expected: 2},
    {name: 'three platforms', given: {platforms: [amd64, amd64, amd64]}, expected: 6},
  ])('begins $expected with $name', ({given, expected}) => {
    const {calls, ...doubles} = repositoryDoubles()
    earlyUploads([doubles.repository('a.example/one')], {...build, ...given}).take('exporting to image')
    expect(calls).toEqual([`a.example/one begin ${expected} uploads`])
  })
})
