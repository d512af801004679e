import {formatWith, type NoValues, type ReasonIn, type ReasonTable} from './reason-table.ts'

/** Reasons why the commands of `test` do not run, or cannot use the image of a platform. */
interface UntestedReasons {
  readonly 'no-engine': NoValues
  readonly 'several-nodes': NoValues
  /** The platforms that the engine does not keep. */
  readonly 'engine-keeps-one': {readonly platforms: readonly string[]}
  /** The platforms that the engine keeps, but does not run. */
  readonly 'engine-cannot-run': {readonly platforms: readonly string[]}
}

export type UntestedReason = ReasonIn<UntestedReasons>

const untestedReasons: ReasonTable<UntestedReasons> = {
  'no-engine': () =>
    '`test` is not run: the image is not pushed, and no Docker engine responds that it could be loaded into.',
  'several-nodes': () =>
    '`test` is not run: the image is not pushed, and each node of the builder has only its own platforms. Use a builder with one node to test it, or one job per platform.',
  'engine-keeps-one': ({platforms}) =>
    `\`test\` does not cover ${platforms.join(', ')}: the image is not pushed, and this engine, which does not have the containerd image store, keeps only its own platform.`,
  'engine-cannot-run': ({platforms}) =>
    `\`test\` does not cover ${platforms.join(', ')}: the image is not pushed, and this engine cannot run it. An emulator for it is neither registered nor installed by \`qemu\`.`,
}

/** Sentence of a reason, for a notice. */
export function formatUntested(reason: UntestedReason): string {
  return formatWith(untestedReasons, reason)
}
