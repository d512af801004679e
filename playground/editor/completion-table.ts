import type {CompletionData} from './completion-data.ts'

/** Table of the completion. The build replaces this file with the generated one. */
export const completionTable: CompletionData = {inputs: {}, rules: [], commonAttributes: [], expressions: []}
