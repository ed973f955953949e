# The messages of sophos-ct in English. The code uses them by id, with `t!`; `build.rs` lets the compiler find ids that are missing or unused.

label-error = error:
label-hint = hint:
label-request-id = request id: { $id }
label-cause = { "  " }caused by: { $cause }
hint-run-again = Everything done so far is recorded in Central: run the same command again to continue.
interrupted = Stopped.
interrupted-hint = Nothing is lost: run `sophos-ct setup { $name }{ $flags }` to continue, or `sophos-ct remove { $name }` to remove what is there.
declined = Declined: nothing was changed.

## Command line
usage-label = Usage:
usage-help = For more information, try '{ $flag }'.
usage-tip = tip: { $tip }
usage-unknown-argument = unexpected argument '{ $argument }' found
usage-unknown-command = unrecognized subcommand '{ $command }'
usage-invalid-value = invalid value '{ $value }' for '{ $argument }'
usage-value-missing = a value is required for '{ $argument }' but none was supplied
usage-no-value = unexpected value '{ $value }' for '{ $argument }' found; no more were expected
usage-possible = { "[" }possible values: { $values }]
usage-required = the following required arguments were not provided:
usage-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
usage-conflict-several = the argument '{ $argument }' cannot be used with:
usage-twice = the argument '{ $argument }' cannot be used multiple times
usage-as-value = to pass '{ $argument }' as a value, use '-- { $argument }'
usage-exists = { $what } exists
usage-similar-command = { $count ->
    [one] a similar subcommand exists: { $names }
   *[other] some similar subcommands exist: { $names }
}
usage-similar-argument = { $count ->
    [one] a similar argument exists: { $names }
   *[other] some similar arguments exist: { $names }
}
usage-similar-value = { $count ->
    [one] a similar value exists: { $names }
   *[other] some similar values exist: { $names }
}

## Questions
ask-name = Name of the connection
ask-organization = Does this connection cover an AWS organization?
ask-resources = Create new resources, or use existing ones?
ask-defaults = Use these names?
ask-trail = Which trail?
ask-trail-recommended = Which trail? If it already notifies a topic, none of your resources is changed.
ask-which-bucket = Name of the bucket
choice-bucket-alone = A bucket in this account whose trail is elsewhere (a Control Tower log archive, another account's trail)
ask-notify = The trail does not notify a topic that the function can subscribe to. What may setup change?
ask-notify-bucket = May setup add a notification to the bucket? Existing notifications stay.
choice-notify-trail = The trail: it gets a topic to notify
choice-notify-eventbridge = EventBridge: it is turned on for the bucket, with a rule that invokes the function; existing notifications stay
choice-notify-bucket = The bucket: a notification is added to it; existing notifications stay
trail-without-topic = no topic
trail-with-topic = topic { $topic }
trail-encrypted = encrypted with { $key }
trail-no-management = logs no management events
trail-one-region = logs only region { $region }
trail-organization = organization
ask-cost = Create the trail and accept the cost?
ask-apply = Apply this plan?
ask-remove = Remove this connection?
ask-central-only = End the connection in Central and leave the AWS resources where they are?
ask-bucket = Type the bucket's name, { $bucket }, to delete it with all log files
ask-secret = Sophos Central client secret
ask-tenant = Which tenant?
ask-yes-or-no = Please answer y or n.
ask-number = Number
ask-number-range = Please type a number from 1 to { $count }.
ask-nobody = No question can be asked: there is no terminal, or `--no-input` was given.
ask-ended = The input ended before the question was answered.
ask-broken = The terminal cannot be read: { $cause }
step = Step { $number } of 3: { $title }
hint-esc = { "  " }Esc goes back to the question before.
hint-back = { "  " }Type < to go back to the question before.
ask-accounts = Which accounts of the organization?
choice-accounts-all = All, including those that join later
choice-accounts-some = Only those that I choose; those that join later are added with `sophos-ct accounts <connection> --add`
ask-which-accounts = Accounts to collect
ask-account-ids = Account ids, separated by commas, or @file
accounts-denied = The organization's accounts cannot be listed: access denied ({ $action } is missing). Type their ids instead.
ask-several-ticked = { $count ->
    [one] 1 ticked
   *[other] { $count } ticked
 }
ask-several-how = { $question } (type to search, Space ticks, Enter goes on)
ask-several-none = Tick at least one.
ask-search-how = { $question } (type to search)
ask-search-none = Nothing fits what you typed.
rows-more = … { $count } more
ask-empty = Please type something.
answer-yes = yes
answer-no = no
ask-numbers = Numbers, separated by commas
step-organization = AWS Organizations
step-resources = Resources
step-details = AWS details
answered-flags = { "  " }Answered by flags: { $answers }
answered-environment = { "  " }Answered by the environment: { $answers }
answered-file = { "  " }Answered by the answers file: { $answers }
answered-saved = { "  " }Answered by saved settings: { $answers }
choice-new = New resources: a separate trail, bucket, topic and function
choice-existing = Existing resources: a trail or bucket that already exists
answer-org-id = Id of the organization (o-…)
answer-management-account = Management account of the organization
answer-bucket = Bucket
answer-prefix = Prefix
answer-trail = Trail
answer-topic = Topic
answer-function = Function
answer-role = Role
answer-none = (none)
answer-hidden = (not shown)
trail-found = { "  " }This trail already logs management events: { $trail }
trails-found = { "  " }These trails already log management events:
new-costs = { "  " }A new trail is then billed at USD 2.00 per 100,000 management events; existing resources avoid that.
confirm-yes = Yes, apply it
confirm-no = No, change nothing
confirm-change = Change an answer
confirm-save = Save the answers and quit
ask-change = Which answer do you want to change?
change-none = None of them
ask-file = File for the answers
ask-file-empty = A file needs a name.
ask-overwrite = { $file } is there already. Overwrite it?
file-unwritable = { $file } cannot be written: { $cause }
saved-answers = The answers are saved in { $file }. Go on with:
confirm-explain = Explain the steps
confirm-remove-yes = Yes, remove it
confirm-documents = Documents before and after
confirm-changes = Documents and settings before and after
confirm-missing = The plan is applied only with `--yes`, or after a confirmation on a terminal.

## Sign-in
sign-in-aws = In CloudShell you are signed in already. Elsewhere, choose a profile here, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and run this again; after `aws login`, `eval "$(aws configure export-credentials --format env)"` sets them.
sign-in-aws-no-profiles = In CloudShell you are signed in already. This machine has no AWS profile yet: `aws configure sso` makes one for IAM Identity Center, and `aws configure` one for an access key. Or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; after `aws login`, `eval "$(aws configure export-credentials --format env)"` sets them. Then run this again.
ask-aws = How do you sign in to AWS?
ask-region = AWS region
profile-sso = IAM Identity Center
profile-sso-hint = `aws sso login --profile { $profile }` signs in, in another terminal
profile-login = aws login
profile-role = role
profile-role-code = role, with a code
profile-process = program
profile-keys = access key
profile-none = nothing
profile-export-hint = This cannot be used from here: stop, run `eval "$(aws configure export-credentials --profile { $profile } --format env)"`, then run this again
sign-in-central = Sophos Central needs an API credential. A Super Admin makes one in Sophos Central, under `My Products > General Settings > API Credentials Management`, with the role `Service Principal Super Admin`. The secret is shown there only once.
ask-central = How do you sign in to Sophos Central?
ask-client-id = Sophos Central client id
choice-credential = With an API credential: type its client id and secret
choice-sandbox = Try it in the sandbox first, without AWS and Sophos
choice-stop = Stop here
sign-in-keep = { "  " }The secret is not written anywhere. For the next time, set SOPHOS_CENTRAL_CLIENT_ID and SOPHOS_CENTRAL_CLIENT_SECRET, or pass `--client-secret-file`.

## First screen
greeting = CloudTrail logs to Sophos Central
greeting-aws = { "  " }AWS account { $account }{ $alias }, region { $region } (from { $origin })
greeting-caller = { "  " }Caller { $arn }
greeting-tenant = { "  " }Sophos tenant { $tenant }, region { $region }
caller-root = The caller is the account's root user. Use a role or user with administrator rights instead.
nothing-written = { "  " }Nothing is written until you say yes.
not-official = Not an official Sophos product. Sign-in, tenants and licences use Sophos's published API; connections and log ingest follow an assumed contract that Sophos does not publish.

## Plan
plan-scope = AWS { $account } · { $region } · { $accounts }
scope-organization = organization { $id }, every account
path-new = new { $kind }
path-ours = our { $kind }
path-yours = your { $kind }
path-to = { " to " }
group-new = New, ours (`remove` takes it back)
group-ours-changed = Ours, changed
group-yours-changed = Yours, changed
group-yours-restored = Yours, put back
group-yours-used = Yours, only read
group-deleted = Deleted
group-kept = Kept
count-create = { $number } to create
count-change = { $number } to change
count-delete = { $number } to delete
count-used = { $number } used
count-kept = { $number } kept
counts-between = { ", " }
plan-counts = { $counts }.
plan-counts-none = Nothing to create, change or delete.
plan-heading = Plan for { $name }
plan-kept = { $count ->
    [one] { "  " }1 part stays as it is
   *[other] { "  " }{ $count } parts stay as they are
}
plan-events = CloudTrail will record: { $events }
flow-organization = Logs of { $accounts } in AWS organization { $id } (management account { $management }) go to Sophos tenant { $tenant }, region { $region }. { $later }
flow-accounts-all = every account
flow-accounts = { $count ->
    [one] 1 account
   *[other] { $count } accounts
 }
flow-later-all = Accounts that join later are collected too.
flow-later-none = Accounts that join later are not collected.
flow-bucket = Logs of every account of organization { $id } go to Sophos tenant { $tenant }, region { $region }.
flow = Logs of AWS account { $account } go to Sophos tenant { $tenant }, region { $region }.
equivalent = The same without questions:
nothing-to-do = Nothing to do: everything is as planned.
changes-pending = There is something to do.
cost = An additional copy of management events is billed at USD 2.00 per 100,000 events: { $estimate } These events are already logged by { $trails }.
cost-estimate = at the current rate, { $region } has about { $events } events a month, which cost USD { $usd }; other regions add to this.
cost-unknown = about USD 20 a month for an account with a million events a month.
cost-hint = Pass `--accept-cost` to create the trail anyway.
note-kept-bucket-expiry = Bucket { $bucket } was not created by this connection, so its own expiry of log files is kept.
note-newer-forwarder = The function runs the newer version { $version }: its code stays, with its runtime and the variables that this version does not know.
verb-create = create
verb-modify = modify
verb-use = use
verb-delete = delete
verb-restore = restore
verb-keep = keep
kind-trail = trail
kind-bucket = bucket
kind-topic = topic
kind-subscription = subscription
kind-function = function
kind-role = role
kind-rolePolicy = role policy
kind-logGroup = log group
kind-bucketPolicyStatement = bucket policy
kind-bucketNotification = bucket notification
kind-topicPolicyStatement = topic policy
kind-trailTopic = topic of the trail
kind-functionPermission = function permission
kind-lifecycle = expiry
kind-eventRule = event rule
kind-trustedAccess = trusted access
kind-serviceLinkedRole = service-linked role
why-trailTopic = Notifies our topic of each new log file. The trail had no topic, and nothing else about it changes.
why-events-on = Sends the bucket's events to EventBridge, where our rule waits for them. Existing notifications stay.
why-permission-rule = Lets this rule invoke the function, which Lambda would refuse otherwise.
why-trail-organization = Records the management events of every account of the organization, in all regions, and starts logging. Without a trail there are no log files.
why-bucketNotification = Notifies our topic of each new log file. Existing notifications stay.
why-trustedAccess = Lets CloudTrail create a trail in every account of the organization. It stays when the connection is removed.
why-serviceLinkedRole = Lets CloudTrail read which accounts the organization has. It stays when the connection is removed.
why-eventRule = Invokes the function for each new log file of the bucket, so that no notification of the bucket is needed.
why-trail = Records the account's management events in all regions and starts logging. Without a trail there are no log files.
why-bucket = Holds the log files, encrypted and private. A trail delivers its log files to a bucket.
why-topic = Tells the function about each new log file.
why-subscription = Connects the topic to the function, so that each message invokes it.
why-function = Streams each log file that Central wants to Central, unchanged.
why-role = The function runs as this role. Lambda runs no function without one.
why-rolePolicy = Lets the function read log files and write its own log, and nothing else.
why-logGroup = Keeps the function's own log for a limited time. The function may write into it, but not create it.
why-bucketPolicyStatement = Lets CloudTrail write this trail's files, and refuses access without TLS. CloudTrail checks it before it creates the trail.
why-topicPolicyStatement = Lets CloudTrail publish for this trail only. CloudTrail checks it before it accepts the topic.
why-functionPermission = Lets this topic invoke the function, which Lambda would refuse otherwise.
why-lifecycle = Deletes log files after the number of days you chose.
explain-step = { $why } { $back }
explain-used = It was there before. Nothing about it changes, and `remove` leaves it as it is.
explain-traces = CloudTrail records { $events }. It needs { $permissions }.
back-deleted = `remove` deletes it.
back-part = `remove` takes it out again, and the rest of the document stays.
back-with = `remove` deletes it together with the { $whole }.
back-bucket = `remove` keeps it with its log files, and `remove --delete-logs` deletes both.
back-lifecycle = The rule stays with the bucket.
back-events-on = `remove` turns them off again, unless others listen to them.
back-trailTopic = `remove` takes the topic off the trail again.
back-mended = What is there differs from this plan, and is changed to match it.
document-trust = role trust policy
document-unread = Cannot be read: access denied ({ $action } is missing)
document-added = added
document-removed = removed
document-folded = … { $count } lines stay
document-function-policy = function policy
document-lifecycle = lifecycle rules
user-connection = connection { $name }
why-bucket-policy-plain = Lets CloudTrail write this trail's files. CloudTrail checks it before it creates the trail.
reason-retention = keep events { $days } days
reason-expiry = log files expire after { $days } days
reason-untouched = unmarked but never used: created by a run that was stopped
reason-unread = cannot be read, because { $action } is denied: it may not be ours
reason-kept = kept from connection { $id }
reason-plain-http = without the TLS rule: S3 is reached over plain http here
reason-code = code of version { $version }
reason-architecture = its architecture differs
reason-role = it runs as { $role }
reason-runtime = its runtime is { $runtime }
finding-boundary = role { $arn } has a permissions boundary that this connection did not set: { $boundary }
finding-layer = function { $arn } has a layer that this connection did not set: { $layer }
finding-statement = the policy of function { $arn } has a statement that this connection did not set: { $statement }
finding-trail-topic = trail { $arn } notifies { $topic } instead of { $planned }, so the function is not notified of any log file
ask-saved = Connection { $name } was started with { $flags }. Some of these resources are not ours. May setup read and change them?
missing-saved = Only Central says that connection { $name } may change resources that are not ours. Confirm it with these flags: { $flags }
missing-saved-hint = Nothing was changed. Run the same command with these flags to continue.
findings = Set up, but something is wrong:
findings-hint = Check this yourself: setup does not remove what it did not set.
reason-environment = its settings differ
reason-upgrade-refused = the caller may not update functions: the deployed code stays
reason-shared = used by { $users }
reason-keep-trail = --keep-trail
reason-trail-stays = the trail that is kept needs it
reason-never-used = empty, created by a run that was stopped
reason-logs-kept = log files are kept; --delete-logs removes them

## Progress
progress-waiting = { $label }: { $what }
progress-left = { " " }({ $seconds } s at most)
waiting-for = waiting for { $whom }
waiting-credentials = AWS credentials
waiting-attempt = attempt { $number }
waiting-attempt-of = attempt { $number } of { $most }
waiting-proxy = proxy { $proxy }
waiting-seconds = { $number } s
waiting-seconds-most = { $number } s of { $most } s at most
wait-role = waiting until AWS knows the role everywhere
wait-function = waiting until the function is ready
wait-bucket-name = waiting until the bucket's name is free
wait-bucket-policy = waiting until the bucket policy is known everywhere
wait-topic-policy = waiting until the topic policy is known everywhere
wait-document = trying again
wait-bucket = waiting until the bucket is known everywhere
wait-topic = waiting until the topic is known everywhere
wait-log-group = waiting until the log group can be changed
wait-rule = waiting until the rule can be deleted
wait-organization = waiting until CloudTrail knows of trusted access and its service-linked role
wait-bucket-empty = waiting for late log files
wait-bucket-emptying = { $count } versions of log files deleted
wait-trail = waiting until the trail can be changed
verify-step = verify: the forwarder signs in to Central
verify-waiting = waiting for its sign-in
verify-no-sign-in = Set up, but the forwarder has not signed in to Central yet.
verify-disconnected = Set up, but Central shows the connection as disconnected ({ $because }) until the forwarder signs in again.
verify-cannot-read = Set up, but the forwarder cannot read the bucket: { $detail }
verify-no-logs = Set up, but no log file has arrived yet.
verify-hint = See what is missing with `sophos-ct status { $name }`, or run setup again.
set-up = Connection { $name } is { $status }.
set-up-next = See logs arriving:

## Conflicts
conflicts = These conflicts were found, so nothing was changed:
conflicts-hint = Choose other names, or remove what has these names yourself: setup changes nothing that is not ours.
conflicts-hint-saved = Remove what has these names but is not ours yourself, or set up another connection with other names.
conflicts-hint-denied = `sophos-ct policy { $policy }` prints the permissions that are needed.
conflicts-hint-central = Setup changes nothing on the word of Central alone: compare what Central says with what is in AWS.
conflicts-hint-again = If the saved answers are right, say them again with flags such as `--bucket` and `--trail`.
conflicts-hint-correct = Correct what is named, then run the same command again.
conflicts-remove-hint = Nothing was deleted: remove deletes only what AWS shows to be this connection's. Check these resources yourself.
conflict-unmarked = { $arn } exists but does not carry the mark of this connection
conflict-other = { $arn } belongs to connection { $id }
conflict-denied = { $arn } cannot be read, so it is unknown whether it is ours: access denied ({ $action } is missing)
conflict-bucket-taken = bucket { $bucket } belongs to another account, or access to it is denied (s3:ListBucket is missing)
conflict-bucket-region = bucket { $bucket } is in region { $region }
conflict-permission = permission { $id } of { $arn } already exists with different content
conflict-role-path = role { $arn } exists, but under another path than { $planned }; pass its path with `--role-path`
conflict-role-trust = role { $arn } does not trust lambda.amazonaws.com, so no function can run with it
conflict-topic-key = topic { $arn } is encrypted with { $key }, whose policy cannot be changed, so no AWS service can publish to it
note-key = The log files are encrypted: the owner of key { $key } must allow { $role } to use kms:Decrypt, unless the key's policy leaves that to IAM.
conflict-answers-changed = the role policy or the topic policy of connection { $name } in AWS does not match the answers that Central has saved
conflict-topic-gone = topic { $arn } no longer exists
conflict-trail-gone = trail { $trail } no longer exists
conflict-trail-bucket = trail { $arn } writes to bucket { $bucket }, not to { $planned }
conflict-bucket-gone = bucket { $bucket } (`--bucket`) does not exist
conflict-bucket-foreign = bucket { $bucket } belongs to another account, or access to it is denied; run setup in the account that owns it, with `--bucket { $bucket }`
conflict-overlap = bucket { $bucket } has a notification that overlaps with ours, and S3 does not accept both: { $rule } (`--notify eventbridge` avoids the overlap)
conflict-deny-statement = statement { $statement } in the policy of bucket { $bucket } denies { $who } access; ask the bucket's owner to make an exception
conflict-requester-pays = bucket { $bucket } is a Requester Pays bucket, and CloudTrail cannot deliver to such a bucket; ask its owner to turn that off, or use another bucket
note-deny-statement = Statement { $statement } in the policy of bucket { $bucket } may deny { $who } access: whether its conditions apply cannot be checked from here.
note-object-lock = Bucket { $bucket } has Object Lock: nobody can delete its log files before their retention ends.
note-abac = Bucket { $bucket } controls access by tags too (ABAC): make sure that no policy denies { $role } access because of a tag.
note-bucket-denied = Not everything that may block bucket { $bucket } could be checked: access denied ({ $actions } is missing).
conflict-role-gone = role { $arn } (`--role-arn`) does not exist
note-role-denied = Whether a function can run with role { $arn } could not be checked: access denied ({ $action } is missing). If it cannot, Lambda refuses the role.
note-own-role = Role { $arn } is managed by you, and setup does not change it. Its policy must allow: { $policy }
note-dead-letter = Events that the function cannot handle go to { $arn }; its policy must allow { $services } to send to it for this account.
reason-dead-letter = its dead-letter target differs
not-with-role-arn = `--{ $flag }` is only for a role that setup creates: leave out either this flag or `--role-arn`.
invalid-role-arn = `{ $value }` is not the ARN of a role (arn:aws:iam::<account>:role/<name>).
invalid-boundary = `{ $value }` is not the ARN of a policy (arn:aws:iam::<account>:policy/<name>).
invalid-kms-key = `{ $value }` is not the ARN of a KMS key (arn:aws:kms:<region>:<account>:key/<id>); an alias has no effect in a policy.
invalid-dead-letter = `{ $value }` is not the ARN of a standard SQS queue or SNS topic.
arn-partition = --{ $flag }: { $arn } is in another partition than the caller ({ $partition }).
arn-account = --{ $flag }: { $arn } is in another account than the caller ({ $account }).
arn-region = --{ $flag }: { $arn } is in another region than the function ({ $region }).
who-cloudtrail = CloudTrail
who-function = the function ({ $role })
note-trail-stopped = Trail { $arn } is not logging at the moment, so it delivers no log files.
wait-notification = waiting until the bucket's notification is visible
conflict-not-management = account { $account } does not seem to be the management account of the organization ({ $management }) or its delegated administrator for CloudTrail; run setup in one of these
conflict-not-trusted = CloudTrail has no trusted access to the organization; only the management account { $management } can enable it (organizations:EnableAWSServiceAccess)
note-organization-denied = Whether { $arn } exists could not be checked: access denied ({ $action } is missing). If it does not, CloudTrail refuses the trail.
reason-others-listen = another EventBridge rule uses S3 events
reason-never-undone = belongs to the whole organization; remove keeps it
claim-foreign = Central lists { $kind } { $arn } as ours, but this connection has no such part
claim-elsewhere = Central lists { $kind } { $arn } as ours, but it is in another account, region or partition
policy-administrator = Whoever may create a role, give it a policy and pass it can become an administrator. `--permissions-boundary ARN` limits which roles can be created.
policy-boundary = Roles can be created only with the given permissions boundary; whoever may change the boundary itself can become an administrator.
document-denied = { $arn } is left as it is because it cannot be read: access denied ({ $action } is missing)
topic-not-visible = Topic { $arn } was created but is still not visible after a minute: run the same command again.
policy-not-visible = The policy of { $arn } was written, but AWS does not show the change.
trail-limit = region { $region } has five trails, which is AWS's limit: { $trails }
trail-limit-hint = Delete a trail that is no longer needed, or use an existing one.
bucket-locked = bucket { $bucket } has Object Lock: AWS does not let anyone delete it
bucket-foreign-writer = statement { $statement } in the policy of bucket { $bucket } lets someone else write to the bucket
bucket-in-use = Bucket { $bucket } was never used when the plan was made, but it is now: run the same command again.
bucket-not-emptied = Bucket { $bucket } is not empty yet.
bucket-foreign-objects = bucket { $bucket } also holds { $key }, which is not one of our log files
bucket-used-by-connection = bucket { $bucket } is used by connection { $name }
bucket-used-by-trail = bucket { $bucket } is used by trail { $trail }
function-failed = Function { $function } cannot start: { $reason }
function-not-active = Function { $function } did not become ready in time.
function-vanished = Function { $function } no longer exists.

## Answers
answers-do-not-fit = These answers are not valid:
answers-unreadable = { $file }: { $cause }
answers-line = { $file }, line { $line }
answers-unknown-key = { $file }: `{ $key }` is not an answer of setup
answers-fixed = These answers cannot be changed:
answers-fixed-hint = Leave them out to continue with the saved answers, or set up another connection.
answer-fixed = --{ $flag }: the connection was set up with `{ $saved }`, not `{ $given }`
saved-unfit = The value that Central has saved for `--{ $flag }` is not valid: { $complaint }
missing-resources = `--resources` is missing: management events are already logged by { $trails }, so there is no safe default.
trails-denied = The trails cannot be listed: access denied ({ $action } is missing).
trails-hint = Pass `--trail` with its name or ARN, or `--bucket` if the trail is in another account.
no-trails = There is no trail here that can be used.
trails-none = { "  " }No trail can be seen in { $region }. Name a bucket in this account whose trail is elsewhere.
missing-trail = `--trail` is missing. Pass one of these:
trail-unknown = --trail: `{ $trail }` is not one of the trails here:
trail-decides = `--{ $flag }` is `{ $given }`, but the trail has `{ $value }`: leave the flag out
trail-name-only = --trail: with `--resources new`, pass the name of the trail to create, not an ARN
trail-has-topic = Trail { $trail } already notifies { $topic }; a trail has only one topic, and setup does not replace it.
trail-has-topic-hint = Leave `--notify` out to subscribe to that topic, or pass `--notify bucket`.
trail-of-other-account = Trail { $trail } belongs to another account and cannot be changed from here.
trail-home-elsewhere = Trail { $trail } can be changed only in its home region: pass `--region { $region }`.
control-tower = { $trail } belongs to Control Tower, and its bucket is in the log archive account. Run this there:
topic-elsewhere = Trail { $trail } notifies { $topic }, which is in another account or region, so the function cannot subscribe to it from here.
notify-trail-needs-trail = `--notify trail` needs `--trail`
missing-prefix = `--prefix` is missing, and bucket { $bucket } holds log files under several prefixes:
missing-notify = `--notify` is missing: trail { $trail } does not notify a topic that the function can subscribe to.
missing-notify-bucket = `--notify` is missing: no trail is given, so only the bucket can notify the function.
missing-notify-hint = `--notify trail` gives the trail a topic, `--notify bucket` adds a notification to its bucket, and `--notify eventbridge` turns EventBridge on for the bucket. Removing the connection undoes each of these.
only-organization = `--{ $flag }` can be used only with `--organization`
organization-differs = `--{ $flag }` is `{ $given }`, but the organization has `{ $value }`: leave the flag out
organization-denied = The organization cannot be read: access denied ({ $action } is missing). Pass { $flags }.
organization-none = { "  " }The account is not in an organization: its own log files are collected.
organization-management = { "  " }The account is the management account of organization { $id }.
organization-delegated = { "  " }The account is CloudTrail's delegated administrator in organization { $id }, whose management account is { $management }.
organization-member = { "  " }The account is a member of organization { $id }. A trail for the organization is created in its management account { $management }, or by CloudTrail's delegated administrator.
organization-unseen = { "  " }Whether the account is in an organization cannot be told: access denied ({ $action } is missing).
no-organization = Account { $account } is not in an organization.
only-existing = `--{ $flag }` can be used only with `--resources existing`
only-new = `--{ $flag }` can be used only with `--resources new`
missing-resources-hint = Pass `--resources new` to create a separate trail (with `--accept-cost`), or `--resources existing`.
invalid-account = `{ $value }` is not an AWS account id (12 digits)
invalid-name = `{ $value }` is not a connection name (1 to 64 letters, digits, spaces, `.`, `_`, `-`; starts with a letter or digit)
invalid-region = `{ $value }` is not a region name such as eu-west-1
invalid-partition = `{ $value }` is not an AWS partition that this program knows
invalid-connection-id = `{ $value }` is not a connection id
invalid-arn = `{ $value }` is not an ARN
invalid-bucket = `{ $value }` is not a bucket name (3 to 63 lower-case letters, digits and `-`)
invalid-trail = `{ $value }` is not a trail name (3 to 128 letters, digits, `.`, `_`, `-`; no two of `.`, `_`, `-` in a row)
invalid-topic = `{ $value }` is not a topic name (1 to 256 letters, digits, `_`, `-`; FIFO topics cannot be used)
invalid-function = `{ $value }` is not a function name (1 to 64 letters, digits, `_`, `-`)
invalid-role = `{ $value }` is not a role name (1 to 64 letters, digits and `_+=,.@-`)
invalid-role-path = `{ $value }` is not an IAM path (starts and ends with `/`)
invalid-prefix = `{ $value }` is not a key prefix that can be used (at most 200 characters, no `/` at its ends, no `.` or `..` between slashes, no * ? $ \ " or braces)
invalid-tag = `{ $value }` is not a tag KEY=VALUE that all services accept
invalid-tags = at most { $most } tags, each key once
invalid-org-id = `{ $value }` is not an organization id (o-…)
invalid-choice = `{ $value }` is not one of { $allowed }
invalid-shape = `{ $value }` is of the wrong type
invalid-flag = `{ $value }` is not true or false
invalid-number = `{ $value }` is not a number
invalid-days = `{ $value }` is not a number of days
invalid-duration = `{ $value }` is not a duration such as 90s, 15m or 24h
region-missing = No AWS region is set.
region-missing-hint = Pass `--region`, or set AWS_REGION.
region-of-connection = The connection's home region is { $region }: continuing there.
origin-profile = the profile
origin-plan = the plan
wrong-target = These credentials are for another account or tenant:
wrong-account = `--expect-account` is { $expected }, but the credentials are for account { $account }
wrong-tenant = `--expect-tenant` is { $expected }, but the credentials are for tenant { $tenant }
wrong-target-invited = The credentials or the code are for another account or tenant:
wrong-inviter = `--expect-tenant` is { $expected }, but the code is an invitation from tenant { $tenant }
wrong-inviter-hint = The code says which tenant gets the log files. Compare the tenant's id with whoever has invited you, another way than the code came.
connection-unknown = Central has no connection `{ $name }`.
connection-unknown-hint = `sophos-ct list --all{ $flags }` shows all connections.
connection-other-account = Connection { $name } belongs to AWS account { $account }, but the credentials are for { $caller }.
tenant-missing = The credentials are for several tenants, and `--tenant` is missing.
expect-tenant-missing = With a partner's or organization's credentials, `--expect-tenant` is required when no question can be asked; the tenant would be { $tenant }.
expect-tenant-missing-hint = Pass `--expect-tenant` with the tenant's name or id.
tenant-missing-hint = Pass `--tenant` with a name or id.
tenant-unknown = --tenant: `{ $wanted }` is not one of the tenants of these credentials
tenant-ambiguous = --tenant: `{ $wanted }` is the name of several tenants; pass the id instead
tenant-not-own = `--tenant` is { $wanted }, but the credentials are for tenant { $tenant }
secret-unreadable = --client-secret-file: { $file }: { $cause }
man-unwritable = --out: { $file }: { $cause }
watch-json = `--watch` and `--format json` cannot be used together
url-invalid = { $name }: `{ $value }` is not a URL
url-insecure = { $name }: `{ $value }` must be https

## Forwarder package
forwarder-built-in = the built-in forwarder
forwarder-unreadable = --forwarder: { $file }: { $cause }
forwarder-refused = { $file } cannot run as the function: { $reason }
forwarder-refused-hint = Pass `--forwarder` with a Linux build for x86_64 or arm64 that needs glibc 2.34 at most (docs/install.md, "Release build").
forwarder-not-elf = it is not a Linux program
forwarder-no-bootstrap = the zip has no file `bootstrap`
forwarder-machine = it is built for another kind of machine ({ $machine })
forwarder-glibc = it needs glibc { $version }, but Lambda has 2.34
forwarder-too-large = the zip is { $megabytes } MB; Lambda accepts at most 50 MB

## AWS
aws-no-credentials = No AWS credentials were found.
aws-credentials-unusable = No AWS credentials could be loaded: { $cause }
aws-profile-unknown = { $origin } names the profile `{ $profile }`, which is not in the AWS config and credentials files.
aws-profile-unknown-hint = `aws configure list-profiles` lists the existing profiles; `aws configure sso` creates one.
aws-profile-hint = Only the profile `{ $profile }` was tried, because it was given with `--profile`.
aws-no-credentials-hint = Run this in CloudShell, pass `--profile`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
aws-expired-hint = The credentials have expired: sign in to AWS again.
aws-refused = AWS refused the credentials: { $code } { $message }
aws-refused-hint = Check the AWS credentials, and the clock of this machine.
aws-endpoint-unfit = { $variable } is `{ $value }`, which is not an http or https URL; unset it to reach AWS itself
aws-unreachable = AWS did not answer { $action }: { $cause }
aws-unsent = { $action } could not be sent to AWS: { $cause }
aws-unreadable = AWS's answer to { $action } cannot be read: { $cause }
aws-no-reason = (no reason given)
aws-page = AWS did not answer { $action }: a web page came back instead (HTTP { $status }).
aws-page-hint = A proxy may be in the way, the network may ask for a sign-in, or AWS_ENDPOINT_URL may be wrong.
aws-host-hint = The request went to { $host }, whose name is built from the region { $region }. Check that the region exists and can be reached from here.
proxy-hint = Requests go through the proxy { $proxy }, which { $variable } sets.
aws-unreachable-hint = Check the network, the proxy and AWS_ENDPOINT_URL.
aws-denied = { $action } is not permitted: { $message }
aws-denied-hint = `sophos-ct policy setup-new` or `sophos-ct policy remove` prints the permissions that are needed, including { $action }.
aws-error = AWS refused { $action }: { $code } { $message }
aws-endpoint = AWS endpoint for { $service }: { $url }
refused-bucket-policy = The bucket's policy must let cloudtrail.amazonaws.com read the bucket's ACL and put objects below AWSLogs/, for this trail, and no statement may deny it; see `policies/bucket.json`.
refused-no-bucket = The bucket does not exist, or it is in another partition: check `--bucket`.
refused-topic-policy = The topic's policy must let cloudtrail.amazonaws.com publish for this trail, and the topic must exist.
refused-topic-name = CloudTrail notifies standard topics only, by name or ARN: FIFO topics cannot be used.
refused-key-policy = The key's policy must let cloudtrail.amazonaws.com call kms:GenerateDataKey* and kms:DescribeKey for this trail: ask the key's owner.
refused-no-key = The trail's key must exist and be in the bucket's region: ask the key's owner.
refused-key = The key cannot be used: it may be disabled or pending deletion. Ask its owner.
refused-name = Choose other names with `--trail`, `--bucket` or `--prefix`.
refused-home-region = Run the same command in the trail's home region, with `--region`.
refused-conflict = Someone else is changing the trail: wait a few minutes, then run the same command again.
refused-no-trusted-access = CloudTrail has no trusted access to the organization: in the management account, run `aws organizations enable-aws-service-access --service-principal cloudtrail.amazonaws.com`.
refused-dependency = Either the caller may not read the organization (`sophos-ct policy setup-organization` prints the permissions that it needs), or the management account lacks CloudTrail's service-linked role (`aws iam create-service-linked-role --aws-service-name cloudtrail.amazonaws.com` creates it there).
refused-not-management = Run setup in the organization's management account or in its delegated administrator for CloudTrail, or leave `--organization` out.
refused-no-organization = This account is not in an organization: leave `--organization` out.
refused-features = The organization has consolidated billing only: enable all features in its management account, or set up each account separately.
refused-no-linked-role = In the management account, run `aws iam create-service-linked-role --aws-service-name cloudtrail.amazonaws.com`.
refused-suspended = The topic belongs to an account that is closed or suspended: use another topic.
refused-not-permitted = The trail belongs to the organization: only the management account or the delegated administrator for CloudTrail can change it. With `--notify bucket` in the bucket's account, the trail does not have to be changed.
refused-no-trail = The trail does not exist, or it is in another region: check `--trail` and `--region`.
refused-tags = Pass fewer `--tag` flags, or write them with letters, digits, spaces and _ . : / = + - @ only.
denied-by-scp = A service control policy of the organization forbids it: ask its administrator.
denied-by-rcp = A resource control policy of the organization forbids it: ask its administrator.
denied-by-boundary = The caller's permissions boundary forbids it.
denied-by-endpoint = The policy of a VPC endpoint forbids it.
denied-by-session = The session's policy forbids it.

## Central
central-no-credentials = No Sophos Central credentials were found.
central-no-credentials-hint = Set SOPHOS_CENTRAL_CLIENT_ID and SOPHOS_CENTRAL_CLIENT_SECRET, or pass `--client-secret-file`.
central-sign-in = Sophos Central refused the credentials ({ $error }).
central-sign-in-hint = Check the client id and secret under API Credentials Management in Sophos Central.
central-forbidden = Sophos Central does not permit this: { $message }
central-forbidden-hint = The API credential needs the role Service Principal Super Admin.
central-unreachable = Sophos Central does not answer at { $host }, tried { $count ->
    [one] once
   *[other] { $count } times
 } in { $seconds } s: { $cause }
central-late = no answer in time
central-page = { $host } answered with a web page (HTTP { $status }), so it is not Sophos Central.
central-page-hint = A proxy may be in the way, the network may ask for a sign-in, or SOPHOS_CENTRAL_ID_URL or SOPHOS_CENTRAL_API_URL may be wrong.
central-unreachable-hint = Check that { $host } can be reached from here: the network, the proxy, and SOPHOS_CENTRAL_ID_URL and SOPHOS_CENTRAL_API_URL if they are set. Then run the same command again.
central-unreadable = Sophos Central's answer cannot be read: { $cause }
central-error = Sophos Central answered { $status } { $error }: { $message }
central-name-taken = This tenant already has a connection with this name.
central-other-content = Connection { $id } already exists in Central with different content.
removed-by-mark = Not in Central's list, but it carries our mark: { $kind } { $arn }
removed-meanwhile = Someone else removed connection { $id } while this run was setting it up.
removed-meanwhile-cause = The run failed with: { $cause }
removed-meanwhile-hint = What this run created in AWS is still there: `sophos-ct remove { $id }` removes it.
ingest-insecure = Central names an ingest address that is not https: { $url }
ingest-foreign = Central wants log files to be sent to hosts outside its own domain ({ $api }): { $hosts }
ingest-foreign-hint = If this is intended, pass these flags: { $flags }
invalid-host = `{ $value }` is not a host (`host` or `host:port`, without a scheme)
note-organization-trail = Trail { $arn } logs every account of its organization, and all of them are collected. `--organization` collects the organization by name, and can choose accounts.
note-organization-prefix = Log files under { $prefix } are those of an organization's accounts, and all of them are collected. `--organization` collects the organization by name, and can choose accounts.
flow-hosts = Log files are sent to { $hosts }.
flow-forwarder = The function runs { $file } (zip with SHA-256 { $digest }).
trail-one-account = trail { $trail } logs only one account: log files of the organization's other accounts would never arrive
trail-one-account-hint = Pick an organization trail, or leave `--organization` out.
trail-this-account = this account
why-topic-policy-bucket = Lets S3 publish new log files of this one bucket to the topic. S3 checks it before it accepts the notification.
note-denied = { $arn } could not be checked: access denied ({ $action } is missing). It is assumed to be unchanged.
status-logs-paused = { $detail }; the connection is paused, so whether files arrive is not known
status-stale = the trail delivered a file at { $delivered }, but nothing has reached Central since ({ $detail }): { $hop }
hop-trail = the trail is not logging
hop-bucket = CloudTrail cannot write to the bucket
hop-topic = CloudTrail cannot publish to the topic
hop-no-function = the function is gone
hop-sign-in = the function is not signing in
hop-read = the function cannot read the bucket
hop-function = the function is not notified of files, or fails: see its log group
fix-stale = Run setup again; if it finds nothing to do, check the function's log group.
connected-already = Connection { $name } already collects the log files of bucket { $bucket }: each of them would be sent twice.
connected-already-hint = See `sophos-ct status { $name }`. Pass `--resources new` to create a separate trail, or `--connect-again` to send each log file twice.
conflict-region = connection { $name } was set up in region { $region }, as its role shows, not in { $planned }
variable-unknown = { $name } is not a variable of this program and is ignored.
unwritten = The output cannot be written: { $cause }
central-too-long = the answer is too long
central-other-connection = Central answered with connection { $got } instead of { $asked }.
central-changed = Someone else changed connection { $name } in the meantime: run the same command again.
central-hosts = Central hosts: { $hosts }
license-required = The "Public Cloud" integrations licence is missing or has expired.
license-required-hint = Renew the licence in Sophos Central, then run the same command again.
license-valid = The "Public Cloud" integrations licence is valid.
license-missing = The tenant has no "Public Cloud" integrations licence.
license-ended = The "Public Cloud" integrations licence expired on { $date }.
license-cannot-tell = { "  " }Licence: cannot tell
license-no-code = cannot tell: SOPHOS_CENTRAL_LICENSE_CODE is not set

## Removal
removal-heading = Removal of { $name }
removal-scope = AWS { $account } · { $region }
logs-files = { $count ->
    [one] 1 file
   *[other] { $count } files
 }
logs-versions = { $files } in { $number } versions
logs-deleted = Deleted with the bucket: { $files }, { $size }.
logs-deleted-more = Deleted with the bucket: at least { $files }, at least { $size }.
logs-age = { "  " }The oldest was written { $oldest }, the newest { $newest }.
logs-age-counted = { "  " }Of those that were counted, the oldest was written { $oldest }, the newest { $newest }.
logs-stay = The log files in { $bucket } stay: the plan does not delete this bucket.
logs-deleted-none = Deleted with the bucket: it holds no log files yet.
logs-deleted-unfinished = Deleted with the bucket: all its log files. They could not be counted to the end.
logs-deleted-uncounted = Deleted with the bucket: all its log files. How many they are cannot be told: access denied ({ $action } is missing).
logs-later = The log files stay. This deletes them later:
progress-counting = counting log files
removed = Connection { $name } is removed.
marked-elsewhere = { $kind } { $arn } carries the mark of this connection, but Central's settings name another { $kind }
removed-without-central = What was to be removed of connection { $name } in AWS is gone. If Central still has the connection, `sophos-ct remove { $argument }` removes it there.
without-central-by-id = `--without-central` needs the connection's name: the names in AWS come from it, not from the id
bucket-unknown = Whether { $bucket } carries a connection's mark cannot be told: { $action } is denied. If it is yours, name it with `--bucket`.
without-central-nothing = No resource under the names of connection { $name } carries a connection's mark.
without-central-unread = No mark can be read under the names of connection { $name }:
without-central-several = The resources under these names carry the marks of several connections:
without-central-hint = Pass `--trail`, `--bucket`, `--topic`, `--function` and `--role` for names that are not the default ones.
removed-kept = Kept: { $kind } { $arn } ({ $reason })
already-removed = Connection { $name } is already removed.
not-done = not removed: { $kind } { $arn }
left-unread = { $kind } may be this connection's, but cannot be read: { $arn } ({ $action } is denied)
incomplete = Not everything could be removed. This is left:
incomplete-again-hint = Run the same command again to remove what is left.
incomplete-shared-hint = What others use stays for them. Once they use it no more, the same command removes it; with `--force-shared`, it does so at once.
incomplete-hint = `sophos-ct policy { $policy }` prints the permissions that are needed. Once you have them, run the same command again.
last-trail = This is the last trail that logs management events in this region: without it, the account has no record of them. `--keep-trail` keeps it.
shared-with = resources of this connection are used by { $user } and are kept (`--force-shared` removes them anyway)
shared-forced = { $user } uses resources of this connection and loses them
user-unlisted = subscribers that cannot be listed
unlisted-kept = The subscribers of the topic cannot be listed, and may be others': it is kept, with what it needs (`--force-shared` removes it anyway)
unlisted-forced = The subscribers of the topic cannot be listed: whoever subscribes loses it
remove-missing = Without a terminal, these flags are required: { $flags }
confirm-account-other = `--confirm-account` is { $given }, but the credentials are for account { $account }
bucket-not-confirmed = The bucket's name was not confirmed ({ $bucket }): nothing was changed.
recorded-in-aws = Central's record of what is in AWS: { $kind } { $arn }

## List, status, doctor
accounts-elsewhere = `--accounts` is for a new connection; `sophos-ct accounts { $name }` changes which accounts are collected
accounts-unreadable = { $file }: { $cause }
accounts-unfit = { $count ->
    [one] { $items } is not an AWS account id (12 digits)
   *[other] { $count } are not AWS account ids (12 digits): { $items }
}
accounts-empty = it contains no account id
accounts-too-many = { $number } accounts are too many: a connection can have { $most } at most
accounts-no-organization = Connection { $name } does not cover an organization: it has one account.
accounts-non-members = { $count ->
    [one] { $accounts } is not an account of organization { $id } today: its logs arrive only once it joins.
   *[other] { $count } are not accounts of organization { $id } today, and their logs arrive only once they join: { $accounts }
}
accounts-unchecked = Whether these are accounts of organization { $id } could not be checked: { $cause }
accounts-unchecked-elsewhere = the AWS credentials are not from that organization
accounts-unchecked-late = AWS did not answer in time
accounts-edit-all = All accounts are collected, so there is no list to change: pass `--set` to pick accounts.
accounts-none-left = No account would be left: pass `--all` to collect all accounts, or run `sophos-ct remove { $argument }` to remove the connection.
accounts-some = { $count ->
    [one] 1 account of the organization is collected.
   *[other] { $count } accounts of the organization are collected.
}
accounts-all = All accounts of the organization are collected for { $name }, including those that join later.
list-empty = There is no connection yet: `sophos-ct setup{ $flags }` makes one.
column-name = NAME
column-account = ACCOUNT
column-region = REGION
column-bucket = BUCKET
column-notifies = NOTIFIES
column-scope = SCOPE
column-used-by = USED BY
column-profile = PROFILE
column-sign-in = SIGNS IN WITH
column-status = STATUS
column-last-log = LAST LOG
column-log-files = FILES
status-healthy = { $name } is healthy
status-not-healthy = { $name } is not healthy
status-incomplete = { $name } is not complete: { $count ->
    [0] its setup has not come to its end
    [one] 1 part is missing or unfinished
   *[other] { $count } parts are missing or unfinished
 }
status-place = AWS { $account } · { $region } · Sophos { $tenant }
status-parts = { $count ->
    [one] 1 part in AWS is as planned (--parts shows it)
   *[other] { $count } parts in AWS are as planned (--parts shows each)
 }
status-fix = fix:
part-missing = missing or unfinished
part-drifted = not as planned
part-at = { $found }: { $arn }
status-as-deployed = as deployed
status-changed-since = changed since it was deployed
status-logs-short = { $count ->
    [one] 1 file
   *[other] { $count } files
 }, { $size }, last { $at }
status-several = Which connection? The tenant has several:
status-none = The tenant has no connection yet: set one up with `sophos-ct setup{ $flags }`.
status-word-pending = pending
status-word-active = active
status-word-paused = paused
status-word-disconnected = disconnected
status-word-deleted = deleted
status-unfinished = { $status }: its setup was not finished
status-because = { $status }: { $because }
because-user = by a user
because-license = the licence has ended
because-silent = the forwarder is silent
because-identity = signed in with another role
mark-ok = ok
mark-wrong = wrong
mark-done = done
mark-failed = failed
mark-cannot-tell = cannot tell
mark-note = note
check-connection = connection
check-version = version
check-sign-in = sign-in
check-read = bucket
check-logs = log files
check-code = code
check-environment = settings
check-logging = logging
check-conflict = conflict
check-missing = missing
check-caller = caller
check-account = account
check-region = region
check-organization = organization
check-trails = trails
check-cost = cost
check-licence = licence
ago-seconds = { $number } s ago
ago-minutes = { $number } min ago
ago-hours = { $number } h ago
ago-days = { $number } days ago
status-version = version { $runs } signed in, version { $deployed } was deployed
status-more = … { $count ->
    [one] one more line
   *[other] { $count } more lines
}
status-signed-in = { $at }, version { $version }
status-no-sign-in = the forwarder has never signed in
status-can-read = the forwarder can read the bucket
status-read-arrives = log files arrive
status-read-unknown = not reported yet
status-logs = { $count ->
    [one] 1 log file
   *[other] { $count } log files
}, { $bytes } bytes, last at { $at }
status-no-logs = none yet; CloudTrail takes about five minutes
status-code = SHA-256 { $digest }
status-environment = SHA-256 { $digest }
status-logging = the trail is logging
status-not-logging = the trail is not logging
status-trail-unknown = the bucket's trail is not known here
status-no-trail = the trail does not exist
status-delivery-error = CloudTrail cannot write to the bucket: { $code }
status-notification-error = CloudTrail cannot publish to the topic: { $code }
status-denied = access denied
not-healthy = Some checks failed.
fix-deleted = `sophos-ct setup { $name }` creates a new connection with this name; `sophos-ct remove { $id }` removes what may be left of the deleted one
connection-deleted = Connection { $name } ({ $id }) is deleted.
connection-other-account-hint = Pass `--profile` with a profile of account { $account }.
connection-deleted-hint = `sophos-ct setup { $name }` creates a new connection with this name.
fix-read = Check the role's policy and the bucket's policy for a Deny statement.
fix-logging = Run setup again, and check the policies of the bucket and the topic.
doctor-caller = not the root user
doctor-organization-none = the account is not in an organization
doctor-organization-denied = the organization cannot be read: access denied ({ $action } is missing)
doctor-organization-management = the management account of { $id }: a connection for the organization can be set up from here
doctor-organization-delegated = CloudTrail's delegated administrator in { $id }, whose management account is { $management }: a connection for the organization can be set up from here
doctor-delegated-denied = { $member } (cannot tell whether this account is that administrator: access to { $action } is denied)
doctor-organization-member = a member of { $id }: a connection for the organization is set up from its management account { $management } or from CloudTrail's delegated administrator
doctor-trails = { $count } of 5 in this region
doctor-trail-management = { $trail } logs management events
doctor-cost = A further trail is billed: USD 2.00 per 100,000 management events.
doctor-control-tower = { $trail } belongs to Control Tower: its log files are in the log archive account
doctor-no-control-tower = no trail of Control Tower was found here
trail-optix = { $trail } was set up by Sophos Cloud Optix

## Sandbox
sandbox-installing = install ministack { $version } (once)
sandbox-starting = start the sandbox
sandbox-failed = The sandbox did not start.
sandbox-log = Its log: { $file }
sandbox-no-python = The sandbox needs python3, which cannot be run.
sandbox-no-python-hint = Install Python 3.10 or newer with its venv module.
sandbox-not-installed = ministack { $version } could not be installed: { $cause }
sandbox-not-installed-hint = The first start needs PyPI; afterwards the sandbox works offline.
sandbox-anew = The sandbox was killed, not stopped: its state is lost, and it starts empty.
sandbox-foreign = { $dir } is not empty and is not a sandbox folder: nothing in it was changed.
sandbox-foreign-hint = Set { $variable } to an empty or new folder, or unset it.
sandbox-folder = { $variable }: { $dir } cannot be used: { $cause }
sandbox-not-running = The sandbox is not running.
sandbox-stopped = The sandbox has stopped; its state is kept.
sandbox-reset = The sandbox has stopped, and its state was deleted.
sandbox-will-not-end = The sandbox (process { $pid }) did not stop.
sandbox-running = The sandbox is running: AWS at { $aws }, Central at { $central }, account { $account }
sandbox-seeding = put { $world } into the sandbox
sandbox-world-trail = { $world }: somebody else's trail. Its bucket has their notifications and policy, which stay.
sandbox-world-topic = { $world }: somebody else's trail that notifies a topic. Its subscribers stay subscribed.
sandbox-world-organization = { $world }: the account manages an organization, which does not trust CloudTrail yet.
sandbox-world-control-tower = { $world }: the account manages an organization whose trail is Control Tower's. The bucket is in the log archive account.
sandbox-next = Try this:
sandbox-next-log-archive = Try this; --profile log-archive acts in the log archive account, where the bucket is:
sandbox-organization = organization
sandbox-account = account
sandbox-exclusive = --with: `{ $one }` and `{ $other }` cannot be in one sandbox.
sandbox-exclusive-hint = `sophos-ct sandbox reset` forgets what is there.
sandbox-profile = --profile: the sandbox has no account `{ $profile }`. It has: { $known }.
sandbox-profile-hint = `sophos-ct sandbox start --with organization` makes the accounts of an organization.
sandbox-not-built = This build has no sandbox.

## audit
progress-tells = { "" }: { $what }
invalid-moment = `{ $value }` is not a time: give a duration before now (24h, 30d), a date (2026-11-24) or a time (2026-11-24T08:00:00Z)
audit-window-empty = this is not before the end of the time to look at
audit-receipts-disordered = Central's receipts are not in the order of their keys (at { $key }), so they cannot be compared with the bucket.
audit-no-bucket = The bucket of { $name } is not known: neither the saved answers nor the manifest name it.
audit-denied-hint = `sophos-ct policy { $purpose } --name { $name }` prints the permissions that are needed.
audit-step = compare bucket and receipts
audit-progress = { $objects } objects, { $receipts } receipts, { $rate } objects per second
audit-nothing = No log file of { $name } landed in the bucket in this time.
audit-complete = Sophos Central has every log file of { $name } that it wants.
audit-missing = { $count ->
    [one] 1 of { $objects } log files of { $name } is missing at Sophos Central.
   *[other] { $count } of { $objects } log files of { $name } are missing at Sophos Central.
 }
audit-failed = { $count ->
    [one] 1 log file is missing.
   *[other] { $count } log files are missing.
 }
audit-window = Log files that landed in { $bucket } from { $since } to { $until }
audit-files = { $count ->
    [one] log file
   *[other] log files
 }, { $size }
audit-delivered = delivered
audit-lost = missing
audit-skipped-account = not wanted: the account is not selected
audit-skipped-paused = not wanted: the connection was paused
audit-skipped-licence = not wanted: the licence had ended
audit-skipped = not wanted
audit-gone = reported by the function: deleted before it could be read
audit-archived = reported by the function: in a storage class that must be restored first
audit-denied = reported by the function: it may not read them
audit-in-flight = in flight: in the bucket for less than { $time }
audit-expired = delivered, and not in the bucket any more
audit-replayed = sent again
audit-per-hour = Files per hour ({ $most } at most)
audit-over-time = Files over time
audit-column-files = FILES
audit-column-delivered = DELIVERED
audit-column-missing = MISSING
audit-column-unwanted = NOT WANTED
audit-column-reported = REPORTED
audit-column-in-flight = IN FLIGHT
audit-column-from = LANDED FROM
audit-accounts-more = { $accounts } and { $count } more
audit-replay-paused = { $name } is paused ({ $because }): Central takes no files until it is resumed, so nothing was sent.
audit-replay-licence = { $name } is paused because the licence has ended: Central takes no files until it is renewed, so nothing was sent.
audit-replay-disconnected = { $name } is disconnected ({ $because }): Central takes no files from its function, so nothing was sent.
audit-replay-disconnected-hint = `sophos-ct status { $name }` says how to mend it.
audit-replay-step = send the missing files through the function
audit-replay-sent = { $sent } of { $count } sent
audit-replay-stopped = { $sent } of { $count } files were handed to the function, which goes on by itself. Running this again is safe: a file that is sent twice is stored once.
audit-watch-step = wait until they have arrived
audit-watch = { $arrived } of { $count } arrived, { $rate } per second, about { $seconds } s left
audit-watch-none = none of { $count } arrived yet

## certify
certify-step = prove the log files
certify-progress = { $digests } digests, { $files } log files, { $size }
certify-keys-hint = Without CloudTrail's public keys of { $region } no signature of a digest there can be checked. They come from CloudTrail in that region, which must be enabled for this account.
certify-digest-denied = Without it the digests cannot be read, so nothing can be proved.
certify-file-denied = Without it the log files cannot be compared with what CloudTrail has signed.
certify-digest-archived = The digest { $key } is in a storage class that must be restored first.
certify-digest-archived-hint = Restore the digests of this time in S3, or choose a later --since.
certify-broken = { $key } broke off while it was read: { $cause }
certify-written = The certificate is in { $file }. `sophos-ct audit --check { $file }` verifies it again, without AWS and Central.
certify-failed = Not everything is proved to be as CloudTrail has signed it.
certify-check-failed = --check: { $file }: { $error }
certify-no-certificate = --check: { $file } is not a certificate of `audit --certify --out`, or its first line was changed
certify-format = --check: { $file } has version { $version } of the format; this program knows { $known }
certify-check-differs = { $file } does not prove what it says.
certify-holds = The certificate proves what it says.
certify-does-not-hold = The certificate does not prove what it says.
certify-damaged = The file was changed, or its end is missing: its SHA-256 does not fit.
certify-line = Line { $line } is not a record that can stand there.
certify-differs-file = { $key } is said to be: { $stated }. It is: { $computed }.
certify-differs-untold = It does not tell of this: { $finding }
certify-differs-untrue = It tells of this, which its digests do not show: { $finding }
certify-differs-left-out = It does not tell of { $key }, which a digest lists.
certify-differs-counts = Its counts are not those of its records.
certify-about = { $name } ({ $id }), tenant { $tenant }
certify-made = made { $at } by { $tool }
certify-no-digests = Nothing in this time could be proved of { $name }: there is no digest that CloudTrail has signed.
certify-wrong = { $count ->
    [one] Something is wrong with 1 of { $files } log files of { $name }.
   *[other] Something is wrong with { $count } of { $files } log files of { $name }.
 }
certify-holes = { $proved } of { $files } log files of { $name } are proved, but something is wrong with the digests.
certify-all = { $count ->
    [one] The log file of { $name } is proved: as CloudTrail signed it, it lies in the bucket, and Sophos Central has received it.
   *[other] All { $count } log files of { $name } are proved: as CloudTrail signed them, they lie in the bucket, and Sophos Central has received them.
 }
certify-some = { $proved } of { $files } log files of { $name } are proved, and nothing is wrong with the others.
certify-findings = Digests
certify-digests = { $count ->
    [one] digest
   *[other] digests
 }
certify-invalid-digests = { $count ->
    [one] digest that proves nothing
   *[other] digests that prove nothing
 }
certify-gaps = { $count ->
    [one] time without a proof
   *[other] times without a proof
 }
certify-column-proved = PROVED
certify-column-wrong = WRONG
certify-column-fingerprint = FINGERPRINT
certify-column-hash = SHA-256 OF THE KEY
certify-column-from = VALID FROM
certify-column-until = UNTIL
certify-keys = Public keys
certify-keys-compare = Whoever wants to trust CloudTrail alone compares these keys with those of `aws cloudtrail list-public-keys` in each region. What was in the bucket and at Central is what the one who made the file has seen.
proof-proved = proved: signed by CloudTrail, in the bucket, received
proof-unsigned = not signed (yet): no digest is about their time
proof-unlisted = not listed by the digests of their time
proof-altered = altered: the object differs from what CloudTrail has signed
proof-received-differently = received differently from what is in the bucket
proof-deleted = deleted: signed by CloudTrail, not in the bucket
proof-never-received = never received: signed and in the bucket
proof-in-flight = signed, in flight
proof-unwanted = signed, not wanted
proof-other-trail = signed, of another trail
proof-archived = in a storage class that must be restored first
proof-outside = landed outside the time that was looked at
finding = { $account } { $region }: { $what }
finding-of-trail = { $account } { $region }, trail { $trail }: { $what }
finding-faulty = a digest proves nothing: { $fault } ({ $digest })
finding-missing = a digest is missing, which the one after it names; nothing is proved from { $from } to { $until } ({ $digest })
finding-gap = no digest from { $from } to { $until }: logging or validation was off, or the digests were deleted
finding-begins = the chain begins { $at }
finding-elsewhere = before { $at }, the trail wrote to { $bucket }
finding-no-digests = no digest that holds: logging or log file validation was off, or the digests were deleted or replaced. `aws cloudtrail update-trail --enable-log-file-validation` switches validation on; what is there stays unproved.
fault-unreadable = it does not unpack, or is not a digest
fault-altered = it differs from what the digest after it says of it
fault-moved = CloudTrail put it elsewhere
fault-not-signed = it has no signature
fault-algorithm = it is signed with { $algorithm }
fault-unknown-key = CloudTrail knows no key { $fingerprint }
fault-key-not-valid = the key { $fingerprint } was not in use then
fault-signature = the signature is not that of this digest
fault-signature-altered = its signature was changed; the digest after it confirms the content

## report
report-language = en
report-title = Audit of the log files of { $name }
report-written = The report is in { $file }.
report-same-file = this is also the file of --out
report-kinds = What became of the log files
report-column-count = COUNT
report-column-kind = WHAT
report-map-accounts = Received, by account and time
report-map-regions = Received, by region and time
report-map-explained = The colour of a cell is the share that Sophos Central has received of the log files that landed then and that it ought to have. The number in it is how many of them Central has not received. What it does not want, what is in flight, and what it was not asked to collect do not count.
report-map-worst = The { $count } accounts with the most missing files have a row each; all others share the last row.
report-map-others = { $count } others
report-map-hours = { $count ->
    [one] A column is 1 hour, in UTC.
   *[other] A column is { $count } hours, in UTC.
 }
report-map-days = { $count ->
    [one] A column is 1 day, in UTC.
   *[other] A column is { $count } days, in UTC.
 }
report-legend = Share that was received
report-share-all = all
report-share-nearly = 99% or more
report-share-most = 90% or more
report-share-half = 50% or more
report-share-few = less than 50%
report-cell-no-file = no file
report-cell-none = nothing due
report-cell-all = { $count ->
    [one] 1 received
   *[other] all { $count } received
 }
report-cell-missing = { $received } of { $due }, { $missing } missing
report-cell-reported = { $received } of { $due }, { $reported } reported as unreadable
report-cell-both = { $received } of { $due }, { $missing } missing, { $reported } reported as unreadable
report-places = Accounts and regions
report-places-files = { $files } log files, { $size }
report-missing = Missing files
report-missing-none = Nothing is missing.
report-missing-why = Sophos Central does not have these files, and they are not in flight either.
report-proof = What CloudTrail has signed
report-proof-kinds = Log files and digests
report-proof-times = Times at which something is wrong
report-proof-wrong = Files of which something is wrong
report-about = About this report
report-audit = Audit
report-connection = Connection
report-settings = Settings of the connection
report-private = This page names accounts, buckets and log files. It holds no content of log files, and no secrets.
report-column-fact = WHAT
report-column-value = VALUE
report-column-setting = SETTING
report-fact-bucket = Bucket
report-fact-since = Landed from
report-fact-until = Landed before
report-fact-grace = May be in flight for
report-fact-made = Made
report-fact-tool = Made by
report-fact-name = Name
report-fact-id = Id
report-fact-tenant = Sophos Central tenant
report-fact-account = AWS account
report-fact-region = Region
report-fact-accounts = Accounts
report-fact-organization = Organization
report-fact-status = Status
report-fact-created = Set up
report-fact-function = Version of the function
report-fact-seen = Last sign-in of the function
report-fact-received = Last log file received

## alarm

kind-alarm = alarm
why-alarm = Tells your topic if log files are not delivered, or if nothing is heard of log files for a day.
invalid-topic-arn = `{ $value }` is not the ARN of a standard SNS topic.
note-alarm-cost = The two alarms cost about 0.20 USD a month, unless they are among the first ten of the account, which are free (CloudWatch pricing).
note-alarm-topic-policy = The policy of topic { $arn } (--alarm) may not let the alarms publish: it must allow `sns:Publish` to cloudwatch.amazonaws.com for account { $account }.
note-alarm-topic-denied = Whether the alarms may publish to topic { $arn } (--alarm) could not be checked: access denied ({ $action } is missing). Its policy must allow `sns:Publish` to cloudwatch.amazonaws.com.
alarm-topic-absent = --alarm: topic { $arn } does not exist
alarm-topic-key = --alarm: topic { $arn } is encrypted with { $key }, whose policy cannot be changed, so no alarm can publish to it
finding-alarm-denied = { $count ->
    [one] Alarm { $names } (--alarm) is not set up, because it cannot be seen whether somebody else has one of that name: access denied ({ $action } is missing)
   *[other] Alarms { $names } (--alarm) are not set up, because it cannot be seen whether somebody else has any of these names: access denied ({ $action } is missing)
 }
alarm-unknown = Whether there is an alarm { $arn } cannot be told: { $action } is denied. If it is there, it stays.
check-alarm-failures = failure alarm
check-alarm-silence = silence alarm
status-alarm-ok = it has not gone off
status-alarm-off = it has gone off
status-alarm-nothing-yet = it has not judged yet
status-alarm-muted = { $says }; it tells nobody, because its actions are turned off
fix-alarm-failures = Lambda gave up on a message in the last minutes. The function's log says why; what is missing comes later by itself, or with `audit --replay`.
fix-alarm-silence = The function was not invoked for a day. Check whether the trail logs, and run setup again.

## proof by an own event

verify-waiting-logs = waiting for the first log file
prove-step = verify: an event of this run reaches Sophos
prove-waiting = waiting for its log file
proved = Your own { $event } event reached Sophos { $time } after it happened.
prove-not-stored = Log files arrive. Central has not stored the one with this run's { $event } event: its account may not be among those that are collected.
prove-not-found = Log files arrive. None with an event of this run has reached Central so far; CloudTrail may need some minutes more.
prove-denied = Log files arrive, but an event of this run could not be looked for in them: { $cause } (`sophos-ct policy` with --wait-for-logs prints the permissions for that)
prove-failed = Log files arrive, but an event of this run could not be looked for in them: { $cause }
span-seconds = { $seconds } s
span-minutes = { $minutes } min { $seconds } s
span-hours = { $hours } h { $minutes } min

## policy

policy-none = `sophos-ct { $verb }` needs no permissions in AWS: it talks to Sophos Central alone.
status-unseen = could not be checked: access denied ({ $action } is missing)

## errors

interrupted-unchanged = Stopped. Nothing was changed in AWS or Sophos Central.
interrupted-removal = Nothing is lost: what was removed stays removed. Run the same command again to go on.
unwritten-hint = Check the disk or the program that takes the output.
file-hint = Name another file, or make room on the disk.
file-failed = { $flag }: { $file }: { $cause }
log-incomplete = --log-file: { $file } is not complete: { $cause }
aws-foreign = What answered { $action } is not AWS (HTTP { $status }): { $cause }
aws-endpoint-hint = The request went to { $url }, which { $variable } sets.
aws-profile-login = The profile `{ $profile }` signs in with `aws login`, which this program cannot read.
aws-profile-code = The profile `{ $profile }` takes a role that asks for an MFA code, and this program cannot ask for it.
aws-profile-process = Run the credential_process of the profile `{ $profile }` by itself to see what it says.
certificate-time-hint = Check the clock of this machine: a certificate is only valid for some time.
certificate-issuer-hint = A proxy may be looking into encrypted connections: set SSL_CERT_FILE to a file with its certificate.
clock-ahead = The clock of this machine is { $minutes } minutes ahead of that of AWS: set it right.
clock-behind = The clock of this machine is { $minutes } minutes behind that of AWS: set it right.
refused-throttled = There are too many calls in this account at present: wait some minutes, then run the same command again.
central-foreign = { $host } answered HTTP { $status } and names no error, so it is not Sophos Central.
central-no-error = Sophos Central answered HTTP { $status } and names no error.
central-busy-hint = Sophos Central is busy: wait some minutes, then run the same command again.

## status

path-title = Data path
path-unknown = unknown
fact-day = last day
fact-files = { $count ->
    [one] 1 file
   *[other] { $count } files
 }, { $size }
fact-skipped = { $count ->
    [one] 1 file not wanted
   *[other] { $count } files not wanted
 }
fact-hours = per hour
fact-hours-text = { $bars } ({ $most } at most)
fact-delay = delay
fact-delay-text = { $usual } from the bucket to Central; 95% take { $most } at most
fact-accounts = accounts
fact-accounts-all = all of organization { $id }
fact-accounts-some = { $count ->
    [one] 1 account
   *[other] { $count } accounts
 } of organization { $id }
fact-outside = { $count ->
    [one] 1 file
   *[other] { $count } files
 } of the last day not wanted: of other accounts, or from a pause
licence-until = valid until { $date }
licence-lasting = valid, without an end
fix-licence = Renew the licence in Sophos Central. Central pauses the connection while there is none, and resumes it by itself.
leaving-keep = Keep for `remove --without-central`: { $kept }
leaving-kept = name { $name }, account { $account }, region { $region }, id { $id }
leaving-command = Keep this command: it removes connection { $id } when access to Central is gone.
status-several-hint = `sophos-ct status --all{ $flags }` shows them all.
column-verdict = VERDICT
all-healthy = healthy
all-wrong = wrong: { $what }
all-more = { $count } more
all-unseen = cannot be looked at: { $cause }
all-by-central = { $verdict } (by Central)
all-one-account = AWS was asked only about connections of account { $account }, which the AWS credentials belong to. The others are shown as Central sees them.
all-no-account = AWS cannot be asked, so connections are shown as Central sees them: { $cause }
all-not-healthy = { $count } of { $all } connections { $count ->
    [one] is
   *[other] are
 } not healthy.

## doctor

check-permissions = permissions
check-sophos-script = other setup
doctor-way-new = setup with new resources
doctor-way-existing = setup with trail { $trail }
doctor-way-organization = setup for organization { $id }
doctor-may = { $way }: all { $count } actions are allowed
doctor-may-not = { $way }: { $count ->
    [one] 1 action is not allowed
   *[other] { $count } actions are not allowed
 }: { $actions }
doctor-may-also = { $missing }. { $fixes }
doctor-may-open = { $way }: cannot tell. Policies have conditions that only the calls themselves decide: { $actions }
doctor-may-fix = `sophos-ct policy { $policy }` prints the permissions that are needed.
doctor-may-cause = { $actions }: { $fix }
doctor-actions-more = { $actions } and { $count } more
doctor-may-limits = IAM's simulator does not see session policies, resource control policies, and the policies of resources and VPC endpoints: they may forbid more.
doctor-may-root = cannot tell: IAM does not simulate the root user, which only the organization's policies limit
doctor-may-other = cannot tell: IAM simulates only users and roles
doctor-may-unseen = cannot tell whether setup is permitted: access denied ({ $action } is missing)
doctor-optix = Sophos Cloud Optix is set up: { $what }. It goes on beside a connection: each log file goes to both products, and each further trail is billed. A connection that uses Cloud Optix's trail gets nothing once Cloud Optix is removed, because the trail goes with it. Cloud Optix is removed as its own help says.
doctor-optix-denied = cannot tell whether Sophos Cloud Optix is set up: access denied ({ $action } is missing)
doctor-no-optix = nothing of Sophos Cloud Optix was found here
doctor-script = { $trail } may come from the script of Sophos Central's assistant. Beside it, a connection delivers each log file a second time: first remove it in Central, whose assistant shows the commands.
denied-by-statement = A Deny statement in the caller's own policies forbids it.
denied-by-resource = A Deny statement in the resource's policy forbids it.

## steering

list-none = No connection is like that: `sophos-ct list --all{ $flags }` shows all connections.
list-licence = { $count ->
    [one] 1 connection is paused because the licence has ended: it becomes active by itself once the licence is renewed in Sophos Central.
   *[other] { $count } connections are paused because the licence has ended: they become active by themselves once the licence is renewed in Sophos Central.
}
accounts-nameless = The names of the accounts could not be looked up in AWS: { $cause }
state-licence = { $name } is paused because the licence has ended, and Central takes no log files. It becomes active by itself once the licence is renewed in Sophos Central.
state-paused = { $name } is paused: Central takes no log files until `sophos-ct resume { $argument }`.
state-disconnected = { $name } is disconnected ({ $because }). It becomes active by itself when its function signs in again; `sophos-ct status { $argument }` shows what is wrong.
state-pending = { $name } is pending: it can be paused and resumed once it is set up.
state-pending-hint = `sophos-ct setup { $argument }` sets it up; `sophos-ct status { $argument }` shows what is missing.
state-unsteerable = { $name } is disconnected ({ $because }): only a connection whose function signs in can be paused and resumed.
state-unsteerable-hint = It becomes active by itself when its function signs in again; `sophos-ct status { $argument }` shows what is wrong.
state-licence-hint = Renew the licence in Sophos Central: then Central makes the connection active by itself, unless a user had paused it before. Log files that land until then are not taken later.
paused = { $name } is paused: from the next one on, Central takes no log files. Nothing has changed in AWS. `sophos-ct resume { $argument }` ends the pause.
paused-already = { $name } is paused already. `sophos-ct resume { $argument }` ends the pause.
pause-licence = { $name } is paused already, because the licence has ended. It cannot be paused by a user as well before the licence is renewed.
resumed = { $name } is active: Central takes log files from the next one on. It asks the function for those of the pause when the function next signs in: within 15 minutes, while log files come. The function brings them by itself, as long as they are in the bucket. `sophos-ct audit { $argument }` prints the command that brings them at once; for a pause that began more than a day ago, add --since.
resumed-already = { $name } is active already.
resume-licence = { $name } is paused because the licence has ended: this pause cannot be ended here.
renamed = { $old } is called { $name } from here on. What it consists of in AWS keeps its names: `sophos-ct status { $argument }` shows what to keep for `remove --without-central`.
renamed-already = The connection is called { $name } already.

## what cannot be proved
certify-intact = The certificate is as it was made, but it proves no log file.
certify-no-digest-holds = Nothing in this time could be proved of { $name }: none of the digests holds.
certify-no-files = Nothing in this time could be proved of { $name }: no log file landed in the bucket.
certify-none = { $count ->
    [one] Nothing in this time could be proved of { $name }: its log file is not signed, in the bucket and received alike.
   *[other] Nothing in this time could be proved of { $name }: none of its { $count } log files is signed, in the bucket and received alike.
 }
certify-nothing-wrong = { $nothing } { $wrong }
certify-differs-folder = It does not tell of { $folder }, where the trail's digests must be.
proof-earlier = signed, landed before the connection
proof-vanished = vanished: Central knows of them, but they are neither in the bucket nor in a digest (deleted, or expired by a rule of the bucket)
proof-expired = expired: not in the bucket, and so old that a rule of the bucket has let them expire
finding-expired = the digests before { $until } are so old that a rule of the bucket has let them expire

## status

status-deleted = { $name } is deleted
status-no-logs-unfinished = none before the setup is finished
fix-trail-gone = Setup makes no trail in place of one that was there before: make it again under its name, or remove this connection and set up another.
fix-trail-stopped = Setup does not start a trail that was there before. This does:
accounts-strangers = `--{ $flag }`: { $count ->
    [one] { $accounts } is not an account of organization { $id }. Nothing was changed.
   *[other] { $count } are not accounts of organization { $id }: { $accounts }. Nothing was changed.
}
accounts-strangers-hint = An account that is to join can be added once it has joined.

## alarms that cannot be set up
note-alarm-topic-key = Topic { $arn } (--alarm) is encrypted with { $key }, whose policy is not read here: it must allow `kms:Decrypt` and `kms:GenerateDataKey*` to cloudwatch.amazonaws.com, or the alarms reach nobody.
findings-hint-alarm = Correct what is named, then run setup again. `sophos-ct policy` with --alarm prints the permissions that are needed.

## audit
audit-listing-broken = S3 broke off the list of { $bucket } without saying where it goes on, so nothing can be said of its log files. Run it again.
audit-trails-denied = access denied ({ $action } is missing)
audit-trails-unknown = Cannot see the account's trails, so only digests can tell of another trail that writes into the same folders: { $cause }
audit-earlier = landed before the connection was made, so nobody announced them to it
audit-other-trail = of another trail, as digests tell
audit-unassigned = perhaps of another trail: no digest tells whose they are
audit-column-earlier = BEFORE
audit-column-other-trail = OTHER TRAIL
audit-column-unassigned = UNASSIGNED
audit-unsure = { $count ->
    [one] No log file is known to be missing of { $name }, but of 1 it cannot be told whether its trail wrote it.
   *[other] No log file is known to be missing of { $name }, but of { $count } it cannot be told whether its trail wrote them.
 }
audit-complete-since = { $count ->
    [one] Sophos Central has every log file of { $name } that it wants and that landed since the connection was made. 1 landed before.
   *[other] Sophos Central has every log file of { $name } that it wants and that landed since the connection was made. { $count } landed before.
 }
audit-others = Another trail writes into the same folders ({ $trails }). CloudTrail's digests say which trail wrote a log file; those of the last hour or two may not be there yet.
audit-others-unread = Digests that tell which trail wrote a log file may not be read with these credentials, so missing files may be among those that no digest assigns: `sophos-ct policy audit --name { $name }` prints the permissions.
audit-keys = Missing files:
audit-next-missing = Send what is missing again:
audit-next-paused = Central asks the function for the files of a pause that is over when the function next signs in: within 15 minutes, while log files come. Bring them at once:
audit-next-earlier = { $count ->
    [one] 1 file landed before the connection was made. Bring it as history:
   *[other] { $count } files landed before the connection was made. Bring them as history:
 }
audit-next-unassigned = { $count ->
    [one] 1 file may be another trail's, which the connection was not asked to collect. It is sent only on request:
   *[other] { $count } files may be another trail's, which the connection was not asked to collect. They are sent only on request:
 }

## what a later Central may say
status-word-unknown = unknown (this version of sophos-ct does not know the state)
state-unknown = Sophos Central has { $name } in a state that this version of sophos-ct does not know.
audit-skipped-unknown = not wanted: for a reason that this version of sophos-ct does not know
audit-outcome-unknown = unknown: an outcome that this version of sophos-ct does not know
central-id-type = Sophos Central has a kind of credential that this version of sophos-ct does not know. Use one of a tenant, an organization or a partner.

## report: columns that are not whole
report-map-part = not whole
report-map-part-first = The first one holds only what landed from { $at } on.
report-map-part-last = The last one holds only what landed before { $at }.
## invite

answer-account = AWS account that the connection is for
ask-code = Code of the invitation
ask-invitation = Send this account's logs to Sophos tenant { $tenant }?
code-invalid = --code: this is not the code of an invitation (16 to 64 capital letters, digits and `-`)
code-unreadable = --code: stdin cannot be read: { $cause }
code-nothing = --code: nothing came from stdin
column-made = MADE
column-good-until = GOOD UNTIL
column-begun = USE
invite-begun = begun
invite-unused = not yet
invite-answers-unused = { $flags }: not with `--{ $verb }`, which makes no invitation
invite-missing = Answers are missing, and there is no safe default: { $flags }
invite-missing-hint = Whoever has the AWS account knows them.
invite-set-up = { $name } is set up already (status: { $status }): there is nothing to invite to.
invite-set-up-hint = `sophos-ct status { $argument }` shows it; pass another `--name` to prepare another connection.
invite-set-up-meanwhile = The connection was set up meanwhile: there is nothing to invite to.
invite-code-unreadable = Sophos Central's answer has a code of another form than the contract's.
invite-again = { $name } is prepared already: this code ends the one before.
invite-heading = Invitation to connection { $name }, for AWS account { $account }
invite-code = The code, which it asks for or reads from stdin:
invite-until = { "  " }Good until { $at }
invite-run = To run with credentials of that AWS account, without any of Sophos Central:
invite-program = The program: sophos-ct { $version }, of the same release as this one
invite-program-at = The program: sophos-ct { $version }, from { $releases }
invite-checksum = SHA-256 of the file for { $machine }:
invite-keep = The code is a secret, belongs in no command line, and is not shown again. Send the tenant's id another way, so that it can be compared.
invite-watch = See it become active:
invite-take-back = Take the invitation back:
invite-none = No invitation is open.
invite-revoked = The invitation to { $name } is taken back, and whoever has begun with it cannot go on. The connection stays pending: `sophos-ct invite { $argument }` makes another code.
invite-revoked-set-up = No invitation to { $name } is open. The connection is set up, and stays as it is.
invitation-heading = You are invited
invitation-host = { "  " }Sophos Central host { $host }
invitation-connection = { "  " }Connection { $name }, for AWS account { $account }
invitation-organization = { "  " }For AWS organization { $id } with management account { $management }
invitation-files = { "  " }Log files go to { $hosts }
invitation-compare = { "  " }The code shows the tenant, not the person: compare the tenant's id with whoever has invited you.
invitation-unattended = With the code of an invitation, `--expect-tenant` is required when no question can be asked; the tenant would be { $tenant }.
invitation-unattended-hint = Compare the id with whoever has invited you. If it is right, pass `--expect-tenant { $id }`.
invitation-refused = Sophos Central does not accept this code for AWS account { $account }: it is mistyped, has expired, was taken back, is for another AWS account, or was used up because its connection is active.
invitation-refused-hint = Check that the AWS credentials are those of the account that you were invited for, and that the code is whole. Otherwise ask whoever has invited you for another code: `sophos-ct invite` with the connection's name makes one.
invitation-foreign = The invitation leads to { $host }, which is outside the domain of { $global }.
interrupted-invited = Nothing is lost: run `sophos-ct setup { $name } --code -{ $flags }` to continue with the same code.
set-up-invited = Whoever has invited you sees that it is active. Without credentials of Sophos Central, nothing more can be done here.
setup-other-connection = The code is for connection { $found }, not for { $named }.
status-prepared = { $name } waits to be set up by whoever has the AWS account
fix-prepared = If the code is lost, has expired or was taken back, this makes another, and ends any that was sent:
status-elsewhere = { $name } is being set up
status-central-only = { "  " }As Sophos Central sees it: AWS was not asked.
wrong-account-answered = `account` is { $expected }, but the credentials are for account { $account }

## handing over

plan-written = { $file } has the plan: `sophos-ct { $verb } --plan { $file }{ $flags }` applies exactly it.
plan-unreadable = { $file } is not a plan: { $cause }
plan-not-read = { $file } cannot be read: { $cause }
plan-too-large = it is larger than any plan
plan-no-version = it has no version
plan-other-version = { $file } is a plan of version { $version }. This program reads version { $known } and others with the same first number.
plan-other-version-hint = Apply it with the version of the program that made it, or plan again.
plan-other-purpose = { $file } is a plan for `sophos-ct { $verb }`.
plan-no-wishes = The plan does not say what the removal keeps: `wishes` is missing.
plan-as-json = --as cannot be used together with --format json, whose only output is one JSON document.
plan-flag-differs = { $flag }: the plan has { $planned }, not { $given }
plan-answer-unknown = { $key }: the plan has an answer that this version of the program does not know
plan-answer-unfit = { $key }: { $complaint }
plan-elsewhere = The plan is for another place:
plan-other-account = The plan is for account { $expected }, but the credentials are for account { $account }
plan-other-tenant = The plan is for tenant { $expected }, but the credentials are for tenant { $tenant }
plan-place-differs = { $what }: { $planned } in the plan, { $found } by the credentials
plan-what-account = account
plan-what-partition = partition
plan-what-region = region
plan-what-tenant = tenant
plan-connection-other = The plan is for another connection than { $name }, which has the id { $id }.
plan-connection-gone = The plan cannot be applied to { $name } any more: what Central or AWS has of the connection { $id } is not what it had when the plan was made.
plan-moved = The plan does not fit any more. Nothing was changed. What has moved since it was made:
plan-moved-hint = Make the plan again, and let it be approved again:
plan-moved-documents = From what was planned to what was found:
moved-step = { $kind } { $arn }: planned was { $planned }, to be done is { $found }
moved-nothing = nothing
moved-document = { $document } of { $arn } has changed
moved-document-gone = { $document } of { $arn } is gone
moved-document-new = { $document } of { $arn } was not there
moved-after = { $document } of { $arn } would be written otherwise than the plan has it
moved-readable = { $document } of { $arn } could not be read when the plan was made
moved-unreadable = { $document } of { $arn } could be read when the plan was made, and cannot be read
moved-setting = { $kind } { $arn }: { $name } was { $planned } when the plan was made, and is { $found }
moved-left = { $kind } { $arn }: { $name } would be left as { $found }, planned was { $planned }
moved-function = The function would run other code: the plan of version { $tool } has { $planned }, this program has { $found } (SHA-256 of the zip)
moved-hosts = Log files would go to { $found }, planned was { $planned }
moved-answer = { $key }: { $planned } in the plan, { $found } by what the connection has saved
moved-name = The connection is called { $found }, in the plan { $planned }
moved-user = { $user } uses resources of this connection, and did not when the plan was made
markdown-action = Action
markdown-resource = Resource
markdown-name = Name
markdown-reason = Why
markdown-cost = Cost:
markdown-warnings = Warnings
markdown-settings = settings
markdown-advice = To know
markdown-left-out = { $count ->
    [one] 1 part of the plan is left out because it does not fit into a comment.
   *[other] { $count } parts of the plan are left out because they do not fit into a comment.
}

## verify-central and schema

schema-unknown = There is no schema { $name }. There are central-api, output, plan-file, { $known }
sandbox-verify-no-code = sandbox verify-central signs in with a client id and secret, not with a code
sandbox-verify-no-host = --allow-host: { $value } is not a host or host:port
sandbox-verify-consent = The credential would be sent to { $hosts }, and connections would be made and deleted in its tenant
sandbox-verify-consent-hint = Use the credential of a test tenant, and pass --yes
sandbox-verify-ask = Send the credential to { $hosts }, make connections in its tenant, and delete them at the end? It must be a test tenant
sandbox-verify-others = { $url } names hosts that were not agreed to: { $hosts }. Tokens, proofs and log files would be sent there
sandbox-verify-others-hint = If they belong to the implementation, pass { $flags }
sandbox-verify-ask-others = { $url } names other hosts: { $hosts }. Send tokens, proofs and log files there?
sandbox-verify-no-aws = no AWS credentials: { $cause }
sandbox-verify-no-role = { $caller } is no session of a role, which the forwarder's sign-in needs
sandbox-verify-fits = ok: { $name }
sandbox-verify-differs = differs: { $name }
sandbox-verify-not-tried = not tried: { $name } ({ $why })
sandbox-verify-difference = { $operation }: { $name }: { $how } (contract: { $contract })
sandbox-verify-stopping = Deleting what was made in the tenant. Ctrl-C again stops at once.
sandbox-verify-tidied = All connections that were made in the tenant are deleted
sandbox-verify-if-stopped = Left in the tenant, with their invitations: { $urls }. Delete each with the method DELETE and the header `If-Match: *`
sandbox-verify-cut-short = Not tried to the end: { $why }
sandbox-verify-left = Could not be deleted:
sandbox-verify-step = hold { $url } against the contract
sandbox-verify-summary = { $url }: { $fit } checks fit, { $differ } differ, { $untried } were not tried.

## adopt

adopt-nothing = In AWS, nothing under the names of connection { $name } carries the mark of a connection: a stack has made nothing for it here.
adopt-nothing-hint = Deploy the template first, and pass the same name and answers as to the plan that it comes from; --region says where to look.
adopt-several = What was found under these names is marked for several connections:
adopt-taken = Connection { $name } has these resources already: their mark is its id, { $id }.
adopt-taken-hint = `sophos-ct status { $id }` shows it. For another connection, make another template with `sophos-ct plan`.
adopt-deleted = These resources are marked for connection { $name } ({ $id }), which is deleted. An id cannot be used again.
adopt-deleted-hint = Make a new template with `sophos-ct plan`, and update the stack with it.
adopt-not-of-stack = Connection { $name } is not a stack's: setup has made what it consists of
adopt-not-of-stack-hint = Without --adopt, setup brings it back. For a stack, remove the connection first.
external-of-stack = owned by the stack { $stack }
external-of-some-stack = owned by a stack, or by other infrastructure code
external-missing = { $kind } is missing: { $arn }
external-differs = { $kind } is not as planned: { $arn }
external-differs-in = { $kind } is not as planned: { $arn }: { $how }
external-environment = These variables of { $arn } are not as planned: { $names }
external-code = The function runs other code than this sophos-ct deploys: { $arn } has the SHA-256 { $found }, and { $right } is right. `sophos-ct package --out forwarder.zip` writes the right zip: put it where the stack takes it from, and update the stack. Code of your own is named with --forwarder.
external-standing = { $kind } is owned by a stack and stays: { $arn }
external-hint = Delete them where they are declared (for Terraform, `terraform destroy`). After that, run the same command again.
external-hint-stack = The stack's own command deletes them: `{ $command }`. After that, run the same command as before.
external-hint-update = Setup changes nothing that a stack owns: update the stack from the template of `sophos-ct plan`.
check-stack = owner

## template

template-refused = This plan cannot be a template:
template-tags = `--tag` can be given { $most } times at most: a template needs three tags of its own
template-refused-hint = `{ $command }` with the same answers, without --as, does it: it reads what others have there, adds its part, and reads it back.
template-made = Connection { $name } was set up by this program: a template would make its resources a second time. Remove it first.
template-shared = { $kind } { $arn }: others have a part in it, and a template would replace theirs
template-first = { $kind } { $arn }: it belongs to the organization and must be there first
template-id = The template is for connection { $id }. Keep it: as long as Central does not know the connection, each plan makes another id.
template-next = Then, with the same answers as here for the last command:
package-next = For CloudFormation: `{ $upload }`, and BUCKET as the parameter CodeBucket. For Terraform: { $file } as the variable code_file.

## fleet

fleet-no-format = the name of the file must end in .toml or .csv
fleet-does-not-fit = Nothing was changed. The file of `--fleet` does not fit:
fleet-column-twice = the column is there twice
fleet-cells = { $count ->
    [one] 1 cell
   *[other] { $count } cells
 }, but the heading has { $columns }
fleet-quote-inside = a quote inside a cell that does not begin with one
fleet-quote-open = a quoted cell has no end
fleet-quote-after = text after the closing quote of a cell
fleet-only-members = the file has tables [[member]] and nothing else
fleet-no-text = must be text, a whole number, true, false, or a list of these
fleet-name-twice = the connection { $name } is that of line { $line } too; give each row a name of its own
fleet-empty = there is no account in the file
fleet-no-account = each row needs an account
fleet-no-column = is no column: there are account, role, external-id, session-tags, region, tenant, function-role, and answers by the name of their flag
fleet-one-text = must be one value
fleet-role-elsewhere = the role is in account { $account }, not in that of the row
fleet-external-id = must have 2 to 1224 characters: letters, digits and _+=,.@:/-
fleet-session-tag = { $value } is no session tag: KEY=VALUE, each key once, with at most 128 and 256 characters
fleet-session-tags = AWS takes at most { $most } session tags
fleet-not-with = { $flag } does not go with --fleet
fleet-no-role = account { $account } needs a role to assume: the credentials are those of { $own }
fleet-role-hint = The trust policy of { $role } must allow { $caller }, with the external id and session tags of the row; and the caller needs what `sophos-ct policy fleet` prints.
fleet-no-credentials = AWS has given no credentials for { $role }
fleet-still = running for { $seconds } s
fleet-unreadable = the run for this account ended with code { $code } and no result: { $said }
fleet-applied = set up
fleet-unchanged = nothing to do
fleet-removed = removed
fleet-planned = not begun
fleet-healthy = healthy
fleet-unhealthy = not healthy
fleet-failed = failed
fleet-but-unhealthy = { $result }, but something is wrong
fleet-unproved = waits for the forwarder's sign-in
fleet-why = { $account }: { $why }
fleet-summary = { $count ->
    [one] 1 account
   *[other] { $count } accounts
 }: { $failed } failed, { $unhealthy } not healthy.
fleet-go-on = Nothing is lost: run the same command again to go on. What is done stays as it is.
fleet-stopping = No further account is begun. Those that are running come to their end; Ctrl-C again stops them at once.
fleet-organization = All { $count } accounts are in one organization: one connection with `--organization` would collect from all of them.
fleet-looking = look at { $member }
fleet-plan = Plan for { $count ->
    [one] 1 account
   *[other] { $count } accounts
 }
fleet-total = Together: { $steps }
fleet-cost = { $count ->
    [one] 1 account gets an additional copy of management events,
   *[other] { $count } accounts get an additional copy of management events each,
 } billed at USD 2.00 per 100,000 events.
fleet-only-central = only Sophos Central changes
fleet-kept = what is left is kept for others
fleet-moved-hint = Run the same command again: it plans anew, and asks anew.
fleet-ask-setup = Apply these plans?
fleet-ask-remove = Type the number of accounts in the file to remove their connections
fleet-other-number = The number of accounts was said to be { $given }, but the file has { $count }. Nothing was changed.
column-result = RESULT
column-plan = PLAN

## certify: what excuses
certify-trails-unknown = Cannot see the account's trails. A log file that no digest lists counts as wrong, even if a trail without log file validation has written it: { $cause }
certify-expiry-unknown = Cannot see whether the bucket lets log files expire, so none counts as expired: { $cause }
proof-unassigned = perhaps of another trail, which has no digests: not listed by the digests of their time

## what a reader at a terminal takes at its word
length-minutes = { $number } min
length-hours = { $number } h
audit-complete-so-far = { $count ->
    [one] Sophos Central has every log file of { $name } that it wants, of those that have had time to arrive; 1 is still on its way.
   *[other] Sophos Central has every log file of { $name } that it wants, of those that have had time to arrive; { $count } are still on their way.
 }
audit-complete-since-so-far = Sophos Central has every log file of { $name } that it wants and that landed since the connection was made, of those that have had time to arrive. Still on their way: { $count }. Landed before: { $earlier }.
audit-window-reversed = --since must be before --until: { $since } is not before { $until } (a duration counts back from the present)
audit-replay-nothing = Nothing was sent. Running this again is safe: a file that is sent twice is stored once.
audit-replay-function-hint = `sophos-ct status { $argument }` shows what is wrong with the function.
audit-replay-paused-hint = `sophos-ct resume { $argument }` ends the pause.
remove-missing-yes = With --yes nobody is asked, so these flags are required: { $flags }
path-last = { $word }, last { $time }
reason-not-logging = it is not logging
accounts-not-listed = { $count ->
    [one] { $accounts } is not in the list of collected accounts.
   *[other] { $count } are not in the list of collected accounts: { $accounts }.
 }
accounts-unchanged = Nothing was changed.

## audit: whose a file is
audit-undelivered = { $count ->
    [one] 1 log file of { $name } could not be delivered to Sophos Central: the function has reported why. No other file is known to be missing.
   *[other] { $count } log files of { $name } could not be delivered to Sophos Central: the function has reported why. No other file is known to be missing.
 }
audit-replay-trails = The account's trails cannot be seen, so it cannot be told whose log files are in the bucket, and nothing was sent: { $cause }
audit-replay-closed = A digest of the connection's trail may not be read ({ $action }), so it cannot be told whose the log files of its time are, and nothing more was sent: { $key }
audit-trail-unknown = It cannot be told whether the trail { $trail } is that of an organization, so it is not known in which folder its log files are: { $cause }
audit-organizations = The account { $account } has folders in several organizations in { $bucket } ({ $organizations }), and digests of the trail { $trail } do not tell which of them is the trail's.
audit-organizations-hint = With `--since` and `--until`, choose a time in which the trail has written digests for one organization only.

## audit: what a replay holds back
audit-held-back = { $count ->
    [one] 1 log file has not arrived and was not sent, since no digest tells whether the connection's trail wrote it. With --include-unassigned it is sent too.
   *[other] { $count } log files have not arrived and were not sent, since no digest tells whether the connection's trail wrote them. With --include-unassigned they are sent too.
 }

## audit: what tells whose a file is, and cannot be read
audit-others-archived = Digests that tell which trail wrote a log file are in a storage class that must be restored first, so missing files may be among those that no digest assigns. Restore the digests of this time in S3 to tell.
audit-region-unseen = Cannot see the trails of { $region }, so files there cannot be told from those of a trail that shows in no other region: { $cause }
audit-unassigned-failed = { $count ->
    [one] 1 log file has not arrived, and no digest tells whether the connection's trail wrote it.
   *[other] { $count } log files have not arrived, and no digest tells whether the connection's trail wrote them.
 }
audit-unassigned-hint = There may be no digest of the last two hours yet. A daily audit that leaves them to the next one is `--since 27h --until 3h`.
## removal without Central, and what cannot be listed
reason-trace = stays until it is known how the connection hears of log files
left-trace = { $kind } stays until it is known how the connection hears of log files: { $arn }
without-central-topics = The connection's function is subscribed to several topics, and nothing shows which of them is the connection's:
without-central-topics-hint = Name the connection's own with `--topic`, or delete these subscriptions yourself.

## audit: whose log files are

audit-unsigned-hint = Log file validation of { $trail } is off, so CloudTrail signs nothing that it delivers, and no digest says which log files are its own. `aws cloudtrail update-trail --name { $trail } --enable-log-file-validation` switches it on, for what is delivered from then on.
## fleets: rows of one account
fleet-waiting = { $count ->
    [one] 1 more row is planned once these are done, because it is of the same account as one of them.
   *[other] { $count } more rows are planned once these are done, because they are of the same accounts.
 }
fleet-behind = not begun, because { $name } of the same account has failed. Run the same command again once that is mended.
fleet-declined = Declined: nothing else was changed.
fleet-other-number-later = The number of accounts was said to be { $given }, but the file has { $count }. Nothing else was changed.
## removal: what is left, and whose it is
recorded-part = Central's record of what is in AWS: our part of { $kind } { $arn }
recorded-of-stack = Central's record of what is in AWS: { $kind } { $arn } (owned by a stack)
left-shared = not removed: { $kind } { $arn } ({ $reason })
left-unlisted = a topic may still have a subscription of { $arn }; it cannot be looked for ({ $action } is denied)
without-central-two-feeds = The connection has a rule of its own, and its function is invoked by a topic. Nothing shows with which of the two it was set up:
without-central-two-feeds-hint = Delete what the connection does not use: the rule, or the subscription to the topic with the function's permission. Then run the same command again.
