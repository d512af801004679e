import type {Publication} from '../promote-image.ts'

/** Warns that `verify` will refuse a new release in the next run, since this run does not sign it. */
export function warnOfUnsigned({prepared, io}: Pick<Publication, 'prepared' | 'io'>): void {
  if (prepared.inputs.sign !== undefined) return
  io.workflow.warning(
    '`verify` is not applied to a new image, and `sign` is empty. Unless a later step signs this release, the next run refuses it (signature-missing). Set `sign`, or remove `verify`.',
  )
}
