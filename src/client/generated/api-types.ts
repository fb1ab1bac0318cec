/** Types of the HTTP interface, which `npm run generate:client` makes of `/openapi.json`. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly Profile: components["schemas"]["Profile.iam"] | components["schemas"]["Profile.naver"] | components["schemas"]["Profile.nerm"] | components["schemas"]["Profile.senlin"];
        readonly ProfileAnswer: {
            readonly profile: components["schemas"]["Profile"];
        };
        readonly Loss: {
            readonly pointer: string;
            /**
             * @description A coerced member was sent as another type.
             * @enum {string}
             */
            readonly kind: "dropped" | "coerced";
            readonly reason: string;
        };
        readonly WriteReport: {
            /** @enum {string} */
            readonly outcome: "applied" | "noop";
            readonly target: string;
            /** @description Members that `handling=lenient` dropped or coerced. */
            readonly losses: readonly components["schemas"]["Loss"][];
            /** @description Members the vendor accepted but does not return in a comparable form. */
            readonly unconfirmed: readonly string[];
            /** @description True if one upstream write carried all members. */
            readonly atomic: boolean;
            /**
             * @description Reach of the lock under which a profile is written.
             * @enum {string}
             */
            readonly lockScope: "process" | "machine" | "global";
            /**
             * @description Basis of the outcome: the response to the write, a read after it, or a read in place of a missing or unusable response.
             * @enum {string}
             */
            readonly evidence: "response" | "read" | "read_back";
            /** @constant */
            readonly precondition?: "emulated";
        };
        readonly WriteAnswer: {
            readonly profile?: components["schemas"]["Profile"];
            readonly write: components["schemas"]["WriteReport"];
        };
        readonly FieldError: {
            readonly pointer: string;
            /** @enum {string} */
            readonly code: "unknown_field" | "unsupported_field" | "read_only" | "not_nullable" | "missing_field" | "constraint_violated" | "wrong_type" | "duplicate_key" | "number_not_exact" | "too_deep" | "forbidden" | "rejected";
            readonly detail: string;
            /** @description Targets that accept the member as given. */
            readonly supportedBy?: readonly string[];
        };
        readonly Explanation: {
            readonly id: string;
            readonly target: string;
            readonly upstreamId: string;
            /** @description Version of the configuration. */
            readonly version: string;
            /** @description Evaluated routes, for the scope `admin`. */
            readonly route?: readonly {
                readonly rule: string;
                readonly matched: boolean;
                readonly reason: string;
            }[];
            /**
             * @description Outcome that the patch is expected to have; nothing was written.
             * @enum {string}
             */
            readonly prediction: "write" | "noop" | "rejected";
            readonly problem?: {
                /** @enum {string} */
                readonly code: "malformed_json" | "invalid_id" | "invalid_idempotency_key" | "idempotency_key_required" | "invalid_filter" | "invalid_cursor" | "unauthenticated" | "forbidden" | "field_forbidden" | "profile_not_found" | "route_not_found" | "link_not_found" | "unknown_target" | "not_found" | "method_not_allowed" | "conflict" | "link_exists" | "request_in_progress" | "idempotency_keys_lost" | "match_not_ready" | "precondition_failed" | "body_too_large" | "unsupported_media_type" | "invalid_patch" | "unsupported_patch" | "idempotency_key_reused" | "not_atomic" | "rejected_by_target" | "rate_limited" | "internal_error" | "target_unauthorized" | "target_forbidden" | "target_misconfigured" | "target_invalid_response" | "not_stored" | "partially_applied" | "not_configured" | "issuer_unavailable" | "target_unavailable" | "target_rate_limited" | "target_read_only" | "state_unavailable" | "profile_in_doubt" | "overloaded" | "draining" | "target_timeout" | "outcome_unknown";
                readonly detail: string;
                readonly errors?: readonly components["schemas"]["FieldError"][];
                readonly retryAfterSeconds?: number;
            };
            /**
             * @description Present with `If-Match`.
             * @enum {string}
             */
            readonly precondition?: "met" | "unchecked";
            readonly atomic: boolean;
            readonly losses: readonly components["schemas"]["Loss"][];
            readonly requests: readonly {
                readonly step: string;
                readonly method: string;
                readonly url: string;
                readonly headers: {
                    readonly [key: string]: string;
                };
                readonly body?: string;
                readonly dependsOnRead: boolean;
                /** @description JSON Pointers into the patch. */
                readonly pointers: readonly string[];
                /** @description Origin of each member of the body. */
                readonly provenance: {
                    readonly [key: string]: string;
                };
                readonly curl: string;
            }[];
            readonly before?: components["schemas"]["Profile"];
            readonly after?: components["schemas"]["Profile"];
            /** @description Entity tag of `before`, for the `If-Match` of the patch. */
            readonly etag?: string;
            readonly policy: {
                readonly deadlineMs: number;
                readonly connectTimeoutMs: number;
                readonly timeoutMs: number;
                readonly readBackReserveMs: number;
                readonly maxConcurrentRequests: number;
                readonly maxQueuedRequests: number;
                /** @enum {string} */
                readonly circuitBreaker: "closed" | "open" | "half_open";
                readonly maxSendAttempts: number;
                readonly retryWaitMs: number;
                /** @description Retries allowed per first attempt, over all requests to the target. */
                readonly retryBudgetRatio: number;
            };
        };
        readonly Capabilities: {
            readonly target: string;
            readonly vendor: string;
            readonly fields: readonly {
                readonly pointer: string;
                /** @enum {string} */
                readonly access: "read_write" | "read_only" | "write_only";
                /** @enum {string} */
                readonly type?: "string" | "boolean" | "integer" | "number" | "object" | "array";
                readonly format?: string;
                readonly enum?: readonly string[];
                readonly minLength?: number;
                readonly maxLength?: number;
                readonly pattern?: string;
                readonly allOf?: readonly {
                    readonly pattern: string;
                }[];
                readonly minimum?: number;
                readonly maximum?: number;
                readonly items?: {
                    /** @enum {string} */
                    readonly type?: "string" | "boolean" | "integer" | "number" | "object" | "array";
                };
                /** @description Least length in bytes of UTF-8. */
                readonly "x-minBytes"?: number;
                /** @description Greatest length in bytes of UTF-8. */
                readonly "x-maxBytes"?: number;
                readonly description?: string;
                /** @description Of a map: keywords of its members. */
                readonly additionalProperties?: {
                    /** @enum {string} */
                    readonly type?: "string" | "boolean" | "integer" | "number" | "object" | "array";
                    readonly format?: string;
                    readonly enum?: readonly string[];
                    readonly minLength?: number;
                    readonly maxLength?: number;
                    readonly pattern?: string;
                    readonly allOf?: readonly {
                        readonly pattern: string;
                    }[];
                    readonly minimum?: number;
                    readonly maximum?: number;
                    readonly items?: {
                        /** @enum {string} */
                        readonly type?: "string" | "boolean" | "integer" | "number" | "object" | "array";
                    };
                    /** @description Least length in bytes of UTF-8. */
                    readonly "x-minBytes"?: number;
                    /** @description Greatest length in bytes of UTF-8. */
                    readonly "x-maxBytes"?: number;
                    readonly description?: string;
                };
                /** @description Effect of null, in a map of null at a key: it is rejected, removes the key, or the vendor is sent the value of `send`. */
                readonly onNull: ("reject" | "remove") | {
                    readonly send: unknown;
                };
                /** @description Of a map: null for the map itself clears it. */
                readonly nullClearsMap?: boolean;
                /**
                 * @description How far a response proves a write: the value reads back as written, equal apart from blanks, in another form, as a list of the same length, or not at all.
                 * @enum {string}
                 */
                readonly confirmation: "exact" | "normalized" | "present" | "count" | "never";
                /** @description Members with different steps are different writes. */
                readonly step: string;
                readonly sensitive: boolean;
                /**
                 * @description A new profile may have it although no patch can write it.
                 * @constant
                 */
                readonly createOnly?: true;
                /**
                 * @description A patch can write it, but no new profile may have it.
                 * @constant
                 */
                readonly patchOnly?: true;
                /** @constant */
                readonly requiredOnCreate?: true;
            }[];
            readonly operations: {
                readonly list?: {
                    readonly filters: readonly {
                        readonly name: string;
                        /** @enum {string} */
                        readonly type?: "string" | "boolean" | "integer" | "number" | "object" | "array";
                        readonly format?: string;
                        readonly enum?: readonly string[];
                        readonly minLength?: number;
                        readonly maxLength?: number;
                        readonly pattern?: string;
                        readonly allOf?: readonly {
                            readonly pattern: string;
                        }[];
                        readonly minimum?: number;
                        readonly maximum?: number;
                        readonly items?: {
                            /** @enum {string} */
                            readonly type?: "string" | "boolean" | "integer" | "number" | "object" | "array";
                        };
                        /** @description Least length in bytes of UTF-8. */
                        readonly "x-minBytes"?: number;
                        /** @description Greatest length in bytes of UTF-8. */
                        readonly "x-maxBytes"?: number;
                        readonly description?: string;
                        /**
                         * @description Of a walk with this filter, where it is another.
                         * @enum {string}
                         */
                        readonly completeness?: "stable" | "shifting";
                    }[];
                    /** @description Greatest `limit`. */
                    readonly pageSizeMax: number;
                    /** @description A page may have more items than `limit`: the target has no pages. */
                    readonly ignoresLimit: boolean;
                    /**
                     * @description While others create and delete profiles, a walk over all pages lists a profile that is there all the time exactly once, or, since pages have numbers, perhaps twice or not at all.
                     * @enum {string}
                     */
                    readonly completeness: "stable" | "shifting";
                    /** @description Fields that an item lacks beside a read of the profile. */
                    readonly omitted: readonly string[];
                };
                readonly create?: {
                    /**
                     * @description A create that is sent twice makes two profiles, or is rejected.
                     * @enum {string}
                     */
                    readonly repeat: "twin" | "conflict";
                    /**
                     * @description Meaning of a search that finds nothing after that time.
                     * @enum {string}
                     */
                    readonly absence: "not_created" | "unknown";
                    /** @description Longest time in which an unanswered create may still appear. */
                    readonly settleSeconds: number;
                };
                readonly delete?: {
                    /**
                     * @description Meaning of a read that finds no profile after a delete.
                     * @enum {string}
                     */
                    readonly absence: "deleted" | "deleted_or_hidden";
                };
            };
            /** @description True if every patch is one upstream write. */
            readonly atomic: boolean;
        };
        readonly CapabilityList: {
            readonly writes: {
                /**
                 * @description Reach of the lock under which a profile is written.
                 * @enum {string}
                 */
                readonly lockScope: "process" | "machine" | "global";
                /**
                 * @description Receipts that operators can ask for.
                 * @enum {string}
                 */
                readonly receipts: "none" | "all" | "by_profile";
            };
            readonly targets: readonly components["schemas"]["Capabilities"][];
        };
        /** @description RFC 9457, `application/problem+json`. */
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            /** @enum {number} */
            readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;
            readonly detail: string;
            /** @enum {string} */
            readonly code: "malformed_json" | "invalid_id" | "invalid_idempotency_key" | "idempotency_key_required" | "invalid_filter" | "invalid_cursor" | "unauthenticated" | "forbidden" | "field_forbidden" | "profile_not_found" | "route_not_found" | "link_not_found" | "unknown_target" | "not_found" | "method_not_allowed" | "conflict" | "link_exists" | "request_in_progress" | "idempotency_keys_lost" | "match_not_ready" | "precondition_failed" | "body_too_large" | "unsupported_media_type" | "invalid_patch" | "unsupported_patch" | "idempotency_key_reused" | "not_atomic" | "rejected_by_target" | "rate_limited" | "internal_error" | "target_unauthorized" | "target_forbidden" | "target_misconfigured" | "target_invalid_response" | "not_stored" | "partially_applied" | "not_configured" | "issuer_unavailable" | "target_unavailable" | "target_rate_limited" | "target_read_only" | "state_unavailable" | "profile_in_doubt" | "overloaded" | "draining" | "target_timeout" | "outcome_unknown";
            readonly requestId: string;
            /** @enum {string} */
            readonly outcome?: "rejected" | "partial" | "unknown";
            readonly target?: string;
            readonly errors?: readonly components["schemas"]["FieldError"][];
            /** @description Targets that have the operation. */
            readonly supportedBy?: readonly string[];
            /** @description Error as the vendor reported it. */
            readonly upstream?: {
                readonly status: number;
                readonly code?: string;
                readonly requestId?: string;
                readonly message?: string;
            };
            readonly retryAfterSeconds?: number;
            /** @description JSON Pointers into the patch. */
            readonly applied?: readonly string[];
            /** @description JSON Pointers into the patch. */
            readonly notApplied?: readonly string[];
            /** @description JSON Pointers into the patch. */
            readonly unconfirmed?: readonly string[];
            /** @description Sent; it is unknown if they were applied. */
            readonly sent?: readonly string[];
            readonly losses?: readonly components["schemas"]["Loss"][];
            /**
             * @description Reason for an unknown outcome.
             * @enum {string}
             */
            readonly reason?: "read_back_failed" | "conflicting_value" | "not_comparable" | "unproven" | "queued" | "retry_failed" | "deleted_or_hidden" | "fenced" | "ambiguous";
            /** @description Evaluated routes, in failed explanations for the scope `admin`. */
            readonly route?: readonly {
                readonly rule: string;
                readonly matched: boolean;
                readonly reason: string;
            }[];
        };
        /** Open Telekom Cloud IAM, OpenStack Keystone */
        readonly "Profile.iam": {
            readonly id: string;
            readonly target: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            readonly vendor: "iam";
            readonly upstreamId: string;
            readonly name?: string;
            readonly description?: string;
            /** @enum {string} */
            readonly status?: "active" | "inactive";
            readonly extensions?: {
                readonly iam?: components["schemas"]["Extensions.iam"];
            };
        };
        readonly "Extensions.iam": {
            readonly is_domain?: boolean;
            readonly enabled?: boolean;
            readonly parent_id?: string;
            readonly domain_id?: string;
            readonly links?: unknown;
            readonly extra?: unknown;
        };
        readonly "NewExtensions.iam": {
            readonly parent_id?: string;
            readonly domain_id?: string;
        };
        /** NAVER Cloud External Access */
        readonly "Profile.naver": {
            readonly id: string;
            readonly target: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            readonly vendor: "naver";
            readonly upstreamId: string;
            readonly name?: string;
            readonly description?: string;
            /** @enum {string} */
            readonly status?: "active" | "inactive";
            /** Format: date-time */
            readonly createdAt?: string;
            /** Format: date-time */
            readonly updatedAt?: string;
            readonly extensions?: {
                readonly naver?: components["schemas"]["Extensions.naver"];
            };
        };
        readonly "Extensions.naver": {
            readonly durationSeconds?: number;
            readonly roleNrnList?: readonly string[];
            readonly profileNrn?: string;
        };
        readonly "ExtensionsPatch.naver": {
            /** @description 600 to 43200 */
            readonly durationSeconds?: number;
            readonly roleIdList?: readonly string[] | null;
        };
        readonly "NewExtensions.naver": {
            /** @description 600 to 43200 */
            readonly durationSeconds?: number;
            readonly roleIdList?: readonly string[] | null;
        };
        /** SailPoint NERM */
        readonly "Profile.nerm": {
            readonly id: string;
            readonly target: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            readonly vendor: "nerm";
            readonly upstreamId: string;
            readonly name?: string;
            /** @enum {string} */
            readonly status?: "active" | "inactive" | "on_leave" | "terminated";
            readonly attributes?: {
                readonly [key: string]: string;
            };
            /** Format: date-time */
            readonly createdAt?: string;
            /** Format: date-time */
            readonly updatedAt?: string;
            readonly extensions?: {
                readonly nerm?: components["schemas"]["Extensions.nerm"];
            };
        };
        readonly "Extensions.nerm": {
            readonly profile_type_id?: string;
            /** @enum {string} */
            readonly id_proofing_status?: "pending" | "pass" | "fail";
            readonly uid?: string;
        };
        readonly "ExtensionsPatch.nerm": {
            /** @description must be a UUID */
            readonly profile_type_id?: string;
            /** @enum {string} */
            readonly id_proofing_status?: "pending" | "pass" | "fail";
            readonly archived?: boolean;
        };
        readonly "NewExtensions.nerm": {
            /** @description must be a UUID */
            readonly profile_type_id?: string;
            /** @enum {string} */
            readonly id_proofing_status?: "pending" | "pass" | "fail";
            readonly archived?: boolean;
        };
        /** OpenStack Senlin */
        readonly "Profile.senlin": {
            readonly id: string;
            readonly target: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            readonly vendor: "senlin";
            readonly upstreamId: string;
            readonly name?: string;
            readonly attributes?: {
                readonly [key: string]: unknown;
            };
            /** Format: date-time */
            readonly createdAt?: string;
            /** Format: date-time */
            readonly updatedAt?: string;
            readonly extensions?: {
                readonly senlin?: components["schemas"]["Extensions.senlin"];
            };
        };
        readonly "Extensions.senlin": {
            readonly type?: string;
            readonly spec?: unknown;
            readonly project?: string;
            readonly user?: string;
            readonly domain?: string;
        };
        readonly "NewExtensions.senlin": {
            readonly spec?: unknown;
        };
        readonly ProfilePatch: {
            readonly name?: (string & (unknown & unknown)) | string;
            readonly description?: (string | null) | (string | null) | (string | null);
            /**
             * @description iam (otc, manageStatus), iam (keystone), naver: active, inactive; nerm: active, inactive, on_leave, terminated
             * @enum {string}
             */
            readonly status?: "active" | "inactive" | "on_leave" | "terminated";
            readonly attributes?: {
                readonly [key: string]: string | null;
            } | ({
                readonly [key: string]: unknown;
            } | null);
            readonly extensions?: {
                readonly naver?: components["schemas"]["ExtensionsPatch.naver"];
                readonly nerm?: components["schemas"]["ExtensionsPatch.nerm"];
            };
        };
        readonly NewProfile: {
            /** @description Name of the target. */
            readonly target: string;
            /** @description The profile is linked to it in the same step. */
            readonly id?: string;
            readonly name?: (string & (unknown & unknown)) | string;
            readonly description?: (string | null) | (string | null) | (string | null);
            /**
             * @description iam (keystone), naver: active, inactive; nerm: active, inactive, on_leave, terminated
             * @enum {string}
             */
            readonly status?: "active" | "inactive" | "on_leave" | "terminated";
            readonly attributes?: {
                readonly [key: string]: string | null;
            } | ({
                readonly [key: string]: unknown;
            } | null);
            readonly extensions?: {
                readonly iam?: components["schemas"]["NewExtensions.iam"];
                readonly naver?: components["schemas"]["NewExtensions.naver"];
                readonly nerm?: components["schemas"]["NewExtensions.nerm"];
                readonly senlin?: components["schemas"]["NewExtensions.senlin"];
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
