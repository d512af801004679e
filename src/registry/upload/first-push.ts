import type {PushAccess, RepositoryClient} from '../repository-client.ts'

/**
 * Asks the registries that are not asked earlier, right before the first push: they create the repository. Returns when
 * all accept it; the uploads may not be cancelled yet.
 * @throws TagboatError with the refusal, when all uploads are cancelled.
 */
export async function requireFirstPush(clients: readonly RepositoryClient[]): Promise<Pick<PushAccess, 'cancelled'>> {
  const answers = await Promise.allSettled(clients.map(async (client) => client.checkPush('before-push', [])))
  const accepted = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  const cancelled = Promise.all(accepted.map(async (one) => one.cancelled)).then(() => undefined)
  const refusal = answers.find(({status}) => status === 'rejected')
  if (refusal?.status !== 'rejected') return {cancelled}
  await cancelled
  throw refusal.reason
}
