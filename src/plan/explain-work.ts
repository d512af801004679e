import type {Inputs} from '../inputs/inputs.ts'

/** Work of a run besides the build and the tags, as far as the inputs request it: fields of the output `plan`. */
export interface PlannedWork {
  /** Ways to sign: `keyless`, `key`. */
  readonly sign?: readonly string[]
  /** Lines of `verify`. */
  readonly verify?: readonly string[]
  /** Scanners; `run` for a command. */
  readonly scan?: readonly string[]
  /** Place of the attestations, if it is not the index. */
  readonly attestations?: string
}

/** Lists the work that the inputs request. */
export function plannedWork({sign, verify, scan, build}: Inputs): PlannedWork {
  const demands = verify?.demands ?? []
  return {
    ...(sign !== undefined && {sign: sign.ways}),
    ...(demands.length > 0 && {verify: demands.map(({text}) => text)}),
    ...(scan !== undefined && {scan: scan.scanners.map(({kind}) => kind)}),
    ...(build.attestations !== 'inline' && {attestations: build.attestations}),
  }
}

/** Sections of the plan in the log. */
export function workSections({sign = [], verify = [], scan = [], attestations}: PlannedWork): readonly string[] {
  const sections = Object.entries({
    verify,
    scan,
    attestations: attestations === undefined ? [] : [attestations],
    sign,
  })
  return sections.flatMap(([title, rows]) =>
    rows.length === 0 ? [] : [`  ${title}`, ...rows.map((row) => `    ${row}`)],
  )
}
