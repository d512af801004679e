import {describe, expect, test} from '@jest/globals'
import {findKeyMistake} from '../../../../src/inputs/credentials/google-key.ts'
import {Problems} from '../../../../src/inputs/problem.ts'
import {readInputs} from '../../../../src/inputs/read.ts'
import {googleKeyFile, googleWorkloadFile} from '../../../../testing/clouds/google.ts'
import {brief} from '../../../../testing/problems.ts'

const key = JSON.stringify(googleKeyFile, undefined, 2)
const workload = JSON.stringify(googleWorkloadFile({provider: 'projects/1'}))
const token = 'ya29.canary-token'
const file = '/home/runner/work/app/app/gha-creds-0123456789abcdef.json'

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

describe('is correct:', () => {
  test.each([
    {name: 'a key', username: '_json_key', password: key},
    {name: 'a key on one line', username: '_json_key', password: JSON.stringify(googleKeyFile)},
    {name: 'a key in base64', username: '_json_key_base64', password: base64(key)},
    {name: 'a key in wrapped base64', username: '_json_key_base64', password: base64(key).replace(/.{76}/g, '$&\n')},
    {name: 'a token', username: 'oauth2accesstoken', password: token},
    {name: 'a JSON Web Token', username: 'oauth2accesstoken', password: 'eyJhbGciOiJ9.eyJzdWIiOiJ9.c2lnbmF0dXJl'},
    {name: 'another text as a token', username: 'oauth2accesstoken', password: 'e3-canary'},
  ])('$name', ({username, password}) => {
    expect(findKeyMistake({username, password})).toBeUndefined()
  })
})

describe('is a mistake:', () => {
  const {private_key: secret, client_email: email, ...others} = googleKeyFile
  test.each([
    {name: 'a key in base64 as a key', username: '_json_key', password: base64(key), remedy: '_json_key_base64.'},
    {name: 'a key as base64', username: '_json_key_base64', password: key, remedy: 'username: _json_key.'},
    {name: 'a token as a key', username: '_json_key', password: token, remedy: 'oauth2accesstoken.'},
    {name: 'a token as base64', username: '_json_key_base64', password: token, remedy: 'oauth2accesstoken.'},
    {name: 'a key as a token', username: 'oauth2accesstoken', password: key, remedy: 'username: _json_key.'},
    {name: 'base64 as a token', username: 'oauth2accesstoken', password: base64(key), remedy: '_json_key_base64.'},
    ...['_json_key', '_json_key_base64', 'oauth2accesstoken'].map((username) => ({
      name: `a path for ${username}`,
      username,
      password: file,
      remedy: '${{ secrets.GCP_KEY }}',
    })),
    {name: 'a workload identity', username: '_json_key', password: workload, remedy: 'gcp-workload-identity-provider'},
    {
      name: 'a workload identity as a token',
      username: 'oauth2accesstoken',
      password: workload,
      remedy: 'gcp-workload-identity-provider',
    },
    {
      name: 'a workload identity in base64',
      username: '_json_key_base64',
      password: base64(workload),
      remedy: 'gcp-workload-identity-provider',
    },
    {name: 'another text as a key', username: '_json_key', password: 'canary', remedy: 'whole key file'},
    {name: 'no object', username: '_json_key', password: 'null', remedy: 'whole key file'},
    {name: 'another text as base64', username: '_json_key_base64', password: base64('canary'), remedy: 'base64 -w 0'},
    {name: 'no base64', username: '_json_key_base64', password: 'canary!', remedy: 'base64 -w 0'},
    {
      name: 'a key with decoded line breaks',
      username: '_json_key',
      password: key.replaceAll('\\n', '\n'),
      remedy: 'toJSON',
    },
    {
      name: 'a key without line breaks',
      username: '_json_key',
      password: JSON.stringify({...googleKeyFile, private_key: secret.replaceAll('\n', ' ')}),
      remedy: '\\n',
    },
    {
      name: 'a part of a key',
      username: '_json_key',
      password: JSON.stringify({...others, client_email: email}),
      remedy: 'private_key',
    },
    {
      name: 'the credentials of a user',
      username: '_json_key',
      password: '{"type": "authorized_user", "refresh_token": "canary"}',
      remedy: 'client_email',
    },
  ])('$name', ({username, password, remedy}) => {
    const found = findKeyMistake({username, password})
    expect(found?.remedy).toContain(remedy)
    expect(JSON.stringify(found)).not.toMatch(/canary|gha-creds/)
  })
})

describe('the inputs', () => {
  async function problemsOf(given: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const problems = new Problems()
    await readInputs(new Map(Object.entries(given)), problems)
    return problems.all.map(brief)
  }

  test.each([
    {name: 'a single login', given: {username: '_json_key', password: 'canary'}, expected: ['password']},
    {
      name: 'an item',
      given: {
        'registry-auth': `- registry: r.example\n  username: me\n  password: canary\n- registry: gcr.io\n  username: _json_key\n  password: ${file}\n`,
      },
      expected: ['registry-auth 4'],
    },
    {name: 'an empty password, as on a fork', given: {username: '_json_key', password: ''}, expected: []},
    {name: 'another user', given: {username: 'me', password: file}, expected: []},
  ])('$name', async ({given, expected}) => {
    expect(await problemsOf({registry: 'registry-auth' in given ? '' : 'gcr.io', ...given})).toEqual(expected)
  })
})
