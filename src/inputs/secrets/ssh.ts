import type {Problems} from '../problem.ts'
import type {LookAt} from './look-at.ts'
import {listForms} from '../spec/spec-row.ts'
import {parseList, type ListItem} from '../syntax/lists.ts'

interface SshQuestion {
  /** Text of the input. */
  readonly text: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly lookAt: LookAt
}

/**
 * Joins the items of `ssh`: a path without an id is another key of the agent before it, as in `default=/a,/b`.
 * https://docs.docker.com/reference/cli/docker/buildx/build/#ssh
 */
export function joinSshKeys(items: readonly ListItem[]): readonly ListItem[] {
  const agents: ListItem[] = []
  for (const item of items) {
    const last = agents.at(-1)
    const isPath = !item.text.includes('=') && /[/\\]/.test(item.text)
    if (isPath && last?.text.includes('=') === true && last.number === item.number)
      agents[agents.length - 1] = {...last, text: `${last.text},${item.text}`}
    else agents.push(item)
  }
  return agents
}

/**
 * Checks that the agents and keys of `ssh` exist, which Buildx does only after the login. Messages do not quote the text,
 * because a key may be pasted in place of its path.
 */
export async function checkSsh({text, environment, lookAt}: SshQuestion, problems: Problems): Promise<void> {
  const input = 'ssh'
  for (const {text: agent, number: line} of joinSshKeys(parseList(text, listForms.items).items)) {
    const [, paths = ''] = /^[^=]*=(.*)$/s.exec(agent) ?? []
    const found =
      paths === ''
        ? await agentProblem(environment, lookAt)
        : (await Promise.all(paths.split(',').map(async (path) => keyProblem(path, lookAt)))).find(Boolean)
    if (found !== undefined) problems.add({input, line, ...found})
  }
}

interface Found {
  readonly message: string
  readonly remedy: string
}

/** Problem of the agent of the job. On Windows it is a named pipe with a fixed name. */
async function agentProblem(environment: SshQuestion['environment'], lookAt: LookAt): Promise<Found | undefined> {
  const socket = environment['SSH_AUTH_SOCK'] ?? ''
  if (environment['RUNNER_OS'] === 'Windows') return undefined
  if (socket !== '' && (await lookAt(socket)) !== undefined) return undefined
  const message =
    socket === ''
      ? 'there is no SSH agent: the environment variable SSH_AUTH_SOCK is not set'
      : 'there is no SSH agent: the socket that SSH_AUTH_SOCK names does not exist'
  return {message, remedy: 'Start an agent in an earlier step of this job, or write id=path with the file of a key.'}
}

async function keyProblem(path: string, lookAt: LookAt): Promise<Found | undefined> {
  const kind = await lookAt(path)
  if (kind !== undefined && kind !== 'directory') return undefined
  const message = kind === undefined ? 'the key or socket does not exist' : 'the path is a directory'
  return {message, remedy: 'Correct the path, or write the key to a file in an earlier step.'}
}
