import type {InputReader} from '../input-reader.ts'

/** Parsed inputs that decide which others have an effect. */
interface ScanChoices {
  readonly scanners: readonly {readonly kind: string}[]
  readonly limits: {readonly onlyNew: boolean}
  readonly baseline: object | undefined
  readonly source: {readonly kind: string}
}

/** Inputs that only Grype and Trivy use, since Tagboat starts them with options and a database. */
const ownOptions = ['scan-ignore-file', 'scan-vex', 'scan-database', 'scan-scanner'] as const

/** Sources of databases that no scanner of the run reads. */
const wrongSource = {
  address: {
    message: 'Trivy pulls its database from a repository, not from an address',
    remedy: 'Write a repository such as ghcr.io/aquasecurity/trivy-db:2.',
  },
  repository: {
    message: 'Grype fetches its database from an address, not from a repository',
    remedy: 'Write the address of a listing, such as https://grype.anchore.io/databases.',
  },
} as const

/** Reports inputs that would have no effect with the scanners of the run. */
export function reportUnused(read: ScanChoices, reader: InputReader): void {
  const has = (wanted: 'grype' | 'trivy'): boolean => read.scanners.some(({kind}) => kind === wanted)
  if (!has('grype') && !has('trivy')) {
    for (const name of ownOptions.filter((one) => reader.isSet(one)))
      reader.problem(
        name,
        {},
        'only the scanners grype and trivy use it',
        'Remove this input. A command of `run=` has options of its own.',
      )
    return
  }
  for (const {text, number: line, column} of reader.list('scan-database')) {
    if (text === 'local') continue
    const kind = /^https?:/.test(text) ? 'address' : 'repository'
    if (kind === 'address' ? has('grype') : has('trivy')) continue
    const {message, remedy} = wrongSource[kind]
    reader.problem('scan-database', {line, column}, message, remedy)
  }
  if (read.source.kind === 'release' && has('grype') && has('trivy'))
    reader.problem(
      'scan-scanner',
      {},
      'a release is one of Grype or of Trivy, and both scan',
      'Write path, or scan with one of them.',
    )
  if (read.baseline !== undefined && !read.limits.onlyNew)
    reader.notice(
      'scan-baseline',
      {},
      'the findings are compared, and all of them can fail the scan, since `scan-only-new` is not true',
    )
}
