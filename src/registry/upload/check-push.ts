import {TagboatError} from '../../errors/error.ts'
import type {Grant} from '../auth/granted.ts'
import {writing} from '../auth/scope.ts'
import type {HostClient} from '../host-client.ts'
import type {CheckTime, PushAccess} from '../repository-client.ts'
import {pushChecks, type PushChecks} from '../vendors/push-checks.ts'
import {cancelUpload} from './cancel-upload.ts'
import {startRequest, startedUpload} from './upload-session.ts'

interface CheckRequest {
  readonly client: HostClient
  readonly path: string
  readonly time: CheckTime
  readonly tags: readonly string[]
}

/**
 * Checks whether a registry accepts pushes to a repository, with the requests of `pushChecks`: at most one to start an
 * upload and one to cancel it, and the locks of tags at the same time. A dry run only reads.
 * @throws TagboatError with the refusal of the registry or of its token server.
 */
export async function checkPush(request: CheckRequest): Promise<PushAccess> {
  const {client, path, time, tags} = request
  const {challenge} = await client.endpoint()
  const {upload, reads} = pushChecks({host: client.host, challenge})
  if ((upload === 'before-push') !== (time === 'before-push'))
    return {isKnown: false, lockedTags: [], ...nothingStarted}
  const [started, locked] = await Promise.all([
    checkRight(request, upload),
    reads === 'azure-locks' ? readLocks(client, path, tags) : [],
  ])
  return {isKnown: true, lockedTags: locked, ...started}
}

type Started = Pick<PushAccess, 'cancelled'>

const nothingStarted: Started = {cancelled: Promise.resolve()}

async function checkRight({client, path, time}: CheckRequest, upload: PushChecks['upload']): Promise<Started> {
  if (time === 'dry-run') {
    requireGrant(await client.granted(writing(path)), {client, path})
    return nothingStarted
  }
  if (upload === 'never' || upload === 'unless-granted') {
    const {isIssued, actions} = await client.granted(writing(path))
    if (upload === 'never' ? isIssued : actions?.some(grantsPush) === true) return nothingStarted
  }
  return startAndCancel(client, path)
}

function grantsPush(action: string): boolean {
  return action === 'push' || action === '*'
}

/** Refuses what the token does not grant. A real run starts an upload, whose refusal names the reason. */
function requireGrant({actions: granted}: Grant, {client, path}: Pick<CheckRequest, 'client' | 'path'>): void {
  if (granted === undefined || granted.some(grantsPush)) return
  const name = `${client.host}/${path}`
  throw new TagboatError('push-denied', {
    message: `${client.host} denied the push to ${name}.`,
    evidence: [`the token for ${name} grants ${granted.length === 0 ? 'nothing' : granted.join(', ')}`],
  })
}

/** Starts an upload and cancels it, without waiting for the cancellation, which not every registry supports. */
async function startAndCancel(client: HostClient, path: string): Promise<Started> {
  const request = startRequest(path)
  const response = await client.call(request)
  if (response.status !== 202) throw await client.failure(request, response, 'push')
  const started = startedUpload(response)
  if (started === undefined) return nothingStarted
  return {cancelled: cancelUpload(client, path, started).catch(() => undefined)}
}

async function readLocks(client: HostClient, path: string, tags: readonly string[]): Promise<readonly string[]> {
  const {lockedTags} = await import('../vendors/azure-locks.ts')
  return lockedTags(client, path, tags)
}
