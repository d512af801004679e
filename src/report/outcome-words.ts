/** Words for what a run did with the tags of an image, before its name. */
export interface OutcomeWords {
  /** The run pointed tags to the image. */
  readonly done: string
  /** The tags pointed to the image before. */
  readonly already: string
  readonly partly: string
  readonly not: string
}

/** Words for a run that publishes. */
export const publishedWords: OutcomeWords = {
  done: 'Published',
  already: 'Already published',
  partly: 'Partly published',
  not: 'Not published',
}
