import {describe, expect, test} from '@jest/globals'
import {mirrorReferences} from '../../../src/builder/mirrors.ts'

const digest = `sha256:${'a'.repeat(64)}`
const mirrors = [
  {registry: 'docker.io', location: 'near.example:5000', http: false, line: 1},
  {registry: 'ghcr.io', location: 'other.example', http: false, line: 2},
  {registry: 'docker.io', location: 'far.example/hub', http: false, line: 3},
  {registry: 'docker.io', location: 'near.example:5000', http: true, line: 4},
]

describe('where an image is at mirrors', () => {
  test.each([
    {
      image: 'moby/buildkit:buildx-stable-1',
      expected: ['near.example:5000/moby/buildkit:buildx-stable-1', 'far.example/hub/moby/buildkit:buildx-stable-1'],
    },
    {image: 'alpine', expected: ['near.example:5000/library/alpine', 'far.example/hub/library/alpine']},
    {
      image: `docker.io/tonistiigi/binfmt:qemu-v10@${digest}`,
      expected: [
        `near.example:5000/tonistiigi/binfmt:qemu-v10@${digest}`,
        `far.example/hub/tonistiigi/binfmt:qemu-v10@${digest}`,
      ],
    },
    {image: `ghcr.io/o/a@${digest}`, expected: [`other.example/o/a@${digest}`]},
    {image: 'localhost:5000/a:1', expected: []},
    {image: 'sha256:', expected: []},
    {image: '', expected: []},
  ])('$image', ({image, expected}) => {
    expect(mirrorReferences(image, mirrors)).toEqual(expected)
  })

  test('a registry with a port', () => {
    const mirror = {registry: 'localhost:5000', location: 'm.example', http: false, line: 1}
    expect(mirrorReferences('localhost:5000/team/a:1', [mirror])).toEqual(['m.example/team/a:1'])
  })
})
