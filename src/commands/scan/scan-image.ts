import path from 'node:path'
import {dockerfileCandidates, isLocal} from '../../buildx/dockerfile.ts'
import {TagboatError} from '../../errors/error.ts'
import type {Io} from '../../io/io.ts'
import {workspace} from '../../io/io.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import type {TagDecision} from '../../promote/decide/tag-decision.ts'
import {readPlatform} from '../../registry/images/read-facts.ts'
import type {RegistryClients} from '../../registry/repository-client.ts'
import {sentence, writeSarif} from '../../scanning/write-sarif.ts'
import type {Judgement} from '../../stage/gate.ts'
import {tagKind} from '../../tags/tag-role.ts'
import {judgeScan, type BaselineImage, type ScanRequest, type ScanResult} from './judge-scan.ts'
import type {Scan} from './start-scan.ts'

/** Image of a run for its scan. */
interface ScannedImage extends Pick<ScanRequest, 'image' | 'platform'> {
  /** Repository for names. */
  readonly repository: Repository
  /** Decisions about the tags of this run. */
  readonly decisions: () => Promise<readonly TagDecision[]>
}

/** Resources of a run that scans. */
interface ScanPlace {
  readonly prepared: Prepared
  readonly clients: RegistryClients
  readonly io: Io
}

/** Result of a scan for the run. */
export interface ImageScan {
  readonly judgements: readonly Judgement[]
  /** Path of the SARIF file. */
  readonly sarif: string
  /** Prints lines and annotations. It is called when nothing else prints. */
  readonly print: () => void
}

/** Scans an image, and writes the SARIF file and the reports. */
export async function scanImage(scan: Scan, image: ScannedImage, place: ScanPlace): Promise<ImageScan> {
  const {prepared, io} = place
  const dockerfile = await readDockerfile(prepared, io)
  const baseline = async (): Promise<BaselineImage | undefined> => readBaseline(scan, image, place)
  const result = await judgeScan(scan, {...image, baseline, dockerfile}, io)
  const {findings, tool, judgements, lines, annotated} = result
  const text = writeSarif({findings, tool, image: formatRepository(image.repository), dockerfile: dockerfile.path})
  return {
    judgements,
    sarif: await writeResults(text, result, scan, io),
    print: () => {
      io.workflow.print(lines)
      for (const finding of annotated) {
        const {line = 0, id: title} = finding
        // Without a line, the finding is about the image, not about the first line of the Dockerfile.
        const at = {file: line === 0 ? '' : dockerfile.path, line, endLine: line, title}
        io.workflow.fail(`${sentence(finding)} (${finding.platforms.join(', ')})`, at)
      }
    },
  }
}

/** Writes the SARIF file, and with `scan-report` the reports of the scanners. Returns the path of the SARIF file. */
async function writeResults(sarif: string, {reports}: ScanResult, scan: Scan, io: Io): Promise<string> {
  const {report} = scan.inputs
  const directory = report === undefined ? scan.directory : path.resolve(workspace(io), report)
  await io.files.makePrivateDirectory(directory)
  const file = path.join(directory, 'scan.sarif')
  await io.files.writePrivate(file, sarif)
  if (report === undefined) return file
  for (const {name, file: source} of reports) {
    const target = path.join(directory, `${name}.json`)
    await io.files.remove(target)
    await io.files.writeStream(target, io.files.openRead(source))
  }
  return file
}

/** Dockerfile of a local build: its path in the workspace, and its text. */
async function readDockerfile({action, inputs}: Prepared, io: Io): Promise<ScanRequest['dockerfile']> {
  const unknown = {path: 'Dockerfile', text: undefined}
  const {build} = inputs
  if (action === 'promote' || !isLocal(build.file ?? build.context)) return unknown
  const root = path.resolve(workspace(io))
  for (const candidate of dockerfileCandidates(build)) {
    const file = path.resolve(root, candidate)
    const text = await io.files.read(file).catch(() => undefined)
    const relative = path.relative(root, file).replaceAll('\\', '/')
    if (text !== undefined) return {path: relative.startsWith('..') ? unknown.path : relative, text}
  }
  return unknown
}

/** Image with which the findings are compared: that of the input, or of the first floating tag that moves. */
async function readBaseline(
  {inputs}: Scan,
  image: ScannedImage,
  {clients}: ScanPlace,
): Promise<BaselineImage | undefined> {
  const {baseline} = inputs
  const found =
    baseline === undefined
      ? movedTag(await image.decisions())
      : {
          repository: baseline.kind === 'tag' ? baseline.reference.repository : baseline.repository,
          reference: baseline.kind === 'tag' ? baseline.reference.tag : baseline.digest,
          name: baseline.text,
        }
  if (found === undefined) return undefined
  const client = clients.repository(found.repository)
  const content = await client.manifest(found.reference)
  if (content === undefined) {
    throw new TagboatError('source-missing', {
      message: `The image with which the scan compares its findings does not exist: ${found.name}.`,
      evidence: [`${formatRepository(found.repository)} has no ${found.reference}`],
      remedy: 'Correct `scan-baseline`, or remove it.',
    })
  }
  return {
    image: {
      content,
      manifest: async (digest: Digest) => client.manifest(digest),
      openBlob: (blob) => client.readBlob(blob),
    },
    platform: await readPlatform(client, content),
    name: found.name,
  }
}

interface NamedImage {
  readonly repository: Repository
  /** Tag or digest. */
  readonly reference: string
  readonly name: string
}

/** Image of the first floating tag that moves; undefined if there is none. */
function movedTag(decisions: readonly TagDecision[]): NamedImage | undefined {
  const moved = decisions.find(
    ({tag, action, before}) => action === 'put' && before !== undefined && tagKind(tag.role) === 'floating',
  )
  if (moved?.before === undefined) return undefined
  const {reference} = moved.tag
  return {repository: reference.repository, reference: moved.before, name: formatTagRef(reference)}
}
