/** Remedy for every login to Amazon ECR. */
export const ecrRemedy =
  'Remove the login to Amazon ECR here: Tagboat requests the password itself, with `aws-role` or with the variables of aws-actions/configure-aws-credentials.'
