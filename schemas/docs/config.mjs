import { pageOf } from "./page.mjs";

const intro = `# The config, key by key

Made from \`schemas/config.schema.json\` by \`node schemas/docs.mjs\`. It is \`rollcall.config.yaml\` in the current folder, or the file that \`--config\`
or \`ROLLCALL_CONFIG\` names. A first line \`# yaml-language-server: $schema=…/schemas/config.schema.json\` makes editors complete and check it as
Rollcall does: which keys a service has depends on its \`kind\`.

The config is trusted: it says where requests go and what they carry. A plan can name a service of it, and nothing else. Credentials
themselves never stand in it. They come from the environment, a file or a command, and no message repeats what is written here.

\`\`\`yaml
rollcall: 1
services:
  media:
    kind: jsonrpc
    url: https://media.example/jsonrpc
    secrets:
      user: { env: MEDIA_USER }
      password: { file: media.password }
    credentials:
      - { in: header, name: X-Session, value: "\${{ session.id }}" }
    session:
      login:
        - call: session.open
          params: { user: "\${{ secrets.user }}", password: "\${{ secrets.password }}" }
          require: result.ok == true
          save: { id: id }
      logout: { call: session.close }
    errors:
      - { when: http.status == 429, class: throttle }
      - { when: error.code == -32001, class: auth }
    methods:
      shelf.list: { kind: enumerate }
      shelf.move: { kind: change, repeat: set }
\`\`\`

**Templates.** Values that requests carry, \`credentials\` and the \`params\` of session steps, may hold \`\${{ expression }}\` over \`secrets\` (those that
are declared) and \`session\` (what steps and answers have saved by then). One expression alone keeps its type, inside text it becomes text,
and \`$\${{\` is a literal. \`base64(text)\` is among the functions, as in
\`"Basic \${{ base64(secrets.user + ":" + secrets.password) }}"\`. A credential that uses a session value is left out of requests until it has been saved.

**Conditions** are CEL, written bare. Each says which of these names it knows: \`http.status\`, the status of the answer; \`error\` and \`result\`, what stands at
the paths that \`envelope\` names, null where there is nothing; \`body\`, the whole answer as JSON, null where it is none; \`session\`, where what has not
been saved is null. A condition over an answer that can not be evaluated on it does not hold: \`error.code == 5\` where the error is a text. Values of
two kinds can not be compared: for a result that is a text or false, \`require\` is \`string(result) != "false"\`.

**Paths** lead to one value: \`.\` is the whole, \`a.b\` a member, \`a[0]\` an element. What is not there is null. Those of \`envelope\` and \`errors\`, and
\`body:\` of a refresh, begin at the whole answer; those of \`save\` in a login step begin at its result.

**Approvals** are told of in [their own page](approval.md), and so are [webhooks](notifications.md), which \`notify\` lists.

**The policy** is a file of rules over every plan, which \`policy\` names. Whoever sends a plan can neither name another nor change it, as long as they
can not write the config or that file. \`rollcall schema policy\` prints its schema.

\`\`\`yaml
zone: Europe/Berlin
rules:
  no-removals:
    deny: plan.method.startsWith("Remove") && !(user in ["dora", "emil"])
    message: Only Dora and Emil remove anything.
  working-hours:
    deny: plan.destructive && (now.weekday > 5 || now.hour < 8 || now.hour >= 17)
    message: What can not be taken back is done from Monday to Friday, 8 to 17.
  one-customer:
    deny: plan.list == "EnumerateAccountStatistics" && changes.selected > 20 && largest.partner_id.percent > 50
    message: More than half of the devices belong to one customer.
\`\`\`

Each rule is CEL that is true where the change may not be made. With every preview and before the first write all of them are guards, shown as
\`policy NAME\`; one that denies, or can not be evaluated, is exit code 5, and nothing is sent. A saved change set, and a rerun, are judged anew,
by the clock of that moment, and so is whoever said yes after a long while; \`resume\` ends what was begun. A preview is judged like all else, so
that one outside the hours saves nothing. Rules that ask for \`plan\` and \`inputs\` alone are told by \`validate\` too, as a warning at their place in the policy.
Those that ask for \`plan.calls\` are asked before anything is read as well, since a call that a plan only calls a lookup may do anything. Such
a rule may ask for \`user\`, \`ci\` and \`now\` too; one that hangs on \`changes\` or \`largest\` waits for the list:
\`deny: plan.calls.exists(call, call.startsWith("Remove"))\`.

| name | what it is |
| --- | --- |
| \`plan\` | \`name\`, \`service\`, \`endpoint\`, \`list\` and \`method\` (the calls), \`calls\` (every method it may call: lists, lookups, reads, gate, change, undo), \`declared\` (the catalogue or this config knows the method), \`destructive\` (of a method that nobody has declared: what the plan says), \`repeatable\`, \`verified\` (something is read afterwards), \`sets\` (fields), \`concurrency\`, \`chunk\`. The name is whatever its author likes: go by the endpoint and the method |
| \`inputs\` | by name, without the secret ones; \`has(inputs.ticket)\` |
| \`changes\` | \`rows\` (of the list), \`matched\`, \`selected\` (to change), \`percent\` (selected of rows) |
| \`largest.FIELD\` | of the items to change, the largest group with one value of that field: \`name\`, \`items\`, \`percent\`. The field is the service's own, however the plan calls it. It is not there (\`has(largest.FIELD)\` is false) where the plan does not read the field: a rule that does not ask for that denies then. Exact for up to 10 000 different values, then rather too large |
| \`now\` | \`hour\`, \`minute\`, \`weekday\` (1 is Monday), \`date\` (\`"2026-11-27"\`), of this machine's clock in \`zone\` (UTC) |
| \`user\`, \`ci\` | who runs it, as the record has it, and whether a CI system does. On a machine of one's own a name can be chosen freely |

Paths of files are relative to the config. The functions, durations and sizes are those of [plans](plan.md).
`;

const sections = [
  ["`services.<name>` of kind jsonrpc", "jsonrpc"],
  ["`services.<name>` of another kind", "vendor"],
  ["`secrets.<name>`", "secretSource"],
  ["`envelope`", "envelope"],
  ["`credentials[]` with `in: header`", "headerCredential"],
  ["`credentials[]` with `in: body`", "bodyCredential"],
  ["`credentials[]` with `in: param`", "paramCredential"],
  ["`credentials[]` with `in: basic`", "basicCredential"],
  ["`session`", "session"],
  ["`session.login[]`", "loginStep"],
  ["`session.refresh[]`", "refresh"],
  ["`session.logout`", "logout"],
  ["`errors[]`", "error"],
  ["`methods.<name>` that reads", "readMethod"],
  ["`methods.<name>` that changes", "changeMethod"],
  ["`lag`", "lag"],
  ["`limits`", "limits"],
  ["`tls`", "tls"],
  ["`approval`", "approval"],
  ["`approval.keys.<name>`", "approvalKey"],
  ["`approval.require[]`", "approvalRule"],
  ["`notify[]`", "webhook"],
];

/** docs/config.md */
export const configPage = (schema) => pageOf(schema, { intro, sections });
