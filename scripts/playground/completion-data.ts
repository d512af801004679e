import {readFileSync} from 'node:fs'
import path from 'node:path'
import type {CompletionData, InputFact} from '../../playground/editor/completion-data.ts'

type Json = Readonly<Record<string, unknown>>

/** Reads what the completion needs from the generated files of `docs`. @throws Error if the schema lacks an input. */
export function completionData(docs: string): CompletionData {
  const read = (name: string): Json => record(JSON.parse(readFileSync(path.join(docs, name), 'utf8')))
  const definitions = record(read('inputs.schema.json')['$defs'])
  const actions = ['publish', 'stage', 'promote', 'prune']
  const inputs = Object.fromEntries(
    actions.map((action) => [action, inputsOf(record(definitions[action]), definitions)]),
  )
  // The file is written from typed tables.
  const tags: unknown = read('tag-rules.json')
  return {inputs, ...rulesOf(tags)}
}

function inputsOf(action: Json, definitions: Json): readonly InputFact[] {
  return Object.entries(record(action['properties'])).flatMap(([name, reference]) => {
    const id = String(record(reference)['$ref']).replace('#/$defs/', '')
    const definition = definitions[id]
    if (definition === undefined) throw new Error(`the schema has no definition ${id}`)
    return [inputFact(name, record(definition))]
  })
}

function inputFact(name: string, definition: Json): InputFact {
  const fallback = definition['default']
  return {
    name,
    description: textOf(definition['description']),
    ...(textOf(fallback) !== '' && {fallback: textOf(fallback)}),
    values: [...new Set(valuesOf(definition))],
  }
}

/** Values that a definition lists, and examples that fit in a line. */
function valuesOf(definition: Json): readonly string[] {
  const parts = [definition, ...list(definition['anyOf']).map(record)]
  const listed = parts.flatMap((part) => list(part['enum'])).map(String)
  const booleans = parts.some(({type}) => type === 'boolean') ? ['true', 'false'] : []
  const examples = list(definition['examples'])
    .map(String)
    .filter((text) => !text.includes('\n'))
  return [...listed, ...booleans, ...examples]
}

function rulesOf(tags: unknown): Omit<CompletionData, 'inputs'> {
  if (!hasRules(tags)) throw new Error('tag-rules.json has no rules')
  const {rules, commonAttributes, expressions} = tags
  return {rules, commonAttributes, expressions}
}

function hasRules(value: unknown): value is Omit<CompletionData, 'inputs'> {
  return ['rules', 'commonAttributes', 'expressions'].every((name) => Array.isArray(record(value)[name]))
}

/** Text of a scalar; empty for anything else. */
function textOf(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : ''
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
