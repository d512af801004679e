import path from 'node:path'
import type {BuildRequest} from '../buildx/arguments.ts'
import type {Destination} from '../buildx/outputs.ts'
import type {GitContext} from '../context/git-context.ts'
import {ownPrefix} from '../credentials/docker-home.ts'
import {factKeys} from '../oci/image-facts.ts'
import type {TagRef} from '../oci/reference.ts'
import {versionsOf} from '../plan/version.ts'
import {annotationLevels, type Label} from '../tags/labels.ts'
import type {Prepared} from './prepare.ts'

/** What one `docker buildx build` is asked for. Files that are only for this run are made in `directory`. */
export function buildRequest(
  {inputs, context, plan}: Prepared,
  tags: readonly TagRef[],
  destination: Destination,
  directory: string,
): BuildRequest {
  const {repository, server, run} = context
  const traces = tracesOf(context, versionsOf(plan.tags))
  const levels = annotationLevels(inputs.image.annotationLevels, inputs.build.platforms.length)
  return {
    inputs: inputs.build,
    tags,
    labels: [...plan.labels, ...traces],
    annotations: [...plan.annotations, ...traces.map((trace) => ({...trace, levels}))],
    destination,
    gitContext: `${server.url}/${repository.owner}/${repository.name}.git#${gitRevision(context)}`,
    gitToken: inputs.credentials.githubToken,
    builderId: `${run.url}/attempts/${run.attempt}`,
    metadataFile: path.join(directory, `${ownPrefix}build-metadata.json`),
    imageIdFile: path.join(directory, `${ownPrefix}image-id`),
  }
}

/** By these a later run tells whether it is newer, or of a higher version, than what a tag holds. */
function tracesOf({commitDate, run}: GitContext, version: string): readonly Label[] {
  const known: readonly (readonly [string, string | undefined])[] = [
    [factKeys.commitDate, commitDate],
    [factKeys.runId, run.id],
    [factKeys.version, version],
  ]
  return known.flatMap(([key, value]) => (value === undefined || value === '' ? [] : [{key, value}]))
}

/**
 * The commit; for a pull request the ref, as docker/build-push-action has it: no branch holds its merge commit, and older
 * BuildKit fetches branches alone. Not so for `pull_request_target`, whose commit is the base's: its secrets are not for
 * code of the pull request.
 */
function gitRevision({event, ref, sha, fullRef}: GitContext): string {
  return sha === '' || (event === 'pull_request' && ref.kind === 'pull') ? fullRef : sha
}
