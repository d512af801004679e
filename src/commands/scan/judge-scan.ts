import {TagboatError} from '../../errors/error.ts'
import type {Io} from '../../io/io.ts'
import type {Digest} from '../../oci/digest.ts'
import {parseManifest, type Descriptor} from '../../oci/manifest.ts'
import {formatPlatform, type Platform} from '../../oci/platform.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {viewImage, type ViewedImage} from '../../scanner/image-view.ts'
import type {Scanner} from '../../scanner/scanner.ts'
import {mergeFindings, type Finding, type ScanReport, type ScanTool} from '../../scanning/finding.ts'
import {judgeFindings, type Baseline} from '../../scanning/judge-findings.ts'
import {layerOrigins, type LayerOrigin} from '../../scanning/layer-origin.ts'
import {failingLines, platformLine, verdictText} from '../../scanning/scan-text.ts'
import {platformImages} from '../../stage/staged-image.ts'
import {judged, type Found, type Judgement} from '../../stage/gate.ts'
import type {Scan} from './start-scan.ts'

/** Image that is scanned, and with what it is compared. */
export interface ScanRequest {
  readonly image: ViewedImage
  /** Platform of a single manifest. */
  readonly platform: Platform | undefined
  /** Reads the image with which the findings are compared; undefined if there is none. */
  readonly baseline: () => Promise<BaselineImage | undefined>
  /** Text of the Dockerfile, and its path in the workspace. */
  readonly dockerfile: {readonly path: string; readonly text: string | undefined}
}

/** Image with which the findings are compared. */
export interface BaselineImage {
  readonly image: ViewedImage
  readonly platform: Platform | undefined
  /** Name for messages. */
  readonly name: string
}

/** Verdicts of the scanners, and their findings. */
export interface ScanResult {
  readonly judgements: readonly Judgement[]
  readonly findings: readonly Finding[]
  readonly tool: ScanTool
  /** Log lines about platforms and verdicts. */
  readonly lines: readonly string[]
  /** Findings with an annotation, the worst ones that fail. */
  readonly annotated: readonly Finding[]
  /** Reports by name: `grype-linux-amd64`. */
  readonly reports: readonly {readonly name: string; readonly file: string}[]
}

/** Number of scanners that run at the same time. Each reads a whole image, and its database. */
const scansAtOnce = 4

/** Scans every platform with every scanner. A scanner that cannot be had has a verdict of its own. */
export async function judgeScan(scan: Scan, request: ScanRequest, io: Io): Promise<ScanResult> {
  const run: ScanRun = {scan, io, findings: [], tools: [], reports: [], lines: [], failing: []}
  const {image} = request
  await using view = await viewImage(image, scan.blobs, io)
  const viewed: Viewed = {name: view.name, platforms: platformImages(image.content, request.platform).images}
  const origins = viewed.platforms.length === 0 ? [] : await originsOf(viewed, request, scan)
  const judgements: Judgement[] = []
  for (const {name, ready} of scan.scanners) {
    const gate = {gate: 'scan', digest: image.content.digest} as const
    judgements.push(
      await judged(gate, {io}, async () => {
        const scanner = await available(name, ready, run)
        if (scanner === undefined)
          return {outcome: 'skipped', reason: `${name} is not available.`, tool: {name, version: ''}}
        try {
          return await judgeWith(scanner, {viewed, origins, request}, run)
        } catch (error) {
          throw view.failure() ?? error
        }
      }),
    )
  }
  const [tool] = run.tools
  const several = {name: 'tagboat', version: ''}
  return {
    judgements,
    findings: run.findings,
    tool: run.tools.length === 1 && tool !== undefined ? tool : several,
    reports: run.reports,
    lines: run.lines,
    annotated: run.failing.slice(0, maxAnnotations),
  }
}

interface ScanRun {
  readonly scan: Scan
  readonly io: Io
  readonly findings: Finding[]
  readonly tools: ScanTool[]
  readonly lines: string[]
  readonly failing: Finding[]
  readonly reports: {readonly name: string; readonly file: string}[]
}

interface Viewed {
  /** Repository of the view. */
  readonly name: string
  readonly platforms: readonly {readonly platform: Platform; readonly digest: Digest}[]
}

type Origins = readonly ReadonlyMap<string, LayerOrigin>[]

/** Scanner that is ready; undefined with a warning if it cannot be had and `scan-unavailable` allows that. */
async function available(name: string, ready: Promise<Scanner>, {scan, io}: ScanRun): Promise<Scanner | undefined> {
  try {
    return await ready
  } catch (error) {
    const isOutage =
      error instanceof TagboatError && (error.code === 'scanner-missing' || error.code === 'scan-database-missing')
    if (!isOutage || scan.inputs.unavailable === 'fail') throw error
    const {renderError} = await import('../../errors/render-error.ts')
    io.workflow.warning(`The image is published without the scan by ${name}. ${renderError(error)}`)
    return undefined
  }
}

async function judgeWith(
  scanner: Scanner,
  {viewed, origins, request}: {readonly viewed: Viewed; readonly origins: Origins; readonly request: ScanRequest},
  run: ScanRun,
): Promise<Found> {
  const {limits} = run.scan.inputs
  if (viewed.platforms.length === 0) {
    throw new TagboatError('scan-failed', {evidence: ['the image has no platform that can be scanned']})
  }
  const reports = await scanPlatforms(scanner, viewed, run)
  const [first] = reports
  const tool = {name: scanner.name, version: '', ...scanner.tool, ...definedTool(first?.report.tool)}
  const data = {...first?.report.data, ...scanner.data}
  const before = await baselineOf(scanner, request, run)
  const located = reports.map(({platform, report, file}, index) => {
    run.reports.push({name: `${scanner.name}-${platform.replaceAll('/', '-')}`, file})
    const findings = report.findings.map((one) => ({...one, ...origins[index]?.get(one.layer ?? '')}))
    return {platform, findings}
  })
  const result = judgeFindings(mergeFindings(located), limits, before?.findings)
  run.findings.push(...result.all)
  run.tools.push(tool)
  const facts = {tool, data, baseline: before?.name}
  run.lines.push(
    ...located.map(({platform}) => platformLine(platform, result, facts)),
    `scan  ${result.failing.length === 0 ? 'passed' : 'failed'}: ${verdictText(result, limits)}`,
  )
  run.failing.push(...result.failing)
  const failure =
    result.failing.length === 0 ? undefined : new TagboatError('scan-found', {evidence: failingLines(result)})
  return {
    reason: verdictText(result, limits),
    tool,
    ...(Object.keys(data).length > 0 && {data}),
    limits: {
      'scan-fail-on': limits.failOn,
      'scan-ignore-unfixed': limits.ignoreUnfixed,
      'scan-types': limits.types,
      'scan-only-new': limits.onlyNew,
      ...(before !== undefined && {'scan-baseline': before.name}),
    },
    findings: result.all,
    failure,
    ...(failure !== undefined && {evidence: failure.evidence}),
  }
}

/** Name and version in a report, as far as it states them. A service has a name of its own in SARIF. */
function definedTool(tool: ScanTool | undefined): Partial<ScanTool> {
  return tool === undefined || tool.version === '' ? {} : {version: tool.version}
}

interface PlatformReport {
  readonly platform: string
  readonly report: ScanReport
  readonly file: string
}

/** Scans the platforms side by side. @throws TagboatError `scan-failed` */
async function scanPlatforms(
  scanner: Scanner,
  {name, platforms}: Viewed,
  {scan}: ScanRun,
): Promise<readonly PlatformReport[]> {
  const reports = new Map<number, PlatformReport>()
  await forEachBounded([...platforms.entries()], scansAtOnce, async ([index, {platform, digest}]) => {
    const text = formatPlatform(platform)
    const output = scan.reportFile(`${scanner.name}-${text}`)
    const report = await scanner.scan({reference: `${name}@${digest}`, platform, digest, output})
    reports.set(index, {platform: text, report, file: output})
  })
  return [...platforms.keys()].flatMap((index) => reports.get(index) ?? [])
}

/** Scans the baseline by the same scanner with the same database. */
async function baselineOf(
  scanner: Scanner,
  request: ScanRequest,
  run: ScanRun,
): Promise<{readonly name: string; readonly findings: Baseline} | undefined> {
  const {scan, io} = run
  const {inputs} = scan
  if (!inputs.limits.onlyNew && inputs.baseline === undefined) return undefined
  const baseline = await request.baseline()
  if (baseline === undefined) {
    io.workflow.notice('There is no image to compare the findings with, so that all of them are new.')
    return undefined
  }
  await using view = await viewImage(baseline.image, scan.blobs, io)
  const {images: platforms} = platformImages(baseline.image.content, baseline.platform)
  try {
    const reports = await scanPlatforms(scanner, {name: view.name, platforms}, run)
    return {name: baseline.name, findings: new Map(reports.map(({platform, report}) => [platform, report.findings]))}
  } catch (error) {
    throw view.failure() ?? error
  }
}

/** Origins of the layers of each platform. */
async function originsOf({platforms}: Viewed, {image, dockerfile}: ScanRequest, scan: Scan): Promise<Origins> {
  return Promise.all(
    platforms.map(async ({digest}) => {
      const content = digest === image.content.digest ? image.content : await image.manifest(digest)
      const manifest = content === undefined ? undefined : parseManifest(content.bytes)
      if (manifest?.kind !== 'manifest') return new Map<string, LayerOrigin>()
      return layerOrigins(await readSmall(manifest.config, image), dockerfile.text)
    }),
  )

  async function readSmall(blob: Descriptor, {openBlob}: ViewedImage): Promise<Uint8Array> {
    if (blob.sizeBytes > maxConfigBytes) return new Uint8Array()
    const file = await scan.blobs.file(blob, openBlob)
    return scan.blobs.read(file)
  }
}

const maxConfigBytes = 4 * 1024 * 1024
/** GitHub shows ten annotations of a step. */
const maxAnnotations = 3
