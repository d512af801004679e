import type {BuildInputs} from '../../inputs/inputs.ts'
import {blobsAtOnce} from '../../registry/images/send.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'

/** Uploads that are started while the builder exports an image. */
interface EarlyUploads {
  /** Takes a piece of the progress of the build. */
  take(chunk: string): void
  /** Cancels what the image did not need. Never rejects. */
  end(): Promise<void>
}

type Attested = Pick<BuildInputs, 'platforms' | 'provenance' | 'sbom' | 'attests'>

/**
 * Starts uploads in the first repository of each registry when the builder begins to export the image, so that a new
 * document needs one request after the export. The image needs most of them: it has a new configuration for each
 * platform, and attestations.
 */
export function earlyUploads(clients: readonly RepositoryClient[], build: Attested): EarlyUploads {
  const firsts = [...new Map(clients.toReversed().map((client) => [client.repository.host, client])).values()]
  let text = ''
  let hasBegun = false
  return {
    take(chunk) {
      if (hasBegun) return
      text = (text + chunk).slice(-(chunk.length + exporting.length))
      hasBegun = text.includes(exporting)
      if (hasBegun) for (const client of firsts) client.beginUploads(documentCount(build))
    },
    async end() {
      await Promise.all(firsts.map(async (client) => client.endUploads()))
    },
  }
}

/** Name of the step in the progress of BuildKit. */
const exporting = 'exporting to image'

/** Number of new documents: a configuration for each platform, and those of its attestation manifest. */
function documentCount({platforms, provenance, sbom, attests}: Attested): number {
  const isAttested = provenance !== 'false' || sbom !== undefined || attests.length > 0
  return Math.min(blobsAtOnce, Math.max(1, platforms.length) * (isAttested ? 3 : 1))
}
