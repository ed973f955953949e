//! The checks: operation, name, and what the contract says.

/// A check of an operation.
#[derive(Debug)]
pub(crate) struct Check {
    /// The `operationId` in the contract.
    pub operation: &'static str,
    pub name: &'static str,
    /// What the contract says of it.
    pub contract: &'static str,
    /// It takes the identity of a role in AWS.
    pub needs_forwarder: bool,
    /// It takes the credential of a partner or an organization.
    pub needs_partner: bool,
    /// Why it cannot be tried from outside, within a minute.
    pub untried: Option<&'static str>,
}

/// The check of an answer 429 or 503, which comes where an implementation wants it.
pub(super) const BUSY: &str = "says how long to wait where it is busy";

const NEEDS_END_OF_LICENCE: &str = "it takes a tenant whose licence has ended";
const NEEDS_A_DAY: &str = "it takes 24 hours";

macro_rules! checks {
    ($($operation:literal: [$($kind:ident $name:tt $contract:literal $(never $why:tt)?;)*])*) => {
        /// Every check, in the order of the contract.
        pub(super) const CHECKS: &[Check] = &[$($(Check {
            operation: $operation,
            name: $name,
            contract: $contract,
            needs_forwarder: checks!(@aws $kind),
            needs_partner: checks!(@partner $kind),
            untried: checks!(@untried $($why)?),
        }),*),*];
    };
    (@aws aws) => { true };
    (@aws $other:ident) => { false };
    (@partner partner) => { true };
    (@partner $other:ident) => { false };
    (@untried) => { None };
    (@untried $why:tt) => { Some($why) };
}

checks! {
    "token": [
        any "signs the credential in" "200: access_token, token_type bearer, expires_in, errorCode success";
        any "refuses a wrong secret" "401 with errorCode oauth.invalid_client_secret, message, trackingId";
        any "refuses another grant type" "grant_type: client_credentials";
        any "refuses another scope" "scope: token";
        any "ends with its time" "Valid for expires_in seconds";
    ]
    "whoami": [
        any "says whose the credential is" "200: id, idType, apiHosts.global";
        any "names the data region of a tenant alone" "dataRegion only where idType is tenant";
        any "refuses a call without a token" "bearer token; 401";
        any "refuses a token that it has not given" "bearer token; 401";
    ]
    "partnerTenants": [
        any "is for partners alone" "X-Partner-ID";
        partner "lists tenants" "page/pageSize/pageTotal paging; items: id, name, dataRegion, apiHost";
    ]
    "organizationTenants": [
        any "is for organizations alone" "X-Organization-ID";
        partner "lists tenants" "same shape as the partner's";
    ]
    "licenses": [
        any "lists the licences" "on the global host: licenses, each with product, dates, perpetual and type";
        any "requires the tenant" "400: a missing X-Tenant-ID";
    ]
    "listConnections": [
        any "lists summaries" "without accounts (accountCount instead), settings and resources";
        any "finds exactly this name" "name: exactly this name";
        any "finds by account" "awsAccountId";
        any "finds by status" "status";
        any "finds those of organizations" "organization, true: only those that cover an AWS organization";
        any "keeps the order of creation" "Summaries, in order of creation";
        any "has pages, and each connection once" "pageSize, pageFromKey; pages.nextKey";
        any "refuses a page size of 0" "pageSize: minimum 1; 400: a bad query";
        any "refuses a page size of 201" "pageSize: maximum 200; 400: a bad query";
        any "leaves out what is deleted" "includeDeleted: default false";
        any "shows what is deleted if asked" "includeDeleted: true";
        any "requires the tenant" "400: a missing X-Tenant-ID";
        any "refuses a call without a token" "bearer token; 401";
    ]
    "putConnection": [
        any "saves a pending connection" "It exists, as pending, with its settings and its whole manifest";
        any "answers with an ETag" "201: with ETag";
        any "keeps settings and manifest as they are" "Central keeps them and does not read them";
        any "says where log files go" "ingestUrl, uploadHosts: the same as getEndpoints";
        any "refuses an id that is there" "412, error: exists";
        any "refuses a name that is taken" "409, error: nameTaken (a live connection of this tenant has the name)";
        any "requires If-None-Match" "422: a missing If-None-Match";
        any "refuses an id that is not a UUID v4" "id: UUID v4, lower case; 422, error: invalid";
        any "refuses a body that is no object" "422: a body that does not fit; error: invalid";
        any "refuses a body without a name" "required: name, awsAccountId; 422, error: invalid";
        any "refuses a name that does not fit" "Name: pattern; 422, error: invalid";
        any "refuses a name of 65 characters" "Name: maxLength 64; 422, error: invalid";
        any "refuses an account that is none" "AccountId: 12 digits; 422, error: invalid";
        any "refuses a partition that is none" "Partition: enum; 422, error: invalid";
        any "refuses a mode that is none" "mode: enum; 422, error: invalid";
        any "refuses a kind that is none" "Resource: kind: enum; 422, error: invalid";
        any "refuses an ownership that is none" "Resource: ownership: enum; 422, error: invalid";
        any "refuses a role id that is none" "forwarderRoleId: pattern; 422, error: invalid";
        any "refuses an organization that is none" "Organization: id: pattern; 422, error: invalid";
        any "refuses settings of more than 64 KiB" "Settings: at most 64 KiB; 422, error: invalid";
        any "ends a name's use with a refusal" "a refused call saves nothing";
        any "requires a licence" "403, error: licenseRequired" never NEEDS_END_OF_LICENCE;
    ]
    "getConnection": [
        any "shows what was saved" "200: Connection";
        any "has the ETag of the last change" "GET, PUT and PATCH return ETag";
        any "knows no other id" "404, error: notFound";
        any "requires the tenant" "400: a missing X-Tenant-ID";
        any "refuses a call without a token" "bearer token; 401";
    ]
    "updateConnection": [
        any "changes the name and leaves the rest" "Fields left out stay";
        any "answers with a new ETag" "200: with the new ETag";
        any "replaces the manifest whole" "settings and resources are replaced whole";
        any "replaces settings whole" "settings and resources are replaced whole";
        any "refuses a stale ETag" "412, error: changed (If-Match does not match)";
        any "requires If-Match" "422: a missing If-Match";
        any "refuses a name that is taken" "409, error: nameTaken";
        any "refuses accounts without an organization" "accounts on a connection without an organization is 422";
        any "selects accounts of an organization" "accounts: [] means all accounts of the organization";
        any "refuses another region once there are resources" "homeRegion may be set while pending and without resources";
        any "takes the region while there are no resources" "partition, homeRegion and mode may be set while pending without resources";
        any "cannot be paused while pending" "anything else is 409 notActive";
        any "refuses a status that a user cannot set" "status: active or paused; 422, error: invalid";
        any "refuses a change of what is deleted" "409, error: deleted";
        aws "becomes active with manifest and sign-in" "active as soon as resources.complete is true and the forwarder has signed in";
        aws "is paused by the user" "active and paused may be set to one another; pausedBecause: user";
        aws "takes the present status" "setting the present status is 200";
        aws "is resumed" "active and paused may be set to one another";
        aws "keeps its ETag at a sign-in" "The ETag covers ... not counters, times or sign-ins";
        aws "is paused where the licence ends" "A licence pause cannot be lifted here (409 licensePaused)" never NEEDS_END_OF_LICENCE;
        aws "is disconnected after a silence" "disconnected is set by Central alone (no sign-in for 24 hours ...)" never NEEDS_A_DAY;
    ]
    "deleteConnection": [
        any "requires If-Match" "422, error: invalid (no If-Match)";
        any "refuses a stale ETag" "412, error: changed";
        any "deletes" "204";
        any "deletes again, whatever If-Match says" "Deleting a deleted one is 204 too, whatever If-Match says";
        any "keeps the record, manifest included" "The record stays readable by id, as deleted, manifest included";
        any "frees the name" "frees the name";
        any "knows no other id" "404, error: notFound";
        aws "ends ingest at once" "Ends ingest at once; 410, error: deleted";
    ]
    "createInvitation": [
        any "makes a code" "201: code, expiresAt";
        any "makes it good for 24 hours" "good for 24 hours";
        any "ends the one before" "a new one ends the one before";
        any "ends its code with its time" "good for 24 hours" never NEEDS_A_DAY;
        any "knows no other id" "404, error: notFound";
        aws "is for pending connections alone" "409, error: notPending";
    ]
    "listInvitations": [
        any "lists open ones without their codes" "Open ones of this connection, without their codes";
        any "says which account has redeemed it" "redeemedBy: account";
        any "knows no other id" "404, error: notFound";
    ]
    "revokeInvitations": [
        any "takes all back" "204; Takes all open ones of this connection back";
        any "ends the code" "Takes all open ones of this connection back";
        any "ends the tokens made from it" "with the tokens made from them";
        any "knows no other id" "404, error: notFound";
    ]
    "getEndpoints": [
        any "says where log files will go" "ingestUrl, uploadHosts";
        any "requires the tenant" "400: a missing X-Tenant-ID";
    ]
    "redeemInvitation": [
        any "gives a token" "200: access_token, expires_in (2 hours), connectionId, tenantId, apiHost";
        any "gives it again to the same account" "the same code from the same account may be redeemed again";
        any "refuses another account" "401, error: invitationInvalid";
        any "refuses an unknown code" "401, error: invitationInvalid";
        any "lets the token read and change its connection" "may get and patch that one connection, and read its receipts";
        any "lets the token do nothing else" "may get and patch that one connection, and read its receipts";
        any "ends the token with its time" "for 2 hours" never "it takes 2 hours";
        any BUSY "429: Retry-After";
    ]
    "ingestToken": [
        aws "signs the registered role in" "200: access_token, token_type bearer, expires_in";
        aws "notes the sign-in" "forwarderSeenAt, forwarderVersion from the User-Agent, forwarderChecks";
        aws "refuses the same request again" "each signature once; 401, error: signatureReused";
        aws "refuses the same x-sophos-once again" "each x-sophos-once once; 401, error: signatureReused";
        aws "refuses a request of two minutes ago" "a time at most 60 seconds past; 401, error: signatureExpired";
        aws "refuses a request of two minutes ahead" "or 30 ahead; 401, error: signatureExpired";
        aws "refuses a request for another connection" "x-sophos-connection-id: {id}; 401, error: signatureInvalid";
        aws "refuses a request for another ingest host" "its own name as ingest host; 401, error: signatureInvalid";
        aws "refuses a header that is not listed" "no headers but ...; 401, error: signatureInvalid";
        aws "refuses a connection id that is not signed" "the x-* ones all signed; 401, error: signatureInvalid";
        aws "refuses an ingest host that is not signed" "the x-* ones all signed; 401, error: signatureInvalid";
        aws "refuses x-sophos-once that is not signed" "the x-* ones all signed; 401, error: signatureInvalid";
        aws "refuses x-sophos-once that is too short" "128 random bits in hex; 401, error: signatureInvalid";
        aws "refuses accept with parameters" "accept is a media type without parameters; 401, error: signatureInvalid";
        aws "refuses another body" "exactly that action, body, method and path; 401, error: signatureInvalid";
        aws "refuses another method" "exactly that action, body, method and path; 401, error: signatureInvalid";
        aws "refuses another path" "exactly that action, body, method and path; 401, error: signatureInvalid";
        aws "refuses a query behind the path" "path /; 401, error: signatureInvalid";
        aws "refuses a host that is not STS" "a host out of its exact list of STS endpoints; 401, error: signatureInvalid";
        aws "refuses a host whose name begins like that of STS" "its exact list of STS endpoints; 401, error: signatureInvalid";
        aws "refuses a signature that is wrong" "401, error: signatureInvalid";
        aws "refuses a request that is not signed" "401, error: signatureInvalid";
        aws "refuses another role" "role NAME as in resources.forwarderRole; 401, error: identityMismatch";
        aws "refuses another function" "the session name with the function's name; 401, error: identityMismatch";
        aws "refuses another role's id" "forwarderRoleId where that is set; 401, error: identityMismatch";
        any "knows no other id" "404, error: notFound";
    ]
    "offerObject": [
        aws "takes a file in" "decision: upload, with url, headers and expiresAt";
        aws "has upload URLs on its upload hosts alone" "uploadHosts: the only hosts that upload URLs will ever have";
        aws "skips what is stored" "decision: skip, reason: duplicate";
        aws "skips in a pause" "in force from the next file on; reason: paused";
        aws "refuses another bucket" "403, error: bucketNotRegistered";
        aws "refuses the key of something else" "422, error: invalid (the key is not that of a CloudTrail log file)";
        aws "refuses an administrator's token" "Callers: the forwarder with its ingest token, and nobody else";
        any "refuses a call without a token" "401";
        any "knows no other id" "404, error: notFound";
        aws "refuses a body without a key" "required: bucket, key; 422, error: invalid";
        aws "refuses a token whose time is over" "401: token expired; expires_in of ingestToken";
        aws "asks again for what did not arrive" "retry: after growing pauses (a minute, doubling ...)" never "it takes more than a minute";
        aws "skips after the end of the licence" "decision: skip, reason: licenseEnded" never NEEDS_END_OF_LICENCE;
        any BUSY "429, 503: Retry-After";
    ]
    "upload": [
        aws "leaves a receipt" "2xx means durable: there is a receipt";
        aws "is used up by a complete upload" "An upload URL is used up by a complete PUT only; 403";
        aws "refuses a URL that it has not given" "403: expired; offer again";
        aws "refuses a URL whose time is over" "403: expired; expiresAt of the offer";
        aws "leaves no receipt of half a file" "A connection that breaks half-way leaves no receipt";
        aws "is not used up by half a file" "An upload URL is used up by a complete PUT only";
        aws "requires Content-Length" "411: no Content-Length";
        aws "refuses what is too large" "413: too large" never "the contract names no size";
        aws BUSY "429, 503: Retry-After";
    ]
    "reportObjects": [
        aws "notes what is gone" "204; a receipt of that outcome in place of the open offer";
        aws "leaves what is stored as it is" "one that is stored or skipped stays as it is, 204";
        aws "refuses what was never offered" "422, error: invalid (also an object that was never offered)";
        aws "notes all or nothing" "422, error: invalid; all or nothing";
        aws "refuses an outcome that is none" "outcome: gone, archived, denied; 422, error: invalid";
        aws "refuses 101 objects" "items: maxItems 100; 422, error: invalid";
        aws "refuses another bucket" "403, error: bucketNotRegistered";
        any "refuses a call without a token" "as for objects";
        any BUSY "429, 503: Retry-After";
    ]
    "missingObjects": [
        aws "says what it would still want" "Which of these objects Central would still want: not those stored, reported or skipped";
        aws "refuses the key of something else" "422, error: invalid (a key that is not a log file's)";
        aws "refuses a prefix without a lease" "422, error: invalid (prefix without lease)";
        aws "refuses a lease without a prefix" "422, error: invalid (lease without prefix)";
        aws "refuses a lease that it has not given" "409, error: leaseLost";
        aws "refuses 1001 keys" "keys: maxItems 1000; 422, error: invalid";
        aws "refuses another bucket" "403, error: bucketNotRegistered";
        aws "wants what a pause has skipped" "except for those skipped in a user's pause that is over";
        aws "is asked for what a pause has skipped" "catchUp: times in which the user had paused and resumed";
        aws "hands an entry to one caller at a time" "under a lease; other callers get other entries, most get none";
        aws "ends an entry" "end: the prefix is done";
        aws "ends a lease with its time" "a lease that ends by itself; 409, error: leaseLost";
        aws "hands an entry out again after its lease" "what is still open is leased again later, to anyone";
        any "refuses a call without a token" "as for objects";
        any BUSY "429, 503: Retry-After";
    ]
    "listReceipts": [
        any "has none at first" "What Central decided and has durably taken in";
        aws "has the sums of what was stored" "sha256 of the stored bytes; contentSha256 of the uncompressed content";
        aws "is ordered by bucket and key" "ordered by bucket, then key, by their UTF-8 bytes";
        aws "has pages, and each receipt once" "pageSize, pageFromKey; pages.nextKey";
        aws "finds by outcome" "outcome";
        aws "finds by prefix" "keyPrefix";
        aws "begins after a key" "startAfter: a key";
        any "refuses a page size of 1001" "pageSize: maximum 1000; 400: a bad query";
        any "knows no other id" "404, error: notFound";
    ]
    "getStatistics": [
        any "requires since" "since: required; 400: a bad query";
        any "knows no other id" "404, error: notFound";
        aws "counts what was stored" "hours: at, stored, skipped, bytes";
    ]
}
