import {expect, test} from '@jest/globals'
import {answerText, deletionOf} from '../../../src/prune/answers.ts'

const hide = (text: string): string => text.replaceAll('hunter2', '***')

function answer(status: number, body: unknown = ''): {readonly status: number; readonly body: Buffer} {
  return {status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))}
}

test.each([
  [answer(405, {errors: [{code: 'UNSUPPORTED', message: 'off'}]}), '405 UNSUPPORTED: off'],
  [answer(403, {message: 'no scope for hunter2'}), '403 no scope for ***'],
  [answer(403, {detail: 'forbidden'}), '403 forbidden'],
  [answer(502, '<html></html>'), '502'],
])('the text of %j is %s', (response, expected) => {
  expect(answerText(response, hide)).toBe(expected)
})

test.each([
  [202, '', 'deleted'],
  [204, '', 'deleted'],
  [404, '', 'gone'],
  [401, '', 'denied'],
  [403, 'forbidden', 'denied'],
  [403, 'locked by a rule', 'kept'],
  [412, 'locked by a rule', 'kept'],
  // A failure of the server states nothing about the tag.
  [503, 'database is locked', 'failed'],
  [405, '', 'unsupported'],
  [501, '', 'unsupported'],
  [301, '', 'failed'],
  [400, '', 'failed'],
])('%d "%s" means %s', (status, message, kind) => {
  const rules = {hide, denied: 'Ask for the right.', locked: /locked/}
  expect(deletionOf(answer(status, {message}), rules).kind).toBe(kind)
})
