import {expect, test} from '@jest/globals'
import {currentContext, engineOptions} from '../../../src/builder/docker-context.ts'

test.each([
  {name: 'nothing is set', env: {}, configured: undefined, expected: 'default'},
  {name: 'empty is unset', env: {DOCKER_HOST: '', DOCKER_CONTEXT: ''}, configured: '', expected: 'default'},
  {name: 'the configuration', env: {}, configured: 'colima', expected: 'colima'},
  {name: 'no text in it', env: {}, configured: 1, expected: 'default'},
  {name: 'the environment first', env: {DOCKER_CONTEXT: 'rootless'}, configured: 'colima', expected: 'rootless'},
  {
    name: 'an address before all',
    env: {DOCKER_HOST: 'tcp://docker:2376', DOCKER_CONTEXT: 'rootless'},
    configured: 'colima',
    expected: 'default',
  },
])('the current context: $name', ({env, configured, expected}) => {
  expect(currentContext(env, configured)).toBe(expected)
})

test.each([
  {endpoint: 'default', current: 'default', expected: []},
  {endpoint: 'colima', current: 'colima', expected: []},
  {endpoint: '', current: 'default', expected: []},
  {endpoint: 'unix:///var/run/docker.sock', current: 'default', expected: []},
  {endpoint: 'tcp://docker:2376', current: 'default', host: 'tcp://docker:2376', expected: []},
  {endpoint: 'default', current: 'colima', expected: ['--context', 'default']},
  {endpoint: 'colima', current: 'default', expected: ['--context', 'colima']},
  {endpoint: 'ssh://me@b.example', current: 'default', expected: ['--host', 'ssh://me@b.example']},
  {
    endpoint: 'unix:///var/run/docker.sock',
    current: 'colima',
    expected: ['--host', 'unix:///var/run/docker.sock'],
  },
  {
    endpoint: 'unix:///var/run/docker.sock',
    current: 'default',
    host: 'tcp://docker:2375',
    expected: ['--host', 'unix:///var/run/docker.sock'],
  },
])('$endpoint, where the CLI is at $current $host: $expected', ({endpoint, current, host, expected}) => {
  expect(engineOptions(endpoint, current, host === undefined ? {} : {DOCKER_HOST: host})).toEqual(expected)
})
