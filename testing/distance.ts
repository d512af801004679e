import {createConnection, createServer, type AddressInfo, type Socket} from 'node:net'

/** Observer of the bytes that arrive at the proxy, before their delay. */
export type Watch = (piece: {
  readonly connection: number
  readonly from: 'client' | 'server'
  readonly bytes: Buffer
}) => void

/** Proxy of a server on a loopback address that adds latency. */
export interface Distance extends AsyncDisposable {
  /** Registry part of image references: `127.0.0.1:PORT`. */
  readonly host: string
}

/**
 * Starts a proxy to a `host` with the latency of a round trip. Every byte arrives half a round trip later. The first byte of
 * a connection also waits for the round trip of the TCP handshake. The bandwidth is not limited.
 */
export async function startDistance(
  target: string,
  roundTripMs: number,
  {watch, timer = realTimer}: {readonly watch?: Watch; readonly timer?: DelayTimer} = {},
): Promise<Distance> {
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
    pass(near, far, {firstMs: roundTripMs + half, delayMs: half, timer}, (bytes) =>
      watch?.({connection, from: 'client', bytes}),
    )
    pass(far, near, {firstMs: half, delayMs: half, timer}, (bytes) => watch?.({connection, from: 'server', bytes}))
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

/** Clock of the delays, in milliseconds. */
export interface DelayTimer {
  now(): number
  schedule(work: () => void, ms: number): void
}

const realTimer: DelayTimer = {
  now: () => performance.now(),
  schedule: (work, ms) => {
    setTimeout(work, ms)
  },
}

interface Delays {
  /** Time from the start of the connection until its first byte may arrive. */
  readonly firstMs: number
  readonly delayMs: number
  readonly timer: DelayTimer
}

/** Precision of timers. */
const timerMs = 0.5

/** Passes on the bytes of one direction, in order, after their delay. */
function pass(from: Socket, to: Socket, {firstMs, delayMs, timer}: Delays, seen: (bytes: Buffer) => void): void {
  const earliest = timer.now() + firstMs
  const queue: {readonly due: number; readonly work: () => void}[] = []
  const later = (work: () => void): void => {
    queue.push({due: Math.max(timer.now() + delayMs, earliest), work})
    if (queue.length === 1) wait()
  }
  const wait = (): void => {
    const [next] = queue
    if (next !== undefined) timer.schedule(arrive, Math.max(0, next.due - timer.now()))
  }
  const arrive = (): void => {
    while (queue[0] !== undefined && queue[0].due <= timer.now() + timerMs) queue.shift()?.work()
    wait()
  }
  from.on('data', (bytes) => {
    seen(bytes)
    later(() => to.write(bytes))
  })
  from.once('end', () => {
    later(() => to.end())
  })
  // A connection that fails on one side is destroyed on the other.
  from.once('error', () => {
    later(() => to.destroy())
  })
  from.once('close', (hadError) => {
    if (hadError || !from.readableEnded) later(() => to.destroy())
  })
}
