import type {Io} from '../../io/io.ts'
import type {Digest} from '../../oci/digest.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {formatRepository} from '../../oci/reference.ts'
import {taggedDigests} from '../../promote/published-digests.ts'
import type {Report} from '../../report/report.ts'

/** Published image. */
interface Artifact {
  /** Name without a tag: `ghcr.io/acme/app`, `docker.io/acme/app`. */
  readonly name: string
  readonly digest: Digest
}

/** Images to which a tag of the run points, in each repository. */
function publishedArtifacts({plan, rows, staged}: Report): readonly Artifact[] {
  if (rows === undefined || staged === undefined) return []
  const digests = taggedDigests({plan, rows}, staged.digest)
  const repositories = new Map(plan.tags.map(({reference: {repository}}) => [formatRepository(repository), repository]))
  return [...repositories].flatMap(([name, {host, path}]) => {
    const digest = digests.get(name)
    return digest === undefined ? [] : [{name: `${host}/${path}`, digest}]
  })
}

/** Maximum number of artifacts of a job. A step that declares more fails. */
const mostArtifacts = 500

/**
 * Declares the published images in the file of GITHUB_ARTIFACTS, from which a later actions/attest takes its subjects
 * (https://github.com/actions/runner/pull/4527). The runner fails a step that declares a name again with another digest,
 * so such an image is left out, with a notice.
 */
export async function declareArtifacts(report: Report, {workflow, files, environment}: Io): Promise<void> {
  const list = environment['GITHUB_ARTIFACTS_LIST'] ?? ''
  const known = declared(list === '' ? undefined : await files.read(list).catch(() => undefined))
  const lines: string[] = []
  for (const {name, digest} of publishedArtifacts(report)) {
    const other = known.get(name)
    if (other === digest) continue
    if (other !== undefined || known.size >= mostArtifacts) {
      const reason =
        other === undefined ? `the job has ${mostArtifacts} artifacts` : `the job has declared ${other} for it`
      workflow.notice(`${name}@${digest} is not declared as an artifact of this job: ${reason}.`)
      continue
    }
    known.set(name, digest)
    lines.push(`oci://${name}@${digest}`)
  }
  await workflow.declareArtifacts(lines)
}

/** Digests that the job has declared, by name. */
function declared(text: string | undefined): Map<string, string> {
  const subjects = text === undefined ? undefined : field(parseJson(Buffer.from(text)), 'subjects')
  const all: readonly unknown[] = Array.isArray(subjects) ? subjects : []
  return new Map(
    all.flatMap((subject): [string, string][] => {
      const [name, digest] = [field(subject, 'name'), field(subject, 'digest')]
      return typeof name === 'string' && typeof digest === 'string' ? [[name, digest]] : []
    }),
  )
}
