import {describe, expect, test} from '@jest/globals'
import {proxyRules} from '../../../../src/io/connections/proxy.ts'

describe('proxyRules', () => {
  test.each([
    {name: 'none', given: {}, expected: {}},
    {name: 'both cases', given: {HTTP_PROXY: 'http://a', http_proxy: 'http://b'}, expected: {HTTP_PROXY: 'http://b'}},
    {name: 'no scheme', given: {https_proxy: 'a:3128'}, expected: {HTTPS_PROXY: 'http://a:3128'}},
    {name: 'no address', given: {HTTPS_PROXY: 'http://a b'}, expected: {}},
    {name: 'what is exempt is not for Node to say', given: {NO_PROXY: 'a'}, expected: {}},
  ])('names proxies as Node has it: $name', ({given, expected}) => {
    expect(proxyRules(given).variables).toEqual(expected)
  })

  test.each([
    {list: '', url: 'https://registry.corp.invalid', expected: false},
    {list: '', url: 'https://localhost:5000', expected: true},
    {list: '', url: 'https://127.8.9.10', expected: true},
    {list: '', url: 'http://[::1]:5000', expected: true},
    {list: 'in.house', url: 'http://localhost', expected: true},
    {list: '*', url: 'https://registry.corp.invalid', expected: true},
    {list: 'a, * ,b', url: 'https://registry.corp.invalid', expected: true},
    {list: 'corp.invalid', url: 'https://registry.corp.invalid', expected: true},
    {list: 'corp.invalid', url: 'https://corp.invalid', expected: true},
    {list: ' Corp.Invalid ', url: 'https://registry.corp.invalid', expected: true},
    {list: 'corp.invalid', url: 'https://mycorp.invalid', expected: false},
    {list: 'corp.invalid', url: 'https://corp.invalid.example', expected: false},
    {list: '.corp.invalid', url: 'https://registry.corp.invalid', expected: true},
    {list: '.corp.invalid', url: 'https://corp.invalid', expected: false},
    {list: '*.corp.invalid', url: 'https://a.b.corp.invalid', expected: true},
    {list: '*.corp.invalid', url: 'https://corp.invalid', expected: false},
    {list: 'corp.invalid:5000', url: 'https://registry.corp.invalid:5000', expected: true},
    {list: 'corp.invalid:5000', url: 'https://registry.corp.invalid', expected: false},
    {list: 'corp.invalid:443', url: 'https://registry.corp.invalid', expected: true},
    {list: 'corp.invalid:80', url: 'http://registry.corp.invalid', expected: true},
    {list: '10.1.2.3', url: 'http://10.1.2.3:5000', expected: true},
    {list: '10.1.2.3', url: 'http://10.1.2.30', expected: false},
    {list: '10.1.2.3:5000', url: 'http://10.1.2.3:5000', expected: true},
    {list: '10.1.2.3:5000', url: 'http://10.1.2.3', expected: false},
    {list: '10.0.0.0/8', url: 'http://10.255.255.1', expected: true},
    {list: '10.0.0.0/8', url: 'http://11.0.0.1', expected: false},
    {list: '10.0.0.0/33', url: 'http://10.0.0.0', expected: false},
    {list: 'corp.invalid/8', url: 'http://corp.invalid', expected: false},
    {list: 'fd00::/8', url: 'http://[fd00::1]', expected: true},
    {list: 'fd00::/8', url: 'http://[fe80::1]', expected: false},
    {list: 'fd00::/8', url: 'http://10.0.0.1', expected: false},
    {list: 'fd00:0::1', url: 'http://[fd00::1]', expected: true},
    {list: '[fd00::1]:5000', url: 'http://[fd00::1]:5000', expected: true},
    {list: '[fd00::1]:5000', url: 'http://[fd00::1]', expected: false},
    {list: ',', url: 'https://registry.corp.invalid', expected: false},
  ])('NO_PROXY=$list leaves $url without a proxy: $expected', ({list, url, expected}) => {
    expect(proxyRules({NO_PROXY: list}).isExempt(new URL(url))).toBe(expected)
  })
})
