import {scanningError} from '../../errors/scanning-error.ts'
import {TagboatError} from '../../errors/error.ts'
import type {Io} from '../../io/io.ts'
import {formatPlatform, type Platform} from '../../oci/platform.ts'
import {forEachBounded} from '../../registry/limit.ts'
import {viewImage, type ViewedImage} from '../../scanner/image-view.ts'
import type {Scanner} from '../../scanner/scanner.ts'
import {mergeFindings, type Finding, type ScanReport, type ScanTool} from '../../scanning/finding.ts'
import {judgeFindings, type Baseline} from '../../scanning/judge-findings.ts'
import {numbered} from '../../scanning/numbered.ts'
import {scanFound} from '../../scanning/scan-found.ts'
import {platformLine, verdictText} from '../../scanning/scan-text.ts'
import {platformImages} from '../../stage/staged-image.ts'
import {judged, type Found, type Judgement} from '../../stage/gate.ts'
import type {Scan} from './start-scan.ts'
import {originsOf, viewedImage, type Origins, type Viewed} from './viewed-platforms.ts'

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
  const viewed = viewedImage(view, image.content, request.platform)
  const origins = await originsOf(viewed, request, scan.blobs)
  const judgements: Judgement[] = []
  for (const {name, ready} of scan.scanners) {
    const gate = {gate: 'scan', digest: image.content.digest} as const
    judgements.push(
      await judged(gate, {io}, async () => {
        try {
          return await judgeWith(await ready, {viewed, origins, request}, run)
        } catch (error) {
          const outage = await allowedOutage(name, view.failure() ?? error, run)
          run.lines.push(`scan  ${name}  skipped: ${outage.message}`)
          return {outcome: 'skipped', reason: outage.message, evidence: outage.evidence, tool: {name, version: ''}}
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

/**
 * Warns that a scanner or its database cannot be had, and returns that error.
 * @throws the error, unless `scan-unavailable` allows it.
 */
async function allowedOutage(name: string, error: unknown, {scan, io}: ScanRun): Promise<TagboatError> {
  const isOutage =
    error instanceof TagboatError && (error.code === 'scanner-missing' || error.code === 'scan-database-missing')
  if (!isOutage || scan.inputs.unavailable === 'fail') throw error
  const {errorWarning} = await import('../../errors/render-error.ts')
  io.workflow.warning(errorWarning(error, `The image is published without the scan by ${name}.`))
  return error
}

async function judgeWith(
  scanner: Scanner,
  {viewed, origins, request}: {readonly viewed: Viewed; readonly origins: Origins; readonly request: ScanRequest},
  run: ScanRun,
): Promise<Found> {
  const {limits} = run.scan.inputs
  if (viewed.platforms.length === 0) {
    throw scanningError('scan-failed', {evidence: ['the image has no platform that can be scanned']})
  }
  if (viewed.unclear.length > 0) {
    throw scanningError('scan-failed', {
      message: 'The image has parts that can be pulled but not scanned.',
      evidence: viewed.unclear,
      remedy: 'Create the index without them, or with the platform of each image.',
    })
  }
  const reports = await scanPlatforms(scanner, viewed, run)
  const [first] = reports
  const tool = {
    name: scanner.name,
    version: '',
    ...scanner.tool,
    ...definedTool(first?.report.tool, scanner.name === 'run'),
  }
  const data = {...first?.report.data, ...scanner.data}
  const before = await baselineOf(scanner, request, run)
  const names = numbered(reports.map(({platform}) => `${scanner.name}-${platform.replaceAll('/', '-')}`))
  const located = reports.map(({platform, report, file}, index) => {
    run.reports.push({name: names[index] ?? scanner.name, file})
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
  const failure = result.failing.length === 0 ? undefined : scanFound(scanner.name, result, limits)
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

/**
 * Version that a report states, if any, and the name for an only command of the user. Several commands keep their numbers,
 * and a service has another name in SARIF.
 */
function definedTool(tool: ScanTool | undefined, isCommand: boolean): Partial<ScanTool> {
  return {...(isCommand && tool && {name: tool.name}), ...(tool && tool.version !== '' && {version: tool.version})}
}

interface PlatformReport {
  readonly platform: string
  readonly report: ScanReport
  readonly file: string
}

/** Scans the platforms side by side. @throws TagboatError `scan-failed` */
async function scanPlatforms(
  scanner: Scanner,
  {name, platforms}: Pick<Viewed, 'name' | 'platforms'>,
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

/** GitHub shows ten annotations of a step. */
const maxAnnotations = 3
