import {describe, expect, test} from '@jest/globals'
import {forPlatform, makesIndex, withoutIndexLevels} from '../../../src/buildx/image-index.ts'
import type {Destination} from '../../../src/buildx/outputs.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {readInputs} from '../../../src/inputs/read.ts'
import type {AnnotationLevel} from '../../../src/oci/annotation-level.ts'
import type {Annotation} from '../../../src/tags/labels.ts'

const staged: Destination = {kind: 'digest', repositories: []}
const layout: Destination = {kind: 'layout', directory: 'out'}
const tagged: Destination = {kind: 'tags'}

describe('a build exports an index', () => {
  test.each<{name: string; given: Readonly<Record<string, string>>; destination?: Destination; expected: boolean}>([
    {name: 'for several platforms', given: {platforms: 'linux/amd64,linux/arm64', provenance: 'false'}, expected: true},
    {name: 'with the default provenance', given: {platforms: 'linux/amd64'}, expected: true},
    {name: 'with the default provenance, in a layout', given: {}, destination: layout, expected: true},
    {name: 'with requested provenance', given: {provenance: 'mode=max'}, destination: tagged, expected: true},
    {name: 'with an SBOM', given: {sbom: 'true', provenance: 'false'}, expected: true},
    {name: 'with an attestation', given: {attests: 'type=sbom', reproducible: 'true'}, expected: true},
    {
      name: 'with the build argument',
      given: {'build-args': 'BUILDKIT_MULTI_PLATFORM=1', provenance: 'false'},
      expected: true,
    },
    {name: 'not without provenance', given: {platforms: 'linux/amd64', provenance: 'false'}, expected: false},
    {
      name: 'not with attestations that are off',
      given: {attests: 'type=provenance,disabled=true', sbom: 'false'},
      expected: false,
    },
    {name: 'with attestations in both places', given: {attestations: 'both'}, expected: true},
    {name: 'not with attestations as referrers', given: {attestations: 'referrers', sbom: 'true'}, expected: false},
    {name: 'not if it is reproducible', given: {reproducible: 'true'}, expected: false},
    {name: 'not by a builder that pushes tags', given: {}, destination: tagged, expected: false},
  ])('$name', async ({given, destination = staged, expected}) => {
    const {build} = await readInputs(new Map(Object.entries(given)), new Problems())
    expect(makesIndex({inputs: build, destination})).toBe(expected)
  })
})

function annotation(key: string, value: string, ...levels: AnnotationLevel[]): Annotation {
  return {key, value, levels}
}

test('levels of an index are removed, and annotations without another level', () => {
  const annotations = [annotation('a', '1', 'manifest', 'index'), annotation('b', '2', 'index-descriptor', 'index')]
  expect(withoutIndexLevels(annotations)).toEqual([annotation('a', '1', 'manifest')])
})

test('levels of one platform become levels of its image, and replace those of all platforms', () => {
  const annotations = [
    annotation('a', 'all', 'manifest', 'index'),
    annotation('a', 'own', 'manifest[linux/arm64]'),
    annotation('b', 'other', 'manifest[linux/amd64]'),
    annotation('c', 'both', 'manifest', 'manifest[linux/arm64]', 'manifest-descriptor[linux/arm64]'),
  ]
  expect(forPlatform(annotations, {os: 'linux', architecture: 'arm64'})).toEqual([
    annotation('a', 'all', 'index'),
    annotation('a', 'own', 'manifest'),
    annotation('c', 'both', 'manifest', 'manifest-descriptor'),
  ])
})
