/**
 * Reports whether a host is Amazon ECR, private or public:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
 */
export function isEcr(host: string): boolean {
  return privateHost.test(host) || host === 'public.ecr.aws' || host === 'ecr-public.aws.com'
}

/** Hosts of an account, by partition: standard and FIPS names, dual-stack names, sovereign and isolated regions. */
const privateHost =
  /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws|on\.amazonwebservices\.(?:com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/
