const texts = {
  tagboat: `Usage: tagboat COMMAND

Commands:
  plan [FILE]…      Show which tags a workflow, a step or its inputs give, and why
  migrate [PATH]…   Convert workflows of the Docker actions

\`tagboat COMMAND --help\` lists the options of a command. \`tagboat --version\` prints the version.
`,
  plan: `Usage: tagboat plan [FILE]… [OPTIONS]

Shows what a run would do for an event: the tags with their rules, what is skipped, and whether it pushes. It uses the code
that runs, and changes nothing. FILE is a workflow, a job, steps, a step, or the inputs of a step; \`-\` is standard input.
Default: the workflows in .github/workflows that use Tagboat.

Event (default: a push of the checked-out branch):
  --event NAME           Event, such as push or pull_request, or one of:
                         default-branch, branch, version, pre-release, pull-request, fork,
                         schedule, dispatch, release, merge-queue, closed. May be repeated.
                         workflow_call is a call by another workflow, for a push.
  --all-events           All events of that list
  --called               Another workflow, which has the event, calls this one
  --ref REF              Ref, such as refs/tags/v1.2.3, or the name of a branch or tag
  --sha COMMIT           Commit
  --payload FILE         Payload of an event, as GitHub sends it, with --event
  --default-branch NAME  Default branch
  --repository NAME      Repository, as owner/name

Values that only GitHub knows:
  --var NAME=VALUE       Configuration variable (vars)
  --input NAME=VALUE     Input of a manual run (inputs)
  --env NAME=VALUE       Variable of the environment
  --value NAME=VALUE     Any of them, or another value: steps.ID.outputs.NAME,
                         needs.JOB.outputs.NAME, needs.JOB.result, secrets.NAME

Registries:
  --registry-tags FILE   Tags that the registries hold, one per line: \`latest 1.2.2 860c190 2026-01-31\`,
                         or JSON of a registry, skopeo or gh
  --registry             Read the registries, with the logins of Docker

Output:
  --step NAME            Only steps with this ID, name, job, or number in the job, from 1
  --labels               Also show the labels
  --json                 JSON, by docs/plan-command.schema.json
  --help                 This text

Exit codes: 0 success; 1 a run would fail; 2 the command line or a file is not valid.
`,
  migrate: `Usage: tagboat migrate [PATH]… [OPTIONS]

Converts workflows of the Docker actions to Tagboat, and reports what stays as it was. PATH is a workflow or a folder of
workflows (default: .github/workflows), and \`-\` is standard input. Without an option, one converted workflow is printed.

Options:
  --write          Write the converted workflows in place
  --diff           Print the changes as a diff
  --check          Fail if a workflow can be converted
  --json           Print a report as JSON, by docs/migrate-command.schema.json
  --tags           Also report the tags for the usual events
  --action NAME    Reference of the action (default: tagboat/tagboat@v1)
  --help           This text

Exit codes: 0 success; 1 something is left to do; 2 the command line is not valid.
`,
} as const

/** Help text of a command. */
export function help(topic: keyof typeof texts): string {
  return texts[topic]
}
