import {TagboatError, toTagboatError} from '../errors/error.ts'
import {formatTagRef} from '../oci/reference.ts'
import {formatRowReason} from '../reasons/promote-reasons.ts'
import {rowsOf, type Journal, type PromoteRow} from './journal.ts'

/** `ghcr.io/owner/app:1.2: moved, sha256:… → sha256:…` */
function formatRow({reference, before, after, outcome, reason}: PromoteRow): string {
  const change = before === after ? (after ?? 'none') : `${before ?? 'none'} → ${after ?? 'none'}`
  return `${formatTagRef(reference)}: ${outcome}, ${change} (${formatRowReason(reason)})`
}

/** Error of a promote, with the outcome of every tag in its evidence that no line names yet. */
export function failureWith(thrown: unknown, journal: Journal, isCancelled: boolean): TagboatError {
  const rows = rowsOf(journal)
  if (isCancelled) return new TagboatError('cancelled', {evidence: rows.map(formatRow), cause: thrown})
  const {code, message, evidence, remedy} = toTagboatError(thrown)
  const others = rows.filter((row) => row.outcome !== 'failed' || !isNamed(row, evidence))
  return new TagboatError(code, {
    message,
    evidence: [...evidence, ...others.map(formatRow)],
    remedy,
    cause: thrown,
  })
}

/** Reports whether a line names the request for a tag. */
function isNamed({reference: {repository, tag}}: PromoteRow, evidence: readonly string[]): boolean {
  return evidence.some((line) => line.includes(`/v2/${repository.path}/manifests/${tag}: `))
}

/** Combines the errors of several tags: if they have one code, the error has it too. */
export function combined(thrown: readonly unknown[]): TagboatError {
  const errors = thrown.map(toTagboatError)
  const [first] = errors
  const evidence = [...new Set(errors.flatMap((error) => [...error.evidence]))]
  if (first === undefined || errors.some(({code}) => code !== first.code)) {
    const lines = errors.map(({message, code}) => `${message} [${code}]`)
    return new TagboatError('publish-incomplete', {evidence: [...new Set(lines), ...evidence], cause: first})
  }
  return new TagboatError(first.code, {message: first.message, evidence, remedy: first.remedy, cause: first})
}
