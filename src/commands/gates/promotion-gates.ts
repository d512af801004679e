import {after, type RunResult} from '../../run/run-result.ts'
import type {Descriptor} from '../../oci/manifest.ts'
import type {TagDecision} from '../../promote/decide/tag-decision.ts'
import type {StateReader} from '../../promote/read-state.ts'
import type {ResolvedSources} from '../../promote/resolve-sources.ts'
import {requirePassed, type Judgement} from '../../stage/gate.ts'
import type {PromotedImage} from '../check-promotion.ts'
import type {Publication} from '../promote-image.ts'
import type {Scan} from '../scan/start-scan.ts'

interface GatePlace extends Publication {
  readonly reader: StateReader
  readonly scan: Scan | undefined
}

/**
 * Runs the gates of an image to promote: its signatures and sizes, and then its scan.
 * @throws RunFailure with the verdicts.
 */
export async function passPromotionGates(
  image: ResolvedSources,
  request: PromotedImage,
  {prepared, registries, io, reader, scan}: GatePlace,
): Promise<Pick<RunResult, 'gates' | 'scanSarif'>> {
  const {clients} = registries
  const {verify, publish} = prepared.inputs
  const {sizeLimits} = publish
  let deciding: Promise<readonly TagDecision[]> | undefined
  const decide = async (): Promise<readonly TagDecision[]> => {
    const {decidePromotion} = await import('../check-promotion.ts')
    const promotion = await decidePromotion(request, {clients, reader})
    return promotion.decisions
  }
  const decisions = async (): Promise<readonly TagDecision[]> => (deciding ??= decide())
  const judgements: Judgement[] = []
  if (verify !== undefined && verify.demands.length > 0) {
    const {judgeSignaturesOf} = await import('../verify/verify-gate.ts')
    const place = {prepared, registries, io, reader}
    judgements.push(await judgeSignaturesOf(image.origins, request.digest, verify, place))
  }
  if (sizeLimits !== undefined) {
    const [{judgeSizeGate}, {previousImage}] = await Promise.all([
      import('../size/size-gate.ts'),
      import('../size/previous-image.ts'),
    ])
    const previous = async (): ReturnType<typeof previousImage> => previousImage(await decisions(), reader, registries)
    judgements.push(await judgeSizeGate({...image, previous}, sizeLimits, {action: prepared.action, io}))
  }
  const gates = await requirePassed(judgements, io, scan?.scanners.map(() => 'scan' as const) ?? [])
  if (scan === undefined) return {gates}
  const {content, platform, repository} = image
  const viewed = {
    content,
    manifest: async (digest: string) => image.reader.manifest(digest),
    openBlob: (blob: Descriptor) => image.openBlob(blob),
  }
  const {scanImage} = await import('../scan/scan-image.ts')
  const scanned = await scanImage(scan, {image: viewed, platform, repository, decisions}, {prepared, clients, io})
  scanned.print()
  return after({scanSarif: scanned.sarif}, async () => ({
    gates: await requirePassed([...gates.map((verdict) => ({verdict})), ...scanned.judgements], io),
    scanSarif: scanned.sarif,
  }))
}
