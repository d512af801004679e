import path from 'node:path'
import {createContext, Script} from 'node:vm'
import {describe, expect, test} from '@jest/globals'
import {expressionsIn, hostileTexts} from '../testing/adversarial.ts'

/**
 * An expression that reads a text again and again takes minutes for some megabytes of it, and no signal ends it: Node handles
 * its events only afterwards. At this length, an expression that reads the text once takes less than a millisecond, and one
 * whose time grows with the square takes more than a second. `node:vm` ends it in between.
 */
const length = 40_000
const limitMs = 500

const input: {expression: RegExp; texts: readonly string[]} = {expression: /x/, texts: []}
const context = createContext(input)
const script = new Script(`
  for (const text of texts) {
    expression.lastIndex = 0
    expression.global ? text.replace(expression, '') : expression.exec(text)
  }
`)

function endsInTime(expression: RegExp, texts: readonly string[]): boolean {
  Object.assign(input, {expression, texts})
  // The clock runs on while a busy machine suspends this process: only CPU time shows a slow expression.
  for (let timeout = limitMs; ; timeout *= 2) {
    const before = process.cpuUsage()
    try {
      script.runInContext(context, {timeout})
      return true
    } catch (error) {
      if ((error as {code?: unknown}).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      if (process.cpuUsage(before).user / 1000 > limitMs / 2) return false
    }
  }
}

/** The first text on which the expression is slow. Each watched call starts a thread, so all texts are tried in one call first. */
function slowText(expression: RegExp): string | undefined {
  const texts = hostileTexts(expression, length)
  if (endsInTime(expression, texts)) return undefined
  return texts.find((text) => !endsInTime(expression, [text]))
}

const expressions = expressionsIn(path.join(import.meta.dirname, '..', 'src'))
const files = Map.groupBy(expressions, ({file}) => file)

describe('an expression of the source is not slow on a long text', () => {
  test.each([...files])('%s', (_, found) => {
    const slow = found.flatMap(({expression}) => {
      const text = slowText(expression)
      return text === undefined ? [] : [`${String(expression)} on ${JSON.stringify(text.slice(0, 40))}`]
    })
    expect(slow).toEqual([])
  })
})

test.each([/[\s,]+$/, /([?&])([^=&\s"<>]+)=[^&\s"<>]*/g, /<[^>]*>$/, /(a+)+b/])('%s would be found', (expression) => {
  expect(hostileTexts(expression, length).some((text) => !endsInTime(expression, [text]))).toBe(true)
})
