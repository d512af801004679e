import type {PageState} from '../state/state.ts'
import {byId} from '../ui/element.ts'
import type {Pair, PlanAnswer, ShownValue} from '../worker/messages.ts'
import {valueRow, type ValueRow} from './value-row.ts'

/** Change of the state of the page. */
type Change = (changed: Partial<PageState>) => void

/** Part of the page with the values that only a run knows. */
export class ValuesField {
  readonly #details = byId('values', HTMLDetailsElement)
  readonly #list = byId('value-rows', HTMLElement)
  readonly #newName = byId('value-name', HTMLInputElement)
  readonly #change: Change
  readonly #rows = new Map<string, ValueRow>()
  #given: readonly Pair[] = []
  #needed: readonly ShownValue[] = []
  #problems: ReadonlyMap<string, string> = new Map()

  /** Creates the part. It is open at first if values are given. */
  constructor(initial: readonly Pair[], change: Change) {
    this.#change = change
    this.#details.open = initial.length > 0
    byId('add-value', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault()
      this.#add(this.#newName.value.trim())
    })
  }

  /** Shows the values that are given. */
  set(values: readonly Pair[]): void {
    if (values.length > 0 && this.#given.length === 0) this.#details.open = true
    this.#given = values
    this.#update()
  }

  /** Shows the values that plans need, and the problems of those that the request had. */
  show({values, valueProblems}: Pick<PlanAnswer, 'values' | 'valueProblems'>, requested: readonly Pair[]): void {
    this.#needed = values ?? this.#needed
    const places = placesOf(requested, [])
    this.#problems = new Map(
      valueProblems.flatMap(({index, message}) => {
        const place = places[index]
        return place === undefined ? [] : [[keyOf(place), message] as const]
      }),
    )
    this.#update()
    const keys = new Set(placesOf(this.#given, this.#needed).map(keyOf))
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue
      if (row.element.contains(document.activeElement)) this.#newName.focus()
      row.element.remove()
      this.#rows.delete(key)
    }
  }

  /** Opens the part and moves the focus to the field of a value. */
  readonly focus = (name: string): void => {
    this.#details.open = true
    this.#rows.get(keyOf({name, occurrence: 0}))?.focus()
  }

  #update(): void {
    for (const place of placesOf(this.#given, this.#needed)) {
      const shown = this.#needed.find(({name}) => name === place.name)
      this.#rowOf(place).show({
        value: this.#given[indexOf(this.#given, place)]?.[1],
        usual: shown?.usual,
        options: shown?.options ?? [],
        problem: this.#problems.get(keyOf(place)),
      })
    }
    byId('values-note', HTMLElement).textContent = noteOf(this.#given, this.#needed, this.#problems)
  }

  #rowOf(place: Place): ValueRow {
    const found = this.#rows.get(keyOf(place))
    if (found !== undefined) return found
    const row = valueRow(place.name, (value) => {
      this.#change({values: withValue(this.#given, place, value)})
    })
    this.#rows.set(keyOf(place), row)
    this.#list.append(row.element)
    return row
  }

  /** Adds a value with a name, unless there is a field for it, and moves the focus there. */
  #add(name: string): void {
    this.#newName.value = ''
    if (name === '') return
    const key = keyOf({name, occurrence: 0})
    if (!this.#rows.has(key)) this.#change({values: [...this.#given, [name, '']]})
    this.#rows.get(key)?.focus()
  }
}

/** Place of a row: a name, and how many values with this name come before. */
interface Place {
  readonly name: string
  readonly occurrence: number
}

function keyOf({name, occurrence}: Place): string {
  return `${occurrence} ${name}`
}

/** Places of the values that are needed, and of those that are given. */
function placesOf(given: readonly Pair[], needed: readonly ShownValue[]): readonly Place[] {
  const ofGiven = given.map(([name], index) => ({
    name,
    occurrence: given.slice(0, index).filter(([one]) => one === name).length,
  }))
  const others = needed.filter(({name}) => given.every(([one]) => one !== name))
  return [...ofGiven, ...others.map(({name}) => ({name, occurrence: 0}))]
}

/** Index of the pair of a place; -1 if no value is given there. */
function indexOf(given: readonly Pair[], {name, occurrence}: Place): number {
  return given.flatMap(([one], index) => (one === name ? [index] : []))[occurrence] ?? -1
}

/** Pairs with another value at a place; undefined takes it away. */
function withValue(given: readonly Pair[], place: Place, value: string | undefined): readonly Pair[] {
  const index = indexOf(given, place)
  if (value === undefined) return given.filter((_, at) => at !== index)
  return index < 0 ? [...given, [place.name, value]] : given.with(index, [place.name, value])
}

function noteOf(given: readonly Pair[], needed: readonly ShownValue[], problems: ReadonlyMap<string, string>): string {
  const wrong = placesOf(given, []).find((place) => problems.has(keyOf(place)))
  if (wrong !== undefined) return `${wrong.name} is not used`
  const missing = needed.filter(({name, usual}) => usual === undefined && given.every(([one]) => one !== name))
  const parts = [
    ...(missing.length === 0 ? [] : [`${missing.length} not known`]),
    ...(given.length === 0 ? [] : [`${given.length} given`]),
  ]
  return parts.length === 0 ? 'optional: variables, inputs, outputs, files' : parts.join(', ')
}
