import type {Request, Response} from './messages.ts'
import {answerPlan} from './plan.ts'

/** Shortest time between two signs of life, in milliseconds. They stop while one step takes long. */
const pulseMs = 400

function reply(response: Response): void {
  postMessage(response)
}

let lastPulse = 0

function pulse(): void {
  const now = performance.now()
  if (now - lastPulse < pulseMs) return
  lastPulse = now
  reply({kind: 'alive'})
}

async function answer(request: Request): Promise<Response> {
  if (request.kind === 'plan') return answerPlan(request, pulse)
  const {answerConversion} = await import('./conversion.ts')
  return answerConversion(request)
}

addEventListener('message', ({data}: MessageEvent<Request>) => {
  lastPulse = performance.now()
  reply({kind: 'alive'})
  // What waits, such as for a part of the program to load, has no steps.
  const timer = setInterval(pulse, pulseMs)
  void answer(data).then(
    (response) => {
      clearInterval(timer)
      reply(response)
    },
    (error: unknown) => {
      clearInterval(timer)
      reply({kind: 'broken', message: error instanceof Error ? error.message : String(error)})
    },
  )
})
