import type {CommandResult} from '../io/command.ts'
import type {SimulatedEvent} from './events/event-choice.ts'

/** Clone of a simulated run: the commit of the event, as actions/checkout leaves it. */
interface Clone {
  readonly event: SimulatedEvent
  readonly now: Date
  /** Commit that is checked out; undefined for that of the event. */
  readonly head: string | undefined
  /** Whether there is a clone. */
  readonly checkout: boolean
  /** Names of the tags that point to the commit. */
  readonly tags: readonly string[]
}

/** Answers of `git` in the clone of a simulated run. What it does not know fails, as in a shallow clone. */
export function simulatedGit(clone: Clone): (args: readonly string[]) => CommandResult {
  return (args) => {
    const [command = '', ...rest] = args.slice(0, 2).join(' ').startsWith('-C ') ? args.slice(2) : args
    if (!clone.checkout) return failed('fatal: no clone')
    return answerTo(command, rest, clone)
  }
}

/** Commit of the clone with its refs. Another commit than that of the event is detached, and nothing is known about its refs. */
function stateOf({event, head, tags}: Clone): Pick<Clone, 'tags'> & {readonly ref: string; readonly sha: string} {
  if (head !== undefined) return {ref: '', sha: head, tags: []}
  return {ref: event.environment['GITHUB_REF'] ?? '', sha: event.environment['GITHUB_SHA'] ?? '', tags}
}

function answerTo(command: string, args: readonly string[], clone: Clone): CommandResult {
  const {ref, sha, tags} = stateOf(clone)
  const isBranch = ref.startsWith('refs/heads/')
  const names = args.some((one) => one === sha || one === 'HEAD' || one.includes(`=${sha}`))
  const isLog = command === 'show' || (command === 'log' && args.includes('-1'))
  if (isLog && names) return printed([sha, clone.now.toISOString()])
  if (command === 'symbolic-ref' && isBranch) return printed([ref])
  if (command === 'rev-parse') return printed([sha])
  if (command !== 'for-each-ref' || !names) return failed('fatal: this clone has one commit')
  const refs = [...tags.map((tag) => `refs/tags/${tag}`), ...(isBranch ? [`refs/remotes/origin/${branchOf(ref)}`] : [])]
  const places = args.filter((one) => one.startsWith('refs/'))
  return printed(refs.filter((one) => places.length === 0 || places.some((place) => one.startsWith(`${place}/`))))
}

function branchOf(ref: string): string {
  return ref.slice('refs/heads/'.length)
}

function printed(lines: readonly string[]): CommandResult {
  return {exitCode: 0, stdout: lines.map((line) => `${line}\n`).join(''), stderr: ''}
}

function failed(message: string): CommandResult {
  return {exitCode: 128, stdout: '', stderr: message}
}
