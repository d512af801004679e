import {describe, expect, test} from '@jest/globals'
import {hasToBoot, isEmulable} from '../../../../src/builder/emulation/emulators.ts'
import {architecturesOf, foreignPlatforms} from '../../../../src/builder/emulation/foreign-platforms.ts'
import {missingPlatforms} from '../../../../src/buildx/inspect.ts'
import {formatPlatform, parsePlatform, type Platform} from '../../../../src/oci/platform.ts'

function platforms(text: string): readonly Platform[] {
  return text.split(' ').flatMap((one) => parsePlatform(one) ?? [])
}

const amd64 = 'linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/386'

describe('what a builder lacks', () => {
  test.each([
    {name: 'nothing', has: amd64, asked: 'linux/amd64 linux/386', missing: '', emulation: false},
    {name: 'nothing asked', has: amd64, asked: '', missing: '', emulation: false},
    {name: 'a builder without platforms', has: '', asked: 'linux/arm64', missing: '', emulation: false},
    {name: 'one', has: amd64, asked: 'linux/amd64 linux/arm64', missing: 'linux/arm64', emulation: true},
    {
      name: 'several, two of one emulator',
      has: amd64,
      asked: 'linux/s390x linux/arm/v7 linux/arm/v6',
      missing: 'linux/s390x linux/arm/v7 linux/arm/v6',
      emulation: true,
    },
    {name: 'arm without a variant', has: `${amd64} linux/arm/v7`, asked: 'linux/arm', missing: '', emulation: false},
    {
      name: 'a variant of its own architecture',
      has: amd64,
      asked: 'linux/amd64/v4',
      missing: 'linux/amd64/v4',
      emulation: false,
    },
    {
      name: 'a variant of an architecture that is emulated',
      has: `${amd64} linux/arm/v7`,
      asked: 'linux/arm/v5',
      missing: 'linux/arm/v5',
      emulation: false,
    },
    {
      name: 'one without an emulator, and one with an emulator',
      has: amd64,
      asked: 'linux/arm64 windows/amd64',
      missing: 'linux/arm64 windows/amd64',
      emulation: false,
    },
    {name: 'an unknown processor', has: amd64, asked: 'linux/sparc64', missing: 'linux/sparc64', emulation: false},
  ])('$name', ({has, asked, missing, emulation}) => {
    const builder = {platforms: platforms(has)}
    const lacking = missingPlatforms(builder, platforms(asked))
    expect(lacking.map(formatPlatform).join(' ')).toBe(missing)
    expect(lacking.length > 0 && lacking.every((platform) => isEmulable(builder, platform))).toBe(emulation)
  })

  test('an emulator for the own architecture of an engine is never asked for', () => {
    for (const own of platforms('linux/amd64 linux/amd64/v2 linux/386')) {
      expect(isEmulable({platforms: platforms(amd64)}, own)).toBe(false)
    }
  })

  test('names of architectures, once each', () => {
    expect(architecturesOf(platforms('linux/s390x linux/arm/v7 linux/arm/v6 linux/arm64'))).toEqual([
      'arm',
      'arm64',
      's390x',
    ])
  })
})

describe('a builder that has not said what it can', () => {
  test.each([
    {name: 'is booted', driver: 'docker-container', has: '', fixed: '', asked: 'linux/arm64', boots: true},
    {
      name: 'without requested platforms, is not',
      driver: 'docker-container',
      has: '',
      fixed: '',
      asked: '',
      boots: false,
    },
    {name: 'that is an engine, is not', driver: 'docker', has: '', fixed: '', asked: 'linux/arm64', boots: false},
    {name: 'has said it', driver: 'remote', has: amd64, fixed: '', asked: 'linux/arm64', boots: false},
    {
      name: 'with the platforms set by hand, is not',
      driver: 'remote',
      has: '',
      fixed: 'linux/arm64',
      asked: 'linux/arm64',
      boots: false,
    },
    {
      name: 'with one of them set by hand, is booted',
      driver: 'remote',
      has: '',
      fixed: 'linux/arm64',
      asked: 'linux/arm64 linux/s390x',
      boots: true,
    },
  ])('$name', ({driver, has, fixed, asked, boots}) => {
    const builder = {driver, platforms: platforms(has), nodes: [{platforms: platforms(fixed)}]}
    expect(hasToBoot(builder, platforms(asked))).toBe(boots)
  })
})

describe('`qemu: always`', () => {
  test.each([
    {name: 'only its own', native: 'linux/amd64', has: amd64, asked: 'linux/amd64 linux/amd64/v3', foreign: ''},
    {
      name: 'what is emulated already',
      native: 'linux/amd64',
      has: `${amd64} linux/arm64`,
      asked: 'linux/amd64 linux/arm64',
      foreign: 'linux/arm64',
    },
    {name: '32 bits of a processor that runs them', native: 'linux/amd64', has: amd64, asked: 'linux/386', foreign: ''},
    {
      name: '32 bits of one that does not',
      native: 'linux/arm64',
      has: 'linux/arm64',
      asked: 'linux/arm/v7',
      foreign: 'linux/arm/v7',
    },
    {name: 'no Linux', native: 'linux/amd64', has: amd64, asked: 'windows/arm64 wasi/wasm', foreign: ''},
  ])('$name', ({native, has, asked, foreign}) => {
    const [own] = platforms(native)
    if (own === undefined) throw new Error('no platform')
    const found = foreignPlatforms({platforms: platforms(has)}, {native: own, asked: platforms(asked)})
    expect(found.map(formatPlatform).join(' ')).toBe(foreign)
  })
})
