import {describe, expect, test} from '@jest/globals'
import {openBox} from '../../../../src/signing/keys/secretbox.ts'

/** Example of NaCl: tests/secretbox.c of nacl-20110221. */
const key = Buffer.from('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389', 'hex')
const nonce = Buffer.from('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37', 'hex')
const plain =
  'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f4' +
  '1db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52' +
  'f0a089bc76897040e082f937763848645e0705'
const box = Buffer.from(
  'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b' +
    '4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da' +
    '99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
  'hex',
)

function open(opened: Uint8Array, withNonce: Uint8Array = nonce, withKey: Uint8Array = key): string | undefined {
  const content = openBox(opened, withNonce, withKey)
  return content && Buffer.from(content).toString('hex')
}

function changed(bytes: Buffer, index: number): Buffer {
  return Buffer.from(bytes.map((byte, at) => (at === index ? byte ^ 1 : byte)))
}

describe('openBox', () => {
  test('opens the example of NaCl', () => {
    expect(open(box)).toBe(plain)
  })

  test.each([0, 15, 16, 100, box.length - 1])('refuses a box with another byte at %d', (index) => {
    expect(open(changed(box, index))).toBeUndefined()
  })

  test('refuses another key, another nonce and what is too short', () => {
    expect(open(box, nonce, changed(key, 31))).toBeUndefined()
    expect(open(box, changed(nonce, 0))).toBeUndefined()
    expect(open(box, changed(nonce, 23))).toBeUndefined()
    expect(open(box.subarray(0, 15))).toBeUndefined()
    expect(open(box.subarray(0, 16))).toBeUndefined()
  })
})
