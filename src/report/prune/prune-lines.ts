import {shortDigest} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import type {BrokenImage, MissingPart} from '../../retention/broken-images.ts'
import {isRefused, type JudgedRepository} from './prune-report.ts'
import {deletionText, nothingText, rowReason} from './prune-sentence.ts'
import {formatRowReference, type Fate, type PruneRow} from './prune-rows.ts'
import {counted, deletedParts} from './totals.ts'

/** Group of lines of the log. */
interface LineGroup {
  readonly title: string
  readonly lines: readonly string[]
}

/** First line about a repository: what is deleted of it, or would be without a refusal. */
export function firstPruneLine(judged: JudgedRepository, rows: readonly PruneRow[], dryRun: boolean): string {
  const place = formatRepository(judged.repository)
  const text = deletionText(rows, place)
  if (isRefused(judged) && text !== undefined)
    return `${dryRun ? 'Dry run: a real run would refuse' : 'Refusing'} to delete ${text}`
  if (text === undefined)
    return `${dryRun ? 'Dry run: nothing' : 'Nothing'} to delete in ${place}: ${nothingText(rows, [judged])}`
  if (dryRun) return `Dry run: would delete ${text}`
  return isRefused(judged) ? `Refused, nothing is deleted: would delete ${text}` : `Deleting ${text}`
}

/** Groups with a line for each row: what is deleted, what is left, and what stays. */
export function rowGroups(judged: JudgedRepository, rows: readonly PruneRow[]): readonly LineGroup[] {
  const place = formatRepository(judged.repository)
  const parts = deletedParts(judged)
  const more =
    parts === 0
      ? ''
      : `, and ${counted(parts, 'platform, attestation or signature', 'platforms, attestations and signatures')} of these images`
  const titles: Readonly<Record<Fate, (count: number) => string>> = {
    deleted: (count) => `${judged.results === undefined ? 'To delete' : 'Deleted'} in ${place}: ${count}${more}`,
    left: (count) => `Not deleted in ${place}: ${count}`,
    kept: (count) => `Kept in ${place}: ${count}`,
  }
  return (['deleted', 'left', 'kept'] as const).flatMap((fate) => {
    const own = rows.filter((row) => row.fate === fate)
    return own.length === 0 ? [] : [{title: titles[fate](own.length), lines: own.map(rowLine)}]
  })
}

/** `ghcr.io/acme/app:pr-12 (sha256:0123456789ab, version 4711): pull request 12 is closed (type=pr,gone=true)` */
function rowLine(row: PruneRow): string {
  const {tag, digest, id, rule} = row
  const facts = [...(tag === undefined ? [] : [shortDigest(digest)]), ...(id === undefined ? [] : [`version ${id}`])]
  return `${formatRowReference(row)}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}: ${rowReason(row)}${rule === undefined ? '' : ` (${rule})`}`
}

/** Sentence for each image that stays and lacks a part. */
export function brokenLines({repository, plan}: JudgedRepository): readonly string[] {
  return plan.broken.map((image) => `${brokenName(image, formatRepository(repository))} lacks ${missingText(image)}`)
}

function brokenName({tags, digest}: BrokenImage, name: string): string {
  const [first, ...others] = tags
  if (first === undefined) return `${name}@${digest}`
  return `${name}:${first}${others.length === 0 ? '' : ` (also ${others.join(', ')})`}`
}

/** `linux/arm64 (sha256:0123456789ab)` */
export function missingText({missing}: BrokenImage): string {
  return missing.map(partText).join(', ')
}

function partText({digest, platform}: MissingPart): string {
  if (platform === undefined) return shortDigest(digest)
  return `${platform === 'unknown/unknown' ? 'an attestation' : platform} (${shortDigest(digest)})`
}
