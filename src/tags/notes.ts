import type {Rendered} from './template.ts'

export interface NoteFacts {
  readonly text: string
  readonly tag: string
  /** Another text could give the same tag. */
  readonly shared: boolean
  readonly from: string | undefined
}

/** What a reader should know of a tag besides its rule. */
export function noteOf({text, tag, shared, from}: NoteFacts): string | undefined {
  const notes = [
    ...(from === undefined ? [] : [`version from ${from}`]),
    ...(shared ? [`made from ${JSON.stringify(text)}; another name that comes to ${tag} would share this tag`] : []),
  ]
  return notes.length === 0 ? undefined : notes.join('; ')
}

/** Why a rule whose expressions came out empty gives no tag. */
export function emptyReason({text, emptyNames}: Rendered): string {
  const names = [...new Set(emptyNames)].map((name) => `{{${name}}}`).join(' and ')
  const result = text === '' ? 'nothing' : JSON.stringify(text)
  return `${names === '' ? 'its value' : names} is empty for this event, and so the tag would be ${result}`
}
