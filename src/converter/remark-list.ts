import type {Place} from '../workflow-file/workflow.ts'
import type {Remark} from './conversion.ts'
import type {RemarkCode} from './remarks.ts'

/** Remarks of a conversion, in the order of the file. */
export class Remarks {
  readonly #all: Remark[] = []

  note(code: RemarkCode, place: Place, message: string, remedy?: string): void {
    this.add({code, level: 'note', place, message, ...(remedy !== undefined && {remedy})})
  }

  kept(code: RemarkCode, place: Place, message: string, remedy?: string): void {
    this.add({code, level: 'kept', place, message, ...(remedy !== undefined && {remedy})})
  }

  /** Adds a remark, unless the list has the same one. */
  add(remark: Remark): void {
    const isKnown = this.#all.some(
      ({code, message, place}) =>
        code === remark.code && message === remark.message && place.start === remark.place.start,
    )
    if (!isKnown) this.#all.push(remark)
  }

  addAll(remarks: Remarks): void {
    for (const remark of remarks.all) this.add(remark)
  }

  get all(): readonly Remark[] {
    return this.#all.toSorted((a, b) => a.place.start - b.place.start)
  }

  get hasKept(): boolean {
    return this.#all.some(({level}) => level === 'kept')
  }
}
