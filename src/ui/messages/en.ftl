# What sophos-ct says, in English. Ids are used by `t!`; tests/messages.rs finds ids that are missing here or unused.

label-error = error:
label-hint = hint:
label-request-id = request id: { $id }
hint-run-again = What was done so far is recorded in Central: run the same command again to continue.
interrupted = Stopped.
interrupted-hint = Nothing is lost: `sophos-ct setup { $name }` or `sophos-ct remove { $name }` goes on from here.
declined = Declined: nothing was changed.

## Questions
ask-name = Name of the connection
ask-organization = Does this connection cover an AWS organization?
ask-resources = Create new resources, or use existing ones?
ask-defaults = Use these names?
ask-trail = Which trail?
ask-trail-recommended = Which trail? One that notifies a topic already changes nothing of yours.
ask-which-bucket = Name of the bucket
choice-bucket-alone = A bucket in this account whose trail is elsewhere (a Control Tower log archive, another account's trail)
ask-notify = The trail notifies no topic that can be subscribed to. What may be changed?
ask-notify-bucket = May a notification be added to the bucket? Those that are there stay.
choice-notify-trail = The trail: it gets a topic to notify
choice-notify-eventbridge = EventBridge: turned on for the bucket, beside what is there, with a rule to the function
choice-notify-bucket = The bucket: a notification is added to it
trail-without-topic = no topic
trail-with-topic = topic { $topic }
trail-encrypted = encrypted with { $key }
trail-no-management = logs no management events now
ask-cost = Create the trail and accept the cost?
ask-apply = Apply this plan?
ask-remove = Remove this connection?
ask-central-only = End the connection in Central and leave the AWS resources where they are?
ask-bucket = Type the bucket's name to delete it with all log files ({ $bucket })
ask-secret = Sophos Central client secret
ask-tenant = Which tenant?
ask-yes-or-no = Please answer y or n.
ask-number = Number
ask-number-range = Please type a number from 1 to { $count }.
ask-nobody = Nobody can be asked: there is no terminal, or --no-input was given.
ask-ended = The input ended before the question was answered.
ask-broken = The terminal cannot be read: { $cause }
step = Step { $number } of 3: { $title }
ask-accounts = Which accounts of the organization?
choice-accounts-all = All, also those that join later
choice-accounts-some = Some that I choose; those that join later are collected once `sophos-ct accounts <connection> --add` adds them
ask-which-accounts = Accounts to collect
ask-account-ids = Account ids, by commas, or @file
accounts-unseen = The organization's accounts cannot be listed ({ $action } is missing), so they are typed.
accounts-chosen =   Accounts: { $accounts }
ask-several-done = Done: { $count ->
    [0] none ticked yet
    [one] 1 ticked: { $items }
   *[other] { $count } ticked: { $items }
 }
ask-several-how = { $question } (type to search, Enter ticks)
ask-several-none = Tick at least one.
ask-numbers = Numbers, by commas
step-organization = AWS Organizations
step-resources = Resources
step-details = AWS details
choice-new = New resources: trail, bucket, topic and function of their own
choice-existing = Existing resources: a trail or bucket that is there already
answer-org-id = Id of the organization (o-…)
answer-management-account = Management account of the organization
answer-bucket = Bucket
answer-prefix = Prefix
answer-trail = Trail
answer-topic = Topic
answer-function = Function
answer-role = Role
answer-none = (none)
trail-found = { "  " }This trail logs management events already: { $trail }
confirm-yes = Yes, apply it
confirm-no = No, change nothing
confirm-explain = Explain the steps
confirm-missing = The plan is applied only with --yes, or after a confirmation on a terminal.

## First screen
greeting = CloudTrail logs to Sophos Central
greeting-aws = { "  " }AWS account { $account }{ $alias }, region { $region } (from { $origin })
greeting-caller = { "  " }Caller { $arn }
greeting-tenant = { "  " }Sophos tenant { $tenant }, region { $region }
caller-root = The caller is the account's root user. Use a role or user with administrator rights instead.
nothing-written = { "  " }Nothing is written until you say yes.
not-official = Not an official Sophos product. Sign-in, tenants and licences use Sophos's published API; connections and log ingest follow an assumed contract that Sophos does not publish.

## Plan
plan-heading = Plan for { $name }
plan-kept = { $count ->
    [one] { "  " }= 1 part stays as it is
   *[other] { "  " }= { $count } parts stay as they are
}
plan-events = CloudTrail will record: { $events }
flow-organization = Logs of { $accounts } of AWS organization { $id } (management account { $management }) go to Sophos tenant { $tenant }, region { $region }. { $later }
flow-accounts-all = every account
flow-accounts = { $count ->
    [one] 1 account
   *[other] { $count } accounts
 }
flow-later-all = Accounts that join later are collected too.
flow-later-none = Accounts that join later are not collected.
flow = Logs of AWS account { $account } go to Sophos tenant { $tenant }, region { $region }.
equivalent = The same without questions: { $command }
nothing-to-do = Nothing to do: everything is as planned.
changes-pending = There is something to do.
cost = A further copy of management events is billed, USD 2.00 per 100,000 events: { $estimate } They are logged already by { $trails }.
cost-estimate = at the present rate { $region } has about { $events } events a month, USD { $usd }; other regions come on top.
cost-unknown = about USD 20 a month for an account with a million events.
cost-hint = Pass --accept-cost to create the trail all the same.
note-kept-bucket-expiry = The kept bucket { $bucket } keeps its own expiry of log files.
note-newer-forwarder = The function runs the newer version { $version }; it is left as it is.
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
why-trailTopic = tells our topic of each new log file; the trail had none, and stays as it is otherwise
why-bucketNotification = tells our topic of each new log file, beside the notifications that are there
why-trustedAccess = lets CloudTrail make a trail in every account of the organization; stays when the connection is removed
why-serviceLinkedRole = lets CloudTrail read which accounts the organization has; stays when the connection is removed
why-eventRule = hands each new log file of the bucket to the function
why-trail = records the account's management events in all regions and starts logging
why-bucket = holds the log files, encrypted and private
why-topic = tells the function about each new log file
why-subscription = connects the topic to the function
why-function = streams each log file that Central wants, unchanged
why-role = what the function runs as
why-rolePolicy = lets the function read log files and write its own log, nothing else
why-logGroup = keeps the function's own log for a limited time
why-bucketPolicyStatement = lets CloudTrail write this trail's files, and refuses access without TLS
why-topicPolicyStatement = lets CloudTrail publish for this trail only
why-functionPermission = lets this topic invoke the function
why-lifecycle = deletes log files after the days you chose
reason-retention = keep events { $days } days
reason-expiry = log files expire after { $days } days
reason-untouched = unmarked but untouched: made by a run that was stopped
reason-kept = kept from connection { $id }
reason-plain-http = without the TLS rule: S3 is reached over plain http here
reason-code = code of version { $version }
reason-environment = settings of the function
reason-upgrade-refused = the caller may not update functions: the deployed code stays
reason-shared = used by { $users }
reason-keep-trail = --keep-trail
reason-trail-stays = the trail that stays needs it
reason-never-used = empty, made by a run that was stopped
reason-logs-kept = log files are kept; --delete-logs removes them

## Progress
progress-waiting = { "" }: { $what } ({ $seconds } s at most)
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
wait-trail = waiting until the trail can be changed
verify-step = verify: the forwarder signs in to Central
verify-waiting = waiting for its sign-in
verify-no-sign-in = Set up, but the forwarder has not signed in to Central yet.
verify-cannot-read = Set up, but the forwarder cannot read the bucket: { $detail }
verify-no-logs = Set up, but no log file has arrived yet.
verify-hint = See what is missing with `sophos-ct status { $name }`, or run setup again.
set-up = Connection { $name } is { $status }.
set-up-next = See logs arriving: sophos-ct status { $name }

## Conflicts
conflicts = This stands in the way, nothing was changed:
conflicts-hint = Choose other names, or remove what is in the way yourself.
conflicts-remove-hint = Nothing is deleted on the word of Central alone: look at these yourself.
conflict-unmarked = { $arn } is there and carries no mark of this connection
conflict-other = { $arn } belongs to connection { $id }
conflict-unseen = { $arn } cannot be seen ({ $action } is missing), so it cannot be told whose it is
conflict-bucket-taken = bucket { $bucket } belongs to somebody else, or this caller may not see it
conflict-bucket-region = bucket { $bucket } is in region { $region }
conflict-permission = permission { $id } of { $arn } is for something else
conflict-role-path = role { $arn } is there, not { $planned }; pass its --role-path
conflict-role-trust = role { $arn } does not trust lambda.amazonaws.com, so no function can run with it
conflict-topic-key = topic { $arn } is encrypted with { $key }, whose policy nobody can change: no AWS service can publish to it
note-key = The log files are encrypted: the owner of { $key } must allow kms:Decrypt to { $role }, unless its policy leaves that to IAM.
conflict-answers-changed = the role policy or the topic policy of connection { $name } in AWS was made for other answers than those that Central has now
conflict-topic-gone = topic { $arn } is gone
conflict-trail-gone = trail { $trail } is gone
conflict-trail-bucket = trail { $arn } writes into { $bucket } now, not into { $planned }
conflict-bucket-gone = bucket { $bucket } is gone
conflict-bucket-foreign = bucket { $bucket } belongs to another account, or is hidden from this caller; run setup in the account that owns it, with --bucket { $bucket }
conflict-overlap = bucket { $bucket } has a notification that S3 accepts no other beside: { $rule } (--notify eventbridge goes beside it)
conflict-denied = the policy of bucket { $bucket } denies it to { $who }: statement { $statement }; have its owner exempt it
conflict-requester-pays = bucket { $bucket } is Requester Pays, and CloudTrail delivers into no such bucket; have its owner turn that off, or take another bucket
note-denied = The policy of bucket { $bucket } may deny it to { $who }, under conditions that cannot be told from here: statement { $statement }.
note-object-lock = Bucket { $bucket } has Object Lock: its log files can be deleted by nobody before their time.
note-abac = In bucket { $bucket } tags decide too who may do what (ABAC): no policy may keep { $role } from it by them.
note-bucket-unseen = What may stand in the way in bucket { $bucket } cannot all be seen ({ $actions } is missing).
conflict-role-gone = role { $arn } (--role-arn) is not there
note-role-unseen = Whether a function can run with role { $arn } cannot be seen ({ $action } is missing); Lambda refuses it if not.
note-own-role = Role { $arn } is yours: its policy must allow this: { $policy }
note-dead-letter = Events that the function cannot handle go to { $arn }; its policy must let { $services } send to it for this account.
reason-dead-letter = other dead-letter target
not-with-role-arn = --{ $flag } is about a role that is created: leave it out, or --role-arn.
invalid-role-arn = `{ $value }` is not the ARN of a role (arn:aws:iam::<account>:role/<name>).
invalid-dead-letter = `{ $value }` is not the ARN of a standard SQS queue or SNS topic.
arn-partition = --{ $flag }: { $arn } is in another partition than the caller ({ $partition }).
arn-account = --{ $flag }: { $arn } is in another account than the caller ({ $account }).
arn-region = --{ $flag }: { $arn } is in another region than the function ({ $region }).
who-cloudtrail = CloudTrail
who-function = the function ({ $role })
note-trail-stopped = Trail { $arn } does not log at the moment: no log files come from it.
wait-notification = waiting until the bucket's notification is visible
conflict-not-management = account { $account } is neither the management account of the organization ({ $management }) nor its delegated administrator for CloudTrail, as far as can be seen; run setup there
conflict-not-trusted = CloudTrail has no trusted access to the organization; only its management account { $management } can give it (organizations:EnableAWSServiceAccess)
note-organization-unseen = Whether { $arn } is there cannot be seen ({ $action } is missing); CloudTrail refuses the trail if not.
reason-others-listen = another rule listens to events of S3
reason-never-undone = of the whole organization; remove leaves it
claim-foreign = Central calls { $kind } { $arn } ours; this connection has no such part
claim-elsewhere = Central calls { $kind } { $arn } ours; it is in another account, region or partition
document-unseen = the document of { $arn } cannot be read: { $action } is missing
policy-not-visible = The policy of { $arn } was written but does not show the change.
trail-limit = region { $region } has five trails, which is AWS's limit: { $trails }
trail-limit-hint = Delete a trail that is no longer needed, or use an existing one.
bucket-locked = bucket { $bucket } has Object Lock: AWS does not let anybody delete it
bucket-foreign-writer = bucket { $bucket }: statement { $statement } of its policy lets somebody else write there
bucket-not-emptied = Bucket { $bucket } is not empty yet.
bucket-foreign-objects = bucket { $bucket } also holds { $key }, which is no log file of ours
bucket-used-by-trail = bucket { $bucket } is used by trail { $trail }
function-failed = Function { $function } cannot start: { $reason }
function-not-active = Function { $function } did not become ready in time.
function-vanished = Function { $function } is gone.

## Answers
answers-do-not-fit = These answers do not fit:
answers-unreadable = { $file }: { $cause }
answers-unknown-key = { $file }: `{ $key }` is not an answer of setup
answers-fixed = These answers cannot be changed:
answers-fixed-hint = Leave them out to go on with the saved ones, or set up another connection.
answer-fixed = --{ $flag }: the connection was set up with `{ $saved }`, not `{ $given }`
saved-unfit = What Central has saved for --{ $flag } does not fit: { $complaint }
missing-resources = --resources is missing: management events are logged already by { $trails }, so there is no safe default.
trails-unseen = The trails cannot be seen ({ $action } is missing).
trails-unseen-hint = Pass --trail with its name or ARN, or --bucket where the trail is in another account.
no-trails = There is no trail here that could be used.
missing-trail = --trail is missing, one of:
trail-unknown = --trail: `{ $trail }` is none of the trails here:
trail-decides = --{ $flag } is `{ $given }`, but the trail has `{ $value }`; leave it out
trail-name-only = --trail: with --resources new it is the name of the trail to create, not an ARN
trail-has-topic = Trail { $trail } notifies { $topic } already; a trail has one topic, and it is not replaced.
trail-has-topic-hint = Leave --notify out to subscribe to it, or pass --notify bucket.
trail-of-other-account = Trail { $trail } belongs to another account and cannot be changed from here.
trail-home-elsewhere = Trail { $trail } can be changed only in its home region: pass --region { $region }.
control-tower = { $trail } is Control Tower's; its bucket is in the log archive account. Run there: sophos-ct setup --resources existing --bucket { $bucket } --notify bucket
topic-elsewhere = Trail { $trail } notifies { $topic }, which is in another account or region and cannot be subscribed to from here.
notify-trail-needs-trail = --notify trail needs --trail
missing-prefix = --prefix is missing: bucket { $bucket } holds log files under several:
missing-notify = --notify is missing: trail { $trail } notifies no topic that can be subscribed to.
missing-notify-bucket = --notify is missing: without a trail that can be seen, only the bucket can notify.
missing-notify-hint = --notify trail gives the trail a topic; --notify bucket adds a notification to its bucket, --notify eventbridge turns EventBridge on for it. All are taken back by remove.
only-organization = --{ $flag } goes with --organization only
organization-differs = --{ $flag } is `{ $given }`, but the organization has `{ $value }`; leave it out
organization-unseen = The organization cannot be seen ({ $action } is missing): pass { $flags }.
no-organization = Account { $account } is not in an organization.
only-existing = --{ $flag } goes with --resources existing only
only-new = --{ $flag } goes with --resources new only
missing-resources-hint = Pass --resources new for a trail of its own (with --accept-cost), or --resources existing.
invalid-account = `{ $value }` is not an AWS account id (12 digits)
invalid-name = `{ $value }` is not a connection name (1 to 64 letters, digits, spaces, `.`, `_`, `-`; starts with a letter or digit)
invalid-region = `{ $value }` is not a region name such as eu-west-1
invalid-partition = `{ $value }` is not an AWS partition that this program knows
invalid-connection-id = `{ $value }` is not a connection id
invalid-arn = `{ $value }` is not an ARN
invalid-bucket = `{ $value }` is not a bucket name (3 to 63 lower-case letters, digits and `-`)
invalid-trail = `{ $value }` is not a trail name (3 to 128 letters, digits, `.`, `_`, `-`; none of the latter two in a row)
invalid-topic = `{ $value }` is not a topic name (1 to 256 letters, digits, `_`, `-`; no FIFO topic)
invalid-function = `{ $value }` is not a function name (1 to 64 letters, digits, `_`, `-`)
invalid-role = `{ $value }` is not a role name (1 to 64 letters, digits and `_+=,.@-`)
invalid-role-path = `{ $value }` is not an IAM path (starts and ends with `/`)
invalid-prefix = `{ $value }` is not a key prefix that can be used (at most 200 characters, no `/` at its ends, no `.` or `..` between slashes, none of * ? $ \ " and braces)
invalid-tag = `{ $value }` is not a tag KEY=VALUE that all services accept
invalid-tags = at most 48 tags, each key once
invalid-org-id = `{ $value }` is not an organization id (o-…)
invalid-choice = `{ $value }` is not one of { $allowed }
invalid-shape = `{ $value }` is of the wrong kind
invalid-flag = `{ $value }` is not true or false
invalid-number = `{ $value }` is not a number
invalid-days = `{ $value }` is not a number of days
invalid-duration = `{ $value }` is not a duration such as 90s, 15m or 24h
region-missing = No AWS region is set.
region-missing-hint = Pass --region, or set AWS_REGION.
region-of-connection = The connection's home region is { $region }: going on there.
origin-profile = the profile
wrong-target = These credentials are for something else:
wrong-account = --expect-account is { $expected }, the credentials are for account { $account }
wrong-tenant = --expect-tenant is { $expected }, the credentials are for tenant { $tenant }
connection-unknown = Central knows no connection `{ $name }`.
connection-unknown-hint = `sophos-ct list --all` shows all there are.
connection-other-account = Connection { $name } is of AWS account { $account }; the credentials are for { $caller }.
tenant-missing = The credentials act for several tenants: --tenant is missing.
expect-tenant-missing = With a partner's or organization's credentials, --expect-tenant is required where nobody is asked; the tenant would be { $tenant }.
expect-tenant-missing-hint = Pass --expect-tenant with the tenant's name or id.
tenant-missing-hint = Pass --tenant with a name or id.
tenant-unknown = --tenant: `{ $wanted }` is none of the tenants of these credentials
tenant-ambiguous = --tenant: `{ $wanted }` is the name of several tenants; pass the id
tenant-not-own = --tenant is { $wanted }, the credentials are for tenant { $tenant }
secret-unreadable = --client-secret-file: { $file }: { $cause }
watch-json = --watch and --format json do not go together
url-invalid = { $name }: `{ $value }` is not a URL
url-insecure = { $name }: `{ $value }` must be https

## Forwarder package
forwarder-built-in = the function that is built in
forwarder-unreadable = --forwarder: { $file }: { $cause }
forwarder-refused = { $file } cannot run as the function: { $reason }
forwarder-refused-hint = Pass --forwarder with a Linux build for x86_64 or arm64 that needs glibc 2.34 at most (README, "Build for Lambda").
forwarder-not-elf = it is not a Linux program
forwarder-no-bootstrap = the zip has no file `bootstrap`
forwarder-machine = it is for another kind of machine ({ $machine })
forwarder-glibc = it needs glibc { $version }, and Lambda has 2.34
forwarder-too-large = the zip has { $megabytes } MB, and Lambda takes 50

## AWS
aws-no-credentials = No AWS credentials were found.
aws-credentials-unusable = No AWS credentials could be loaded: { $cause }
aws-profile-hint = Only the profile `{ $profile }` was looked at, because it was named.
aws-no-credentials-hint = Run this in CloudShell, pass --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
aws-expired-hint = The credentials have expired: sign in to AWS again.
aws-refused = AWS refused the credentials: { $code } { $message }
aws-refused-hint = Check the AWS credentials, and the clock of this machine.
aws-endpoint-unfit = { $variable } is `{ $value }`, which is not an http or https URL; unset it to reach AWS itself
aws-unreachable = AWS did not answer { $action }: { $cause }
aws-unreachable-hint = Check the network, the proxy and AWS_ENDPOINT_URL.
aws-denied = { $action } is not permitted: { $message }
aws-denied-hint = `sophos-ct policy setup-new` or `policy remove` prints what is needed, { $action } among it.
aws-error = AWS refused { $action }: { $code } { $message }
aws-endpoint = AWS endpoint for { $service }: { $url }
refused-bucket-policy = The bucket's policy must let cloudtrail.amazonaws.com read the bucket's ACL and put objects below AWSLogs/, for this trail, and no statement may deny it; see `policies/bucket.json`.
refused-no-bucket = The bucket is gone, or in another partition: look at --bucket.
refused-topic-policy = The topic's policy must let cloudtrail.amazonaws.com publish for this trail, and the topic must be there.
refused-topic-name = CloudTrail notifies standard topics only, by name or ARN: FIFO topics cannot be used.
refused-key-policy = The key's policy must let cloudtrail.amazonaws.com call kms:GenerateDataKey* and kms:DescribeKey for this trail: ask the key's owner.
refused-no-key = The key must be there, in the bucket's region, and the trail's own: ask its owner.
refused-key = The key cannot be used: it may be disabled, or waiting for its deletion. Ask its owner.
refused-name = Choose other names with --trail, --bucket or --prefix.
refused-home-region = Run it in the trail's home region, with --region.
refused-conflict = The trail is being changed by somebody else: wait some minutes, then run it again.
refused-no-trusted-access = CloudTrail has no trusted access to the organization: in the management account, `aws organizations enable-aws-service-access --service-principal cloudtrail.amazonaws.com`.
refused-dependency = The caller may not see the organization (`sophos-ct policy setup-organization` prints what it needs), or CloudTrail's service-linked role is missing in the management account: `aws iam create-service-linked-role --aws-service-name cloudtrail.amazonaws.com`.
refused-not-management = Run setup in the organization's management account, or in its delegated administrator for CloudTrail; or leave --organization out.
refused-no-organization = This account is in no organization: leave --organization out.
refused-features = The organization has consolidated billing only: its management account must enable all features, or set up each account by itself.
refused-no-linked-role = In the management account: `aws iam create-service-linked-role --aws-service-name cloudtrail.amazonaws.com`.
refused-suspended = The topic is of an account that is closed or suspended: take another topic.
refused-not-permitted = The trail is the organization's: only its management account, or its delegated administrator for CloudTrail, can change it. With --notify bucket in the bucket's account the trail need not be changed.
refused-no-trail = The trail is gone, or in another region: look at --trail and --region.
refused-tags = Leave out some of --tag, or write them with letters, digits, spaces and _ . : / = + - @ only.
denied-by-scp = A service control policy of the organization forbids it: ask its administrator.
denied-by-rcp = A resource control policy of the organization forbids it: ask its administrator.
denied-by-boundary = The caller's permissions boundary forbids it.
denied-by-endpoint = The policy of a VPC endpoint on the way forbids it.
denied-by-session = The session's policy forbids it.

## Central
central-no-credentials = No Sophos Central credentials were found.
central-no-credentials-hint = Set SOPHOS_CENTRAL_CLIENT_ID and SOPHOS_CENTRAL_CLIENT_SECRET, or pass --client-secret-file.
central-sign-in = Sophos Central refused the credentials ({ $error }).
central-sign-in-hint = Check client id and secret under API Credentials Management in Sophos Central.
central-forbidden = Sophos Central does not permit this: { $message }
central-forbidden-hint = The API credential needs the role Service Principal Super Admin.
central-unreachable = Sophos Central does not answer: { $cause }
central-unreachable-hint = Check the network and the proxy, then run the same command again.
central-unreadable = Sophos Central's answer cannot be read: { $cause }
central-error = Sophos Central answered { $status } { $error }: { $message }
central-name-taken = A live connection of this tenant has this name.
central-other-content = Connection { $id } is in Central with other content.
central-changed = Connection { $name } was changed by somebody else meanwhile: run the command again.
central-hosts = Central hosts: { $id }, { $api }
license-required = The "Public Cloud" integrations licence is missing or has ended.
license-required-hint = Renew the licence in Sophos Central, then run the same command again.
license-valid = The "Public Cloud" integrations licence is valid.
license-missing = The tenant has no "Public Cloud" integrations licence.
license-ended = The "Public Cloud" integrations licence ended on { $date }.
license-cannot-tell = { "  " }Licence: cannot tell
license-no-code = cannot tell: SOPHOS_CENTRAL_LICENSE_CODE is not set

## Removal
removal-heading = Removal of { $name } from AWS account { $account }
removed = Connection { $name } is removed.
removed-without-central = What carries the mark of connection { $name } is removed from AWS. Central still has the connection: `sophos-ct remove` ends it there.
events-stay = Bucket { $bucket } goes on telling EventBridge: whether it did so before, only Central knows.
without-central-by-id = --without-central needs the connection's name: names in AWS come from it, not from the id
without-central-nothing = Nothing under the names of connection { $name } carries a connection's mark.
without-central-several = Several connections' marks stand under these names:
without-central-hint = Pass --trail, --bucket, --topic, --function and --role where the names are not the default ones.
removed-kept = Kept: { $kind } { $arn } ({ $reason })
already-removed = Connection { $name } is removed already.
not-done = not done: { $kind } { $arn }
incomplete = Removed what could be removed; this is left:
incomplete-hint = `sophos-ct policy remove` prints the permissions; with them, run the same command again.
last-trail = This is the last trail that logs management events in this region: the account is without a record of them afterwards. --keep-trail leaves it.
shared-with = { $user } uses it: it is kept (--force-shared removes it all the same)
user-subscribers = { $count ->
    [one] another subscriber
   *[other] { $count } other subscribers
}
remove-missing = Without a terminal, these are required: { $flags }
confirm-account-other = --confirm-account is { $given }, the credentials are for account { $account }
bucket-not-confirmed = The bucket's name was not confirmed ({ $bucket }): nothing was changed.
stays-in-aws = stays in AWS: { $kind } { $arn }

## List, status, doctor
accounts-elsewhere = --accounts is for a new connection; `sophos-ct accounts { $name }` changes which accounts are collected
accounts-unreadable = { $file }: { $cause }
accounts-unfit = { $count ->
    [one] { $items } is not an AWS account id (12 digits)
   *[other] { $count } are not AWS account ids (12 digits): { $items }
}
accounts-empty = no account id is in it
accounts-too-many = { $number } accounts are more than the { $most } that a connection may have
accounts-no-organization = Connection { $name } does not cover an organization: it has one account.
accounts-edit-all = All accounts are collected: --set picks some of them.
accounts-none-left = No account would be left: --all collects all, `sophos-ct remove` ends the connection.
accounts-some = { $count ->
    [one] 1 account of the organization is collected.
   *[other] { $count } accounts of the organization are collected.
}
accounts-all = All accounts of the organization are collected for { $name }, also those that join later.
list-empty = There is no connection.
column-name = NAME
column-account = ACCOUNT
column-region = REGION
column-status = STATUS
column-last-log = LAST LOG
column-objects = OBJECTS
status-heading = { $name } ({ $id })
status-version = { $runs } signed in, { $deployed } was deployed
status-signed-in = last at { $at }, version { $version }
status-no-sign-in = the forwarder has never signed in
status-can-read = the forwarder can read the bucket
status-read-unknown = not told yet
status-logs = { $count ->
    [one] 1 log file
   *[other] { $count } log files
}, { $bytes } bytes, last at { $at }
status-no-logs = none yet; CloudTrail takes about five minutes
status-code = SHA-256 { $digest }
status-environment = SHA-256 { $digest }
status-logging = the trail logs
status-not-logging = the trail does not log
status-no-trail = the trail is gone
status-delivery-error = CloudTrail cannot write to the bucket: { $code }
status-notification-error = CloudTrail cannot publish to the topic: { $code }
status-unseen = the caller may not see it
not-healthy = Not everything is as it should be.
fix-setup = sophos-ct setup { $name }
fix-read = Check the role's policy and the bucket's for a Deny.
fix-logging = Run setup again, and check the bucket's and the topic's policy.
doctor-caller = not the root user
doctor-trails = { $count } of 5 in this region
doctor-trail-management = { $trail } logs management events
doctor-cost = A further trail is billed: USD 2.00 per 100,000 management events.
doctor-control-tower = { $trail } is Control Tower's: its log files are in the log archive account
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
sandbox-not-running = The sandbox does not run.
sandbox-stopped = The sandbox has stopped; its state stays.
sandbox-reset = The sandbox has stopped and forgotten its state.
sandbox-will-not-end = The sandbox (process { $pid }) does not end.
sandbox-running = The sandbox runs: AWS at { $aws }, Central at { $central }, account { $account }
sandbox-not-built = This build has no sandbox.
