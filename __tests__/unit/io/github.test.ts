import {describe, expect, test} from '@jest/globals'
import {gitHub} from '../../../src/io/github.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {loopback} from '../../../testing/loopback.ts'

const sha = '3484a3fb816e0859fd6e1cea078d76385ff50625'

describe('the date of a commit', () => {
  test.each([
    {name: 'when it was committed', committer: {date: '2020-02-03T04:05:06Z'}, expected: '2020-02-03T04:05:06Z'},
    {name: 'unknown where there is no committer', committer: null, expected: undefined},
  ])('is $name', async ({committer, expected}) => {
    const asked: string[] = []
    await using api = await loopback((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({sha, commit: {author: {date: '2001-01-01T00:00:00Z'}, committer}}))
    })
    const client = gitHub(new Secret('job-token'), `http://${api.host}`)
    expect(await client.commitDate('octo-org', 'octo-repo', sha)).toBe(expected)
    expect(asked).toEqual([`GET /repos/octo-org/octo-repo/commits/${sha}?per_page=1 token job-token`])
  })

  test('is an error where the API refuses', async () => {
    await using api = await loopback((_, response) => {
      response.writeHead(404, {'content-type': 'application/json'})
      response.end('{"message": "Not Found"}')
    })
    const client = gitHub(new Secret('job-token'), `http://${api.host}`)
    await expect(client.commitDate('octo-org', 'octo-repo', sha)).rejects.toThrow('Not Found')
  })
})
