import {expect, test} from '@jest/globals'
import {takenTexts, type TakenReason} from '../../../src/reasons/taken-reasons.ts'

const otherImage = 'An exact tag already exists and points to another image of this commit.'
const keepOrReplace =
  'To keep the published image, set `if-exists: skip`; to replace it on purpose, set `if-exists: overwrite`.'

test.each<{reason: TakenReason; message?: string; remedy?: string}>([
  {reason: {code: 'other-commit'}},
  {
    reason: {code: 'short-hash'},
    remedy:
      'Two commits have the same short hash. Use the full hash in `tags` (type=sha,format=long), or set `if-exists: overwrite` to replace the image on purpose.',
  },
  {
    reason: {code: 'no-build-definition'},
    message:
      'Some of the exact tags already exist, and their image does not state its build definition: whether the other tags belong to it is unknown.',
    remedy:
      'Release under a new version, or complete the release with the tool that began it. To build everything again, set `if-exists: overwrite`; to build for the missing tags only, set `if-exists: skip`.',
  },
  {
    reason: {code: 'build-arguments', names: ['DATE', 'RUN']},
    message: otherImage,
    remedy: `If these are two images, give each of them its own exact tags. If they are one image, pass the same value of DATE, RUN in every run of a commit: a date or a run number belongs in \`labels\`. ${keepOrReplace}`,
  },
  {
    reason: {code: 'packaging-commit'},
    message: otherImage,
    remedy: `The packaged commit is the same, and the commit of the repository around it differs. Give each packaging its own tag, such as \`suffix=-2\` in the rule. ${keepOrReplace}`,
  },
  {
    reason: {code: 'build-definition'},
    message: otherImage,
    remedy: `Give each image its own exact tags (\`suffix\` in \`flavor\` or in the rule, \`variant\`). ${keepOrReplace}`,
  },
])('$reason.code', ({reason, ...texts}) => {
  expect(takenTexts(reason)).toEqual(texts)
})
