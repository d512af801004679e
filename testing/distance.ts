import {createConnection, createServer, type AddressInfo, type Socket} from 'node:net'

/** Sees what comes in at one of the doors, before its way. */
export type Watch = (piece: {
  readonly connection: number
  readonly from: 'client' | 'server'
  readonly bytes: Buffer
}) => void

/** A registry's door on loopback that lies a round trip away from it. */
export interface Distance extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as image references begin. */
  readonly host: string
}

/**
 * Puts `target`, a registry's `host`, as far away as a round trip of so many milliseconds: every byte comes half of that
 * later, and the first one of a connection waits besides for the round trip in which TCP makes one. Nothing is limited but
 * time: as many bytes as wanted are on their way at once.
 */
export async function startDistance(target: string, roundTripMs: number, watch?: Watch): Promise<Distance> {
  const {hostname, port} = new URL(`http://${target}`)
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({allowHalfOpen: true, noDelay: true}, (near) => {
    const far = createConnection({host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true})
    const connection = (connections += 1)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    }
    const half = roundTripMs / 2
    pass(near, far, {firstMs: roundTripMs + half, delayMs: half}, (bytes) =>
      watch?.({connection, from: 'client', bytes}),
    )
    pass(far, near, {firstMs: half, delayMs: half}, (bytes) => watch?.({connection, from: 'server', bytes}))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

interface Delays {
  /** From the beginning of the connection until its first byte may arrive. */
  readonly firstMs: number
  readonly delayMs: number
}

/** How exact timers are. */
const timerMs = 0.5

/** One direction. What came first arrives first: nothing is given away before its time, nor before its turn. */
function pass(from: Socket, to: Socket, {firstMs, delayMs}: Delays, seen: (bytes: Buffer) => void): void {
  const earliest = performance.now() + firstMs
  const queue: {readonly due: number; readonly work: () => void}[] = []
  const later = (work: () => void): void => {
    queue.push({due: Math.max(performance.now() + delayMs, earliest), work})
    if (queue.length === 1) wait()
  }
  const wait = (): void => {
    const [next] = queue
    if (next !== undefined) setTimeout(arrive, Math.max(0, next.due - performance.now()))
  }
  const arrive = (): void => {
    while (queue[0] !== undefined && queue[0].due <= performance.now() + timerMs) queue.shift()?.work()
    wait()
  }
  from.on('data', (bytes) => {
    seen(bytes)
    later(() => to.write(bytes))
  })
  from.once('end', () => {
    later(() => to.end())
  })
  // What broke on one side is broken on the other.
  from.once('error', () => {
    later(() => to.destroy())
  })
  from.once('close', (hadError) => {
    if (hadError || !from.readableEnded) later(() => to.destroy())
  })
}
