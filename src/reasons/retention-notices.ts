import {formatWith, type ReasonIn, type ReasonTable} from './reason-table.ts'

/** Remarks about lines and patterns that may not have the intended effect in a repository. */
interface RetentionNotices {
  readonly 'line-unmatched': {readonly text: string}
  /** Lines about images without a tag, where the registry lists only tags. */
  readonly 'untagged-unlisted': {readonly text: string}
  /** Line for pull requests or branches whose tags `tags` does not give. `tag` is one of them. */
  readonly 'refs-unnamed': {readonly text: string; readonly tag: string; readonly count: number}
  readonly 'class-emptied': {readonly text: string; readonly count: number}
  readonly 'pattern-unmatched': {readonly input: string; readonly pattern: string}
  /** Regular expression that matches parts of tags, and no tag as a whole. */
  readonly 'pattern-partial': {readonly input: string; readonly pattern: string; readonly count: number}
  readonly 'pattern-releases': {readonly input: string; readonly pattern: string}
  readonly 'protect-unmatched': {readonly reference: string}
  /** Text in `protect` without a registry that names a tag or an image of this repository. `reference`: how it is read. */
  readonly 'protect-elsewhere': {readonly text: string; readonly reference: string; readonly tag: string}
  /** Digests that no repository of the run has. */
  readonly 'protect-digests-unknown': {readonly digests: readonly string[]}
  readonly 'pattern-matches-all': {readonly input: string; readonly pattern: string}
  /** Tags of signatures and other referrers whose image is not in the repository. */
  readonly 'orphans-kept': {readonly count: number}
}

export type RetentionNotice = ReasonIn<RetentionNotices>

const notices: ReasonTable<RetentionNotices> = {
  'line-unmatched': ({text}) => `${text} names no tag`,
  'untagged-unlisted': ({text}) =>
    `${text} finds no image without a tag, because the registry lists only tags; its own garbage collection removes them`,
  'refs-unnamed': ({text, tag, count}) =>
    `${text} does not name ${count === 1 ? tag : `${count} tags such as ${tag}`}, which \`tags\` does not give: set \`tags\`, \`flavor\` and the other inputs of the step that publishes`,
  'class-emptied': ({text, count}) => `${text} deletes all ${count} tags of its type`,
  'pattern-unmatched': ({input, pattern}) => `${pattern} in \`${input}\` matches no tag`,
  'pattern-partial': ({input, pattern, count}) =>
    `${pattern} in \`${input}\` matches only parts of ${count} tags: it must match a whole tag, so add .*`,
  'pattern-releases': ({input, pattern}) =>
    `${pattern} in \`${input}\` matches only releases, which only a line with type=release deletes`,
  'protect-unmatched': ({reference}) => `${reference} in \`protect\` does not exist`,
  'protect-elsewhere': ({text, reference, tag}) =>
    `${text} in \`protect\` is read as ${reference}, which protects nothing here; to keep the tag ${tag}, write it in \`exclude-tags\`, or the whole reference in \`protect\``,
  'protect-digests-unknown': ({digests: [first = '', ...others]}) =>
    others.length === 0
      ? `No repository of this run has ${first} of \`protect\`, as far as they list their images`
      : `No repository of this run has ${others.length + 1} digests of \`protect\`, such as ${first}, as far as they list their images`,
  'pattern-matches-all': ({input, pattern}) => `${pattern} in \`${input}\` matches every tag`,
  'orphans-kept': ({count}) =>
    `the default policy keeps ${count} ${count === 1 ? 'signature' : 'signatures'} without an image here, which may sign an image of another repository (COSIGN_REPOSITORY); a line type=orphan in \`policy\` deletes them`,
}

/** Sentence of a notice. */
export function formatRetentionNotice(notice: RetentionNotice): string {
  return formatWith(notices, notice)
}
