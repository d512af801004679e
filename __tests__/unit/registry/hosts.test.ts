import {describe, expect, test} from '@jest/globals'
import {apiHost, isLoopbackHost} from '../../../src/registry/hosts.ts'

describe('hosts', () => {
  test.each([
    {given: 'docker.io', expected: 'registry-1.docker.io'},
    {given: 'ghcr.io', expected: 'ghcr.io'},
  ])('$given answers at $expected', ({given, expected}) => {
    expect(apiHost(given)).toBe(expected)
  })

  test.each([
    {given: 'localhost:5000', expected: true},
    {given: '[::1]:5000', expected: true},
    {given: '127.0.0.1', expected: true},
    {given: 'localhost.example', expected: false},
    {given: '[::', expected: false},
  ])('$given is this machine: $expected', ({given, expected}) => {
    expect(isLoopbackHost(given)).toBe(expected)
  })
})
