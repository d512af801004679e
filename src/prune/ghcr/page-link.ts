/**
 * Number of a page in a `Link` header of GitHub
 * (https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api); undefined without such a link.
 */
export function pageIn(link: string | undefined, relation: 'next' | 'last'): number | undefined {
  const target = new RegExp(`<([^<>]*)>; rel="${relation}"`).exec(link ?? '')?.[1]
  const page = target !== undefined && URL.canParse(target) ? new URL(target).searchParams.get('page') : null
  return page !== null && /^[1-9]\d{0,6}$/.test(page) ? Number(page) : undefined
}
