import {convertWorkflow} from '../../src/converter/convert-workflow.ts'
import type {ConvertAnswer, ConvertRequest} from './messages.ts'

/** Version of Tagboat that a converted workflow uses. */
const action = 'tagboat/tagboat@v1'

/** Converts a workflow. */
export function answerConversion({text}: ConvertRequest): ConvertAnswer {
  const {text: converted, changed, jobs, remarks} = convertWorkflow(text, {action})
  return {
    kind: 'convert',
    text: converted,
    changed,
    jobs: [...jobs].map(([id, verdict]) => ({id, verdict})),
    remarks: remarks.map(({code, level, place, message, remedy}) => ({
      code,
      level,
      from: place.start,
      to: place.end,
      line: place.line,
      message,
      remedy,
    })),
  }
}
