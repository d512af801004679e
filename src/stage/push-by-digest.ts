import {TagboatError} from '../errors/error.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import type {TagRef} from '../oci/reference.ts'
import {pushedManifest} from '../registry/images/shown-manifest.ts'
import type {BuildReport} from '../run/run-result.ts'
import type {BuildSession} from './build-session.ts'
import {isSingleBuild, runBuilds} from './nodes/assign-nodes.ts'
import type {NodeAssignments, NodesTarget} from './nodes/build-all.ts'
import {temporaryTag} from './temporary-tags.ts'

interface Pushed {
  readonly build: BuildReport
  readonly content: ManifestContent
  readonly temporaryTags: readonly TagRef[]
}

type DigestTarget = NodesTarget & {readonly destination: Extract<NodesTarget['destination'], {kind: 'digest'}>}

/**
 * Lets the builder push by digest. If the registry does not show the pushed image, the builder, which is the only place
 * with its content, pushes it again from its cache with a temporary tag. Several nodes would need one tag each and an
 * index, which is not supported.
 */
export async function pushByDigest(
  session: BuildSession,
  nodes: NodeAssignments | undefined,
  target: DigestTarget,
): Promise<Pushed> {
  const {io} = session
  try {
    return {...(await pushOnce(session, nodes, target)), temporaryTags: []}
  } catch (error) {
    const isHidden = error instanceof TagboatError && error.code === 'digest-hidden'
    if (!isHidden || !isSingleBuild(nodes)) throw error
    const tag = temporaryTag(Math.floor(io.timer(io.signal).random() * 2 ** 48).toString(16))
    io.workflow.info(`${error.message} The image is pushed again, with the temporary tag ${tag}.`)
    const destination = {...target.destination, tag}
    const temporaryTags = destination.repositories.map((repository) => ({repository, tag}))
    return {...(await pushOnce(session, nodes, {...target, destination})), temporaryTags}
  }
}

async function pushOnce(
  session: BuildSession,
  nodes: NodeAssignments | undefined,
  target: DigestTarget,
): Promise<Omit<Pushed, 'temporaryTags'>> {
  const {build, content} = await runBuilds(session, nodes, target)
  const [client] = target.clients
  if (client === undefined) throw new TypeError('no repository to push to')
  const {io} = session
  const {sleep} = io.timer(io.signal)
  return {build, content: content ?? (await pushedManifest(client, build.metadata?.digest, sleep))}
}
