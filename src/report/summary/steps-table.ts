import type {PhaseName} from '../../io/phases.ts'
import type {GateName, GateVerdict} from '../../run/gate-verdict.ts'
import {cacheShare} from './build-parts.ts'
import {formatDuration} from '../duration.ts'
import {table} from './markdown.ts'
import type {Report} from '../report.ts'

interface Column {
  readonly head: string
  readonly cell: string
}

const phaseHeads: Readonly<Record<PhaseName, string>> = {
  builder: 'Builder',
  login: 'Login',
  build: 'Build',
  push: 'Push',
  load: 'Load',
  copy: 'Copy',
  sign: 'Sign',
  promote: 'Promote',
}

const gateHeads: Readonly<Record<GateName, string>> = {
  verify: 'Verify',
  platforms: 'Platforms',
  size: 'Size',
  scan: 'Scan',
  test: 'Test',
}

/** Shorter phases are left out, and shorter gates have no duration: `0.0 s` has no information. */
const shortMs = 50
/** Every run asks its builder a few things. Only a builder that was created or booted takes longer. */
const shortBuilderMs = 1500

/** Table with a column for each step of the run: its duration, and the verdict of a gate. */
export function stepsTable({phases = [], gates = [], build}: Report): readonly string[] {
  const isLast = (name: PhaseName): boolean => name === 'copy' || name === 'sign' || name === 'promote'
  const share = build?.record === undefined ? undefined : cacheShare(build.record)
  const shown = phases.filter(({name, durationMs}) => durationMs >= (name === 'builder' ? shortBuilderMs : shortMs))
  const columns = shown.map(({name, durationMs}) => ({
    name,
    head: phaseHeads[name],
    cell: `${formatDuration(durationMs)}${name === 'build' && share !== undefined ? `, ${share}` : ''}`,
  }))
  const all = [
    ...columns.filter(({name}) => !isLast(name)),
    ...gates.map(gateColumn),
    ...columns.filter(({name}) => isLast(name)),
  ]
  // Nothing was built or tagged.
  if (gates.length === 0 && columns.every(({name}) => name === 'login' || name === 'builder')) return []
  return [
    table(
      all.map(({head}) => head),
      // A cell is one line also on a narrow screen, where the table can be moved.
      [all.map(({cell}) => cell.replaceAll(' ', '\u00a0'))],
    ),
  ]
}

const icons = {passed: '✅', failed: '❌', skipped: '⚪'} as const

function gateColumn({gate, outcome, durationMs}: GateVerdict): Column {
  return {
    head: gateHeads[gate],
    cell: `${icons[outcome]} ${durationMs < shortMs ? outcome : `${outcome} in ${formatDuration(durationMs)}`}`,
  }
}
