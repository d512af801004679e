import {formatWith, type NoValues, type ReasonIn, type ReasonTable} from './reason-table.ts'

/** Something that a build needs and a builder cannot do. */
export type BuilderLack =
  | {readonly code: 'run-platforms'; readonly platforms: readonly string[]}
  | {readonly code: 'several-platforms' | 'staging' | 'cache-export' | 'attestations' | 'rewritten-times'}
  /** `options` of `outputs`, such as `compression`. */
  | {readonly code: 'image-options'; readonly options: readonly string[]}

/** Something that a build needs and a builder can do. */
export type BuilderAbility =
  | {readonly code: 'several-platforms'; readonly count: number}
  | {readonly code: 'staging' | 'cache-export' | 'attestations' | 'rewritten-times'}

/** Reasons of the choice of a builder. */
export interface BuilderReasons {
  readonly 'builder-named': NoValues
  readonly 'driver-chosen': {readonly driver: string}
  /** Only a new builder can have what these inputs ask for. */
  readonly 'builder-settings': {readonly inputs: readonly string[]}
  readonly 'builder-suits': {readonly needs: readonly BuilderAbility[]}
  readonly 'builder-lacks': {
    readonly name: string
    readonly driver: string
    readonly lacks: readonly BuilderLack[]
  }
  /** Only the engine has these base images. */
  readonly 'engine-images': {readonly images: readonly string[]}
  readonly 'builder-of-job': NoValues
  /** The current builder lacks something, and a new one could not be created. */
  readonly 'builder-not-created': NoValues
}

export type BuilderReason = ReasonIn<BuilderReasons>

export const builderReasons: ReasonTable<BuilderReasons> = {
  'builder-named': () => 'the input `builder` names it',
  'driver-chosen': ({driver}) => `the input \`driver\` is ${driver}`,
  'builder-settings': ({inputs}) => `only a new builder can apply ${inputs.map((input) => `\`${input}\``).join(', ')}`,
  'builder-suits': ({needs}) => `it can do everything that is needed${abilities(needs)}`,
  'builder-lacks': ({name, driver, lacks}) => `the current builder ("${name}", ${driver}) cannot ${formatLacks(lacks)}`,
  'engine-images': ({images}) =>
    `only its engine has the base ${images.length === 1 ? 'image' : 'images'} ${images.join(', ')}`,
  'builder-of-job': () => 'an earlier step of this job has created it with the same settings',
  'builder-not-created': () => 'a new one could not be created',
}

/** Lacks of a builder, after "cannot". */
export function formatLacks(lacks: readonly BuilderLack[]): string {
  return lacks.map(lackText).join(', ')
}

function lackText(lack: BuilderLack): string {
  switch (lack.code) {
    case 'run-platforms':
      return `run ${lack.platforms.join(', ')}`
    case 'image-options':
      return `apply what \`outputs\` asks of the image (${lack.options.join(', ')})`
    default:
      return lackTexts[lack.code]
  }
}

const lackTexts = {
  'several-platforms': 'build several platforms',
  staging: 'export or push an image without tags',
  'cache-export': 'export a cache',
  attestations: 'make attestations',
  'rewritten-times': 'rewrite the times of files',
} as const

function abilities(needs: readonly BuilderAbility[]): string {
  return needs.length === 0 ? '' : `: ${needs.map(abilityText).join(', ')}`
}

function abilityText(ability: BuilderAbility): string {
  return ability.code === 'several-platforms' ? `${ability.count} platforms` : abilityTexts[ability.code]
}

const abilityTexts = {
  staging: 'staging',
  'cache-export': 'export of the cache',
  attestations: 'attestations',
  'rewritten-times': 'rewritten times',
} as const

/** Sentence of the reason for a builder. */
export function formatBuilderReason(reason: BuilderReason): string {
  return formatWith(builderReasons, reason)
}
