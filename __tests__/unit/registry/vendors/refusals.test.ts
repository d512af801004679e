import {describe, expect, test} from '@jest/globals'
import {failure} from '../../../../src/registry/failure.ts'
import {acr, refusals, type RecordedRefusal} from '../../../../testing/registry-refusals.ts'

function asFailure(answer: RecordedRefusal): ReturnType<typeof failure> {
  const {
    host,
    status,
    code,
    message,
    detail,
    path = 'blobs/uploads/',
    method = 'POST',
    access = 'push',
    isLoginRefused = false,
  } = answer
  const body = code === undefined ? message : JSON.stringify({errors: [{code, message, detail}]})
  const url = new URL(`https://${host}/v2/team/app/${path}`)
  const request = {host, method, url, access, repository: `${host}/team/app`, authenticated: true}
  return failure({...request, hide: (text) => text}, {status, body: Buffer.from(body), isLoginRefused})
}

describe('an answer of a registry', () => {
  test.each(refusals)('$name: $expected', (answer) => {
    expect(asFailure(answer).code).toBe(answer.expected)
  })

  test.each(refusals.filter(({remedy}) => remedy !== undefined))('$name: has a remedy from its text', (answer) => {
    expect(asFailure(answer).remedy).toContain(answer.remedy)
  })

  test.each(refusals)('$name: is quoted as evidence', (answer) => {
    expect(asFailure(answer).evidence.join('\n')).toContain(answer.message)
  })
})

test('a denial of Azure without a login is not about roles', () => {
  const url = new URL(`https://${acr}/v2/app/blobs/uploads/`)
  const request = {host: acr, method: 'POST', url, access: 'push' as const, repository: `${acr}/app`}
  const body = Buffer.from(JSON.stringify({errors: [{code: 'UNAUTHORIZED', message: 'authentication required'}]}))
  expect(failure({...request, authenticated: false, hide: (text) => text}, {status: 401, body}).code).toBe(
    'push-denied',
  )
})
