import {buildTexts} from '../../src/inputs/spec/spec-build.ts'
import {builderTexts} from '../../src/inputs/spec/spec-builder.ts'
import {imageTexts} from '../../src/inputs/spec/spec-image.ts'
import {cloudTexts} from '../../src/inputs/spec/spec-cloud.ts'
import {pruneTexts} from '../../src/inputs/spec/spec-prune.ts'
import {credentialTexts, publishTexts} from '../../src/inputs/spec/spec-publish.ts'
import {signTexts} from '../../src/inputs/spec/spec-sign.ts'
import {verifyTexts} from '../../src/inputs/spec/spec-verify.ts'
import {scanTexts} from '../../src/inputs/spec/spec-scan.ts'
import type {InputText} from '../../src/inputs/spec/spec-row.ts'
import type {InputName} from '../../src/inputs/spec/spec.ts'

/** Texts of every input for `action.yml`, `docs/inputs.md` and the README. */
export const inputTexts: Readonly<Record<InputName, InputText>> = {
  ...imageTexts,
  ...buildTexts,
  ...builderTexts,
  ...credentialTexts,
  ...cloudTexts,
  ...publishTexts,
  ...signTexts,
  ...verifyTexts,
  ...scanTexts,
  ...pruneTexts,
}
