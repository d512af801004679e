import type {NoValues, ReasonIn, ReasonTable} from '../reason-table.ts'

/** Reasons why a tag or an image that the policy deletes is not deleted. */
export interface FateReasons {
  /** `tags` are the other tags of the image, which stay. */
  readonly 'shares-image': {readonly tags: readonly string[]}
  /** `reference` is the tag or digest that needs the image. */
  readonly 'needed-by': {readonly reference: string}
  readonly 'not-listed': NoValues
  readonly 'cannot-be-read': NoValues
  readonly 'contains-itself': NoValues
  readonly protected: NoValues
  readonly changed: NoValues
  /** An image that stays needs it. */
  readonly spared: NoValues
  /** The deletion was not tried. */
  readonly remaining: NoValues
  /** The deletion was not tried, because the registry denied others, or does not support them. */
  readonly untried: {readonly cause: 'denied' | 'unsupported'}
  readonly refused: NoValues
  readonly 'registry-locked': {readonly answer: string}
  readonly 'registry-last-version': NoValues
  readonly 'registry-downloads': NoValues
  readonly 'registry-needed': {readonly answer: string}
  readonly 'registry-denied': {readonly answer: string}
  readonly 'registry-unsupported': {readonly answer: string}
  readonly 'registry-failed': {readonly answer: string}
}

export type FateReason = ReasonIn<FateReasons>

export const fateReasons: ReasonTable<FateReasons> = {
  'shares-image': ({tags}) => `its image also has the ${tags.length === 1 ? 'tag' : 'tags'} ${tags.join(', ')}`,
  'needed-by': ({reference}) => `${reference} needs it`,
  'not-listed': () => 'the registry removes untagged images by itself, and lists none',
  'cannot-be-read': () => 'the registry does not return its manifest',
  'contains-itself': () => 'its manifest contains itself',
  protected: () => '`protect` names it, or something that needs it',
  changed: () => 'it changed after it was read',
  spared: () => 'something that stays needs it',
  remaining: () => 'the next run deletes it',
  untried: ({cause}) =>
    cause === 'denied'
      ? 'the registry denied other deletions, so this one was not tried'
      : 'the registry does not delete images, so this deletion was not tried',
  refused: () => 'this run deletes nothing in its repository',
  'registry-locked': ({answer}) => `the registry protects it: ${answer}`,
  'registry-last-version': () => 'GitHub keeps the last tagged version of a package',
  'registry-downloads': () => 'GitHub keeps public versions with more than 5,000 downloads',
  'registry-needed': ({answer}) => `the registry says that another image contains it: ${answer}`,
  'registry-denied': ({answer}) => `the registry denied the deletion: ${answer}`,
  'registry-unsupported': ({answer}) => `the registry does not support the deletion: ${answer}`,
  'registry-failed': ({answer}) => `the deletion failed: ${answer}`,
}
