import {signingError} from '../../errors/signing-error.ts'
import {toTagboatError} from '../../errors/error.ts'
import type {SignInputs} from '../../inputs/sign-inputs.ts'
import type {Io} from '../../io/io.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {keySigner} from '../../signing/key-signer.ts'
import {readSigningKey} from '../../signing/keys/signing-key.ts'
import type {Signer} from '../../signing/signer.ts'

/**
 * Adds the signers of a run that publishes. If there are none, because of the key or its password, or because the job has
 * no identity, the run is refused.
 */
export async function withSigners(prepared: Prepared, sign: SignInputs, io: Io): Promise<Prepared> {
  const {push, skip} = prepared.plan
  if (!push.do || skip !== undefined) return prepared
  try {
    const signers = await Promise.all(
      sign.ways.map(async (way) => (way === 'key' ? signerWithKey(sign) : keyless(sign, prepared, io))),
    )
    return {...prepared, signers: signers.filter((signer) => signer !== undefined)}
  } catch (error) {
    return {...prepared, refusal: prepared.refusal ?? toTagboatError(error)}
  }
}

/** The code for certificates is loaded only for a run that has one. */
async function keyless(sign: SignInputs, prepared: Prepared, io: Io): Promise<Signer | undefined> {
  const {openKeyless} = await import('./open-keyless.ts')
  return openKeyless(sign, prepared, io)
}

async function signerWithKey({key, password}: SignInputs): Promise<Signer> {
  if (key.isEmpty) {
    throw signingError('sign-key-invalid', {
      message: 'The image is to be signed with a key, but there is none.',
      evidence: ['sign-key is empty'],
      remedy: 'Set `sign-key` to a secret that exists and that this event may read. Runs of forks have no secrets.',
    })
  }
  return keySigner(await readSigningKey(key, password))
}
