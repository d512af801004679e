import type {Request, Response} from './messages.ts'
import {answerPlan} from './plan.ts'

/** Time between two signs of life, in milliseconds. They stop while the worker is busy. */
const pulseMs = 400

function reply(response: Response): void {
  postMessage(response)
}

async function answer(request: Request): Promise<Response> {
  if (request.kind === 'plan') return answerPlan(request)
  const {answerConversion} = await import('./conversion.ts')
  return answerConversion(request)
}

addEventListener('message', ({data}: MessageEvent<Request>) => {
  reply({kind: 'alive'})
  const pulse = setInterval(() => {
    reply({kind: 'alive'})
  }, pulseMs)
  void answer(data).then(
    (response) => {
      clearInterval(pulse)
      reply(response)
    },
    (error: unknown) => {
      clearInterval(pulse)
      reply({kind: 'broken', message: error instanceof Error ? error.message : String(error)})
    },
  )
})
