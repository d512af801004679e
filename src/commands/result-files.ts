import path from 'node:path'
import type {Digest} from '../oci/digest.ts'
import type {Report} from '../report/report.ts'
import {bakeFile, bakeKinds, type BakeKind} from '../report/bake.ts'
import type {Io} from '../io/io.ts'
import {bakePrefix, bakeState} from '../run/saved-state.ts'
import {temporaryPath} from '../run/temporary-path.ts'

/** Names of the outputs, and of the files as docker/metadata-action calls them. */
const files: Readonly<Record<BakeKind, {readonly output: string; readonly file: string}>> = {
  all: {output: 'bake-file', file: 'docker-metadata-action-bake.json'},
  tags: {output: 'bake-file-tags', file: 'docker-metadata-action-bake-tags.json'},
  labels: {output: 'bake-file-labels', file: 'docker-metadata-action-bake-labels.json'},
  annotations: {output: 'bake-file-annotations', file: 'docker-metadata-action-bake-annotations.json'},
}

/** Writes the Bake definition files for later steps of the job; the post step removes them. Output name → path. */
export async function writeResultFiles(
  {plan, staged}: Report,
  target: string,
  io: Io,
): Promise<Readonly<Record<string, string>>> {
  // Not the marker of the run, which is visible in command lines: this name must be unpredictable.
  const directory = temporaryPath(io, `${bakePrefix}${io.unique()}`)
  io.workflow.saveState(bakeState, directory)
  await io.files.makeNewDirectory(directory)
  const written = await Promise.all(
    bakeKinds.map(async (kind) => {
      const {output, file} = files[kind]
      await io.files.writePrivate(
        path.join(directory, file),
        JSON.stringify(bakeFile(kind, plan, target), undefined, 2),
      )
      return [output, path.join(directory, file)] as const
    }),
  )
  const ofDigest = staged === undefined ? [] : [await writeDigestFile(directory, staged.digest, io)]
  return Object.fromEntries([['digest-file', ''], ...written, ...ofDigest])
}

/** Writes a file for actions/upload-artifact, whose name differs for each image. A promote reads it with `file:`. */
async function writeDigestFile(directory: string, digest: Digest, io: Io): Promise<readonly [string, string]> {
  const file = path.join(directory, digest.replace(/^sha256:/, ''))
  await io.files.writePrivate(file, `${digest}\n`)
  return ['digest-file', file]
}
