import {replacedKinds} from '../actions.ts'
import {Refusal, type JobModel} from '../job-model.ts'
import {textPlace} from '../text/text-place.ts'

/**
 * Requires that the outputs of the steps to replace are read in the case of their IDs. The runner ignores the case.
 * @throws Refusal `output-unknown`
 */
export function requireSameCase({steps, workflow: {text}}: JobModel): void {
  for (const {kind, step} of steps) {
    const id = step.id?.text ?? ''
    if (id === '' || kind === undefined || !replacedKinds.includes(kind)) continue
    const name = String.raw`(?:\.${id}(?![\w-])|\[\s*'${id}'\s*\])`
    for (const {0: read, index} of text.matchAll(new RegExp(String.raw`\bsteps${name}(?:\.outputs(?![\w-]))?`, 'gi'))) {
      if (read.startsWith('steps') && read.includes(id) && read.endsWith('.outputs') === /\.outputs$/i.test(read))
        continue
      throw new Refusal(
        'output-unknown',
        textPlace(text, index, read.length),
        `\`${read}\` is written in another case`,
        `Write \`steps.${id}.outputs\`.`,
      )
    }
  }
}
