/**
 * Reports whether a host is Amazon ECR, private or public:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
 */
export function isEcr(host: string): boolean {
  return privateHost.test(host) || host === 'public.ecr.aws' || host === 'ecr-public.aws.com'
}

const privateHost =
  /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws|on\.amazonwebservices\.(?:com\.cn|eu))$/
