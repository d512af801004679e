import {TagboatError, toTagboatError} from '../../errors/error.ts'
import type {SignInputs} from '../../inputs/sign-inputs.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {keySigner} from '../../signing/key-signer.ts'
import {readSigningKey} from '../../signing/keys/signing-key.ts'
import type {Signer} from '../../signing/signer.ts'

/**
 * Adds the signers of a run that publishes. If there are none, because of the key or its password, the run is refused.
 */
export async function withSigners(prepared: Prepared, sign: SignInputs): Promise<Prepared> {
  const {push, skip} = prepared.plan
  if (!push.do || skip !== undefined) return prepared
  try {
    return {...prepared, signers: [await signerWithKey(sign)]}
  } catch (error) {
    return {...prepared, refusal: prepared.refusal ?? toTagboatError(error)}
  }
}

async function signerWithKey({key, password}: SignInputs): Promise<Signer> {
  if (key.isEmpty) {
    throw new TagboatError('sign-key-invalid', {
      message: 'The image is to be signed with a key, but there is none.',
      evidence: ['sign-key is empty'],
      remedy: 'Set `sign-key` to a secret that exists and that this event may read. Runs of forks have no secrets.',
    })
  }
  return keySigner(await readSigningKey(key, password))
}
