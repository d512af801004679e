import {describe, expect, test} from '@jest/globals'
import {secretsInTexts} from '../../../src/inputs/address-secrets.ts'

describe('secrets in inputs that are not meant for one', () => {
  test.each([
    ...[
      'context',
      'file',
      'endpoint',
      'build-contexts',
      'mirrors',
      'append',
      'driver-opts',
      'build-args',
      'outputs',
    ].map((input) => ({name: `an address in ${input}`, inputs: {[input]: 'x=https://u:canary@host'}, variables: {}})),
    ...['HTTPS_PROXY', 'http_proxy', 'ALL_PROXY', 'DOCKER_HOST'].map((name) => ({
      name: `the variable ${name}`,
      inputs: {},
      variables: {[name]: 'http://u:canary@proxy:3128'},
    })),
    {
      name: 'a key of a cache',
      inputs: {'cache-to': 'type=s3,bucket=b,access_key_id=id,secret_access_key=canary,mode=max'},
      variables: {},
    },
    {name: 'a token of a cache', inputs: {'cache-from': 'type=gha,"token=canary"'}, variables: {}},
  ])('$name', ({inputs, variables}) => {
    expect(secretsInTexts(new Map(Object.entries(inputs)), variables)).toEqual(['canary'])
  })

  test.each([
    {name: 'a variable name', inputs: {'secret-envs': 'token=NPM_TOKEN'}, variables: {}},
    {name: 'a build argument', inputs: {'build-args': 'USE_TOKEN=true'}, variables: {}},
    {name: 'another variable', inputs: {}, variables: {OTHER: 'https://u:canary@host'}},
    {name: 'a proxy without a password', inputs: {}, variables: {http_proxy: 'http://proxy:3128'}},
  ])('nothing: $name', ({inputs, variables}) => {
    expect(secretsInTexts(new Map(Object.entries(inputs)), variables)).toEqual([])
  })
})
