import type {SignedImage} from '../../signing/signed-image.ts'
import {signedLine, verifyCommands} from '../signature-lines.ts'
import {details, fence, text} from './markdown.ts'

/** Line about the signatures, with the commands to verify them in a fold. */
export function signatureSection(signed: SignedImage): readonly string[] {
  const commands = verifyCommands(signed).map((command) => fence(command, 'sh'))
  return [text(signedLine(signed)), details('Verify the signature', commands.join('\n\n'))]
}
