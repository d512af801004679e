import path from 'node:path'
import {isLocal} from '../../buildx/dockerfile.ts'
import {isIgnored} from '../../buildx/ignore-file.ts'
import type {BuildInputs} from '../../inputs/inputs.ts'
import type {Io} from '../../io/io.ts'

/** Name that google-github-actions/auth gives its credential file, which it writes to the workspace. */
const credentialName = /^gha-creds-[\da-f]+\.json$/

/**
 * Reports the credential files of google-github-actions/auth that a build gets with its context.
 * @param names of the files in the context.
 */
export async function reportCredentialFiles(
  names: readonly string[],
  build: Pick<BuildInputs, 'context' | 'file'>,
  io: Pick<Io, 'files' | 'workflow'>,
): Promise<void> {
  const found = names.filter((name) => credentialName.test(name))
  const ignore = found.length === 0 ? '' : await ignoreText(build, io)
  const exposed = found.filter((name) => !isIgnored(name, ignore)).toSorted()
  if (exposed.length === 0) return
  io.workflow.warning(
    `context: ${exposed.join(', ')} has credentials of Google Cloud and is in the build context. \`COPY . .\` would publish it with the image. Add a line gha-creds-*.json to .dockerignore.`,
  )
}

/** Text of the file that excludes files from the context: that of the Dockerfile, or else that of the context. */
async function ignoreText(
  {context, file = path.join(context, 'Dockerfile')}: Pick<BuildInputs, 'context' | 'file'>,
  {files}: Pick<Io, 'files'>,
): Promise<string> {
  const candidates = [...(isLocal(file) ? [`${file}.dockerignore`] : []), path.join(context, '.dockerignore')]
  for (const candidate of candidates) {
    const text = await files.read(candidate).catch(() => undefined)
    if (text !== undefined) return text
  }
  return ''
}
