import {describe, expect, test} from '@jest/globals'
import {parsePlatform, type Platform} from '../../../../src/oci/platform.ts'
import {
  imageVariables,
  registryImage,
  runnerPlatform,
  type TestedImage,
} from '../../../../src/stage/test-run/image-variables.ts'
import {platformImages} from '../../../../src/stage/staged-image.ts'
import {makeImage} from '../../../../testing/memory-registry/images.ts'

const repository = {host: 'ghcr.io', path: 'octocat/app'}
const image = makeImage({platforms: ['linux/amd64', 'linux/arm/v7'], attestations: true})
const staged = platformImages(image, undefined)
const published = registryImage(staged, repository)
const childOf = (platform: string): string => image.platforms.get(platform) ?? 'none'

function platforms(text: string): readonly Platform[] {
  return text.split(' ').flatMap((one) => parsePlatform(one) ?? [])
}

describe('imageVariables', () => {
  test('contain the image, that of each platform, and the first platform', () => {
    expect(imageVariables(published, [], undefined)).toEqual({
      IMAGE: `ghcr.io/octocat/app@${image.digest}`,
      IMAGE_LINUX_AMD64: `ghcr.io/octocat/app@${childOf('linux/amd64')}`,
      IMAGE_LINUX_ARM_V7: `ghcr.io/octocat/app@${childOf('linux/arm/v7')}`,
      PLATFORM: 'linux/amd64',
    })
  })

  test('also contain the platform as the user spelled it', () => {
    const variables = imageVariables(published, platforms('linux/arm linux/s390x'), undefined)
    expect(variables['IMAGE_LINUX_ARM']).toBe(variables['IMAGE_LINUX_ARM_V7'])
    expect(Object.keys(variables)).not.toContain('IMAGE_LINUX_S390X')
  })

  test.each([
    {name: 'the machine, if the image has it', machine: 'linux/arm/v7', expected: 'linux/arm/v7'},
    {name: 'the first of the image otherwise', machine: 'linux/s390x', expected: 'linux/amd64'},
  ])('name the platform of $name', ({machine, expected}) => {
    expect(imageVariables(published, [], platforms(machine)[0])['PLATFORM']).toBe(expected)
  })

  test('name no platform of an image whose platform is unknown', () => {
    const unknown: TestedImage = {reference: 'app:1', parts: []}
    expect(imageVariables(unknown, [], platforms('linux/amd64')[0])).toEqual({IMAGE: 'app:1'})
  })

  test('name an image of Docker Hub without the host', () => {
    const {reference} = registryImage(staged, {host: 'docker.io', path: 'user/app'})
    expect(reference).toBe(`user/app@${image.digest}`)
  })
})

test.each([
  {os: 'Linux', architecture: 'X64', expected: {os: 'linux', architecture: 'amd64'}},
  {os: 'macOS', architecture: 'ARM64', expected: {os: 'linux', architecture: 'arm64'}},
  {os: 'Windows', architecture: 'X64', expected: {os: 'windows', architecture: 'amd64'}},
  {os: 'Linux', architecture: '', expected: undefined},
])('the platform of containers on a runner with $os and "$architecture"', ({os, architecture, expected}) => {
  expect(runnerPlatform({RUNNER_OS: os, RUNNER_ARCH: architecture})).toEqual(expected)
})
