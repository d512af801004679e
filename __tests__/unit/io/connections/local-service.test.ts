import {expect, test} from '@jest/globals'
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {connect} from 'node:net'
import {serveLocally} from '../../../../src/io/connections/local-service.ts'

test('a socket whose rights cannot be set is closed', async () => {
  // On Linux, this is a socket without a file. Other systems refuse it.
  const address = `\0tagboat-${randomUUID()}`
  await expect(serveLocally(address, async (request) => Promise.resolve(request))).rejects.toThrow()
  const socket = connect(address)
  await expect(once(socket, 'connect')).rejects.toThrow()
})
