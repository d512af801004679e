import path from 'node:path'
import {createContext, Script} from 'node:vm'
import {describe, expect, test} from '@jest/globals'
import {expressionsIn, hostileTexts} from './support/adversarial.ts'

/**
 * An expression that reads a text again and again takes minutes for some megabytes of it, and no signal ends it: Node comes back to
 * its events only afterwards. At this length, one that reads it once takes less than a millisecond, and one whose time grows with
 * the square takes more than a second; node:vm ends it in between.
 */
const length = 40_000
const limitMs = 500

const question: {expression: RegExp; text: string} = {expression: /x/, text: ''}
const context = createContext(question)
const script = new Script(
  'expression.lastIndex = 0; expression.global ? text.replace(expression, "") : expression.exec(text)',
)

function isSlow(expression: RegExp, text: string): boolean {
  Object.assign(question, {expression, text})
  // The clock goes on while a busy machine lets this process wait.
  return [1, 2, 3].every(() => {
    try {
      script.runInContext(context, {timeout: limitMs})
      return false
    } catch (error) {
      return (error as {code?: unknown}).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    }
  })
}

const expressions = expressionsIn(path.join(import.meta.dirname, '..', 'src'))
const files = Map.groupBy(expressions, ({file}) => file)

describe('no expression of the source is slow on a long text', () => {
  test.each([...files])('%s', (_, found) => {
    const slow = found.flatMap(({expression}) => {
      const text = hostileTexts(expression, length).find((one) => isSlow(expression, one))
      return text === undefined ? [] : [`${String(expression)} on ${JSON.stringify(text.slice(0, 40))}`]
    })
    expect(slow).toEqual([])
  })
})

test.each([/[\s,]+$/, /([?&])([^=&\s"<>]+)=[^&\s"<>]*/g, /<[^>]*>$/, /(a+)+b/])('%s would be found', (expression) => {
  expect(hostileTexts(expression, length).some((text) => isSlow(expression, text))).toBe(true)
})
