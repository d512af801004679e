import type {ErrorDetails} from '../errors/error.ts'
import type {NoValues, ReasonIn} from './reason-table.ts'

/** Reasons of the error `tag-taken`: how the image of an exact tag differs from that of this run. */
interface TakenReasons {
  readonly 'other-commit': NoValues
  /** A short commit hash names two commits. */
  readonly 'short-hash': NoValues
  /** The image does not state its build definition, and not all exact tags point to it. */
  readonly 'no-build-definition': NoValues
  /** The build definitions differ in build arguments only; `names` are the arguments. */
  readonly 'build-arguments': {readonly names: readonly string[]}
  /** The packaged commit is the same, and the commit of the repository around it differs. */
  readonly 'packaging-commit': NoValues
  readonly 'build-definition': NoValues
}

export type TakenReason = ReasonIn<TakenReasons>

/** Message and remedy, if they are more exact than those of the code. */
type TakenTexts = Pick<ErrorDetails, 'message' | 'remedy'>

const otherImage = 'An exact tag already exists and points to another image of this commit.'
const keepOrReplace =
  'To keep the published image, set `if-exists: skip`; to replace it on purpose, set `if-exists: overwrite`.'

const table: {readonly [Code in keyof TakenReasons]: (values: TakenReasons[Code]) => TakenTexts} = {
  'other-commit': () => ({}),
  'short-hash': () => ({
    remedy:
      'Two commits have the same short hash. Use the full hash in `tags` (type=sha,format=long), or set `if-exists: overwrite` to replace the image on purpose.',
  }),
  'no-build-definition': () => ({
    message:
      'Some of the exact tags already exist, and their image does not state its build definition: whether the other tags belong to it is unknown.',
    remedy:
      'Release under a new version, or complete the release with the tool that began it. To build everything again, set `if-exists: overwrite`; to build for the missing tags only, set `if-exists: skip`.',
  }),
  'build-arguments': ({names}) => ({
    message: otherImage,
    remedy: `If these are two images, give each of them its own exact tags. If they are one image, pass the same value of ${names.join(', ')} in every run of a commit: a date or a run number belongs in \`labels\`. ${keepOrReplace}`,
  }),
  'packaging-commit': () => ({
    message: otherImage,
    remedy: `The packaged commit is the same, and the commit of the repository around it differs. Give each packaging its own tag, such as \`suffix=-2\` in the rule. ${keepOrReplace}`,
  }),
  'build-definition': () => ({
    message: otherImage,
    remedy: `Give each image its own exact tags (\`suffix\` in \`flavor\` or in the rule, \`variant\`). ${keepOrReplace}`,
  }),
}

/** Message and remedy of the error `tag-taken`. */
export function takenTexts(reason: TakenReason): TakenTexts {
  return textsOf(reason.code, reason)
}

function textsOf<Code extends keyof TakenReasons>(code: Code, values: TakenReasons[Code]): TakenTexts {
  return table[code](values)
}
