import type {ConvertAnswer, ConvertRequest} from './messages.ts'

export function answerConversion({text}: ConvertRequest): ConvertAnswer {
  return {kind: 'convert', text, changed: false, jobs: [], remarks: []}
}
