import type {BuildSession} from '../build-session.ts'

/** Requires one login for each registry that the builder itself pushes to. @throws TagboatError `logins-ambiguous` */
export async function requireOneLogin(session: BuildSession): Promise<void> {
  if ([...session.logins, ...session.minted].every(({scope}) => scope === undefined)) return
  const {requirePushLogins} = await import('./scoped-builds.ts')
  await requirePushLogins(session)
}
