import {field} from '../../oci/manifest.ts'
import type {CheckWarning} from './checks.ts'
import {excerptOf} from './excerpt.ts'

/** Parses the output of `call: check`, as text or with `format=json`. */
export function parseChecks(printed: string): readonly CheckWarning[] {
  return printed.trimStart().startsWith('{') ? jsonChecks(printed) : textChecks(printed)
}

/**
 * Findings in the text format, one block each: `WARNING: Rule - URL`, the message, and an excerpt of the Dockerfile
 * with the lines of the finding marked.
 */
function textChecks(printed: string): readonly CheckWarning[] {
  const blocks = printed.split(/^(?=WARNING: )/m).filter((block) => block.startsWith('WARNING: '))
  return blocks.map((block) => {
    const [, rule = '', url = '', message = ''] = /^WARNING: (\S+?)(?: - (\S+))?[ \t]*\n(.*)/.exec(block) ?? []
    const place = excerptOf(block.split('\n'))
    return {
      rule,
      message: message.trim(),
      detail: '',
      url,
      filename: place?.filename ?? '',
      line: place?.line ?? 0,
      endLine: place?.endLine ?? 0,
    }
  })
}

function jsonChecks(printed: string): readonly CheckWarning[] {
  let value: unknown
  try {
    value = JSON.parse(printed)
  } catch {
    return []
  }
  const [warnings, sources] = [arrayOf(value, 'warnings'), arrayOf(value, 'sources')]
  return warnings.map((warning) => {
    const location = field(warning, 'location')
    const [range] = arrayOf(location, 'ranges')
    const index = field(location, 'sourceIndex')
    return {
      rule: textOf(warning, 'ruleName'),
      message: textOf(warning, 'detail'),
      detail: textOf(warning, 'description'),
      url: textOf(warning, 'url'),
      filename: textOf(sources[typeof index === 'number' ? index : 0], 'filename'),
      line: lineOf(field(range, 'start')),
      endLine: lineOf(field(range, 'end')),
    }
  })
}

function arrayOf(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name)
  return Array.isArray(list) ? list : []
}

function textOf(value: unknown, name: string): string {
  const text = field(value, name)
  return typeof text === 'string' ? text : ''
}

function lineOf(value: unknown): number {
  const line = field(value, 'line')
  return typeof line === 'number' && line > 0 ? line : 0
}
