import {TagboatError} from '../errors/error.ts'
import type {Problems} from '../inputs/problem.ts'
import type {SignInputs} from '../inputs/sign-inputs.ts'
import {readSigningKey} from '../signing/keys/signing-key.ts'

/**
 * Adds the problem of the signing key to those of other inputs, so that one run reports all of them. A run whose only
 * problem is its key has an error of its own, and only if it signs.
 */
export async function reportSigningKey({ways, key, password}: SignInputs, problems: Problems): Promise<void> {
  if (!ways.includes('key') || key.isEmpty) return
  try {
    await readSigningKey(key, password)
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    const [reason = error.message] = error.evidence
    problems.add({
      input: error.code === 'sign-key-password' ? 'sign-key-password' : 'sign-key',
      message: reason.replace(/^sign-key: /, ''),
      remedy: error.remedy ?? '',
    })
  }
}
