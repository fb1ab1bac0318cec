/** Mutants that no check can tell from the code as it is, and why. */
export type Survivor = { readonly mutants: readonly string[]; readonly reason: string };

/** A listed mutant that a check finds fails the suite, as does one that is not listed. */
export const SURVIVORS: readonly Survivor[] = [
  {
    reason:
      'Tokens that a write ends, which these checks have none of: see delivered-twice.test.ts.',
    mutants: [
      'writes/send-writes literal: true -> false (3)',
      "writes/send-writes operand: fault.effect === 'none' && delivery.mayRepeatWrite !== true -> fault.effect === 'none'",
    ],
  },
  {
    reason:
      'Creates and deletes, which have checks of their own: test/integration/create, and ' +
      'test/faults/{creates,deletes}.',
    mutants: [
      'writes/compare condition: !isObject(change.value) || change.field.createOnly === true -> false',
      'writes/compare literal: true -> false (2)',
      'writes/compare operand: !isObject(change.value) || change.field.createOnly === true -> !isObject(change.value)',
      'writes/compare operand: !isObject(change.value) || change.field.createOnly === true -> change.field.createOnly === true',
      "writes/outcome row: without ambiguous: 'the target has several profiles that it may have created' of { read_back_failed: 'it could not be read back', conflicting_value: 'the profile has values that are neither the old nor the intended ones', not_comparable: 'the target does not return the written fields in a comparable form', unproven: 'nothing proves that the first attempt changed nothing', queued: 'the target may still apply it later', retry_failed: 'it failed a second time', deleted_or_hidden: 'the profile is not shown any more, as a hidden one would not be', fenced: 'another replica has closed it', ambiguous: 'the target has several profiles that it may have created', }",
      "writes/outcome row: without deleted_or_hidden: 'the profile is not shown any more, as a hidden one would not be' of { read_back_failed: 'it could not be read back', conflicting_value: 'the profile has values that are neither the old nor the intended ones', not_comparable: 'the target does not return the written fields in a comparable form', unproven: 'nothing proves that the first attempt changed nothing', queued: 'the target may still apply it later', retry_failed: 'it failed a second time', deleted_or_hidden: 'the profile is not shown any more, as a hidden one would not be', fenced: 'another replica has closed it', ambiguous: 'the target has several profiles that it may have created', }",
      "writes/plan branch: access === 'read_only' && createOnly !== true ? 'is set by the target' : undefined -> 'is set by the target'",
      "writes/plan branch: access === 'read_only' && createOnly !== true ? 'is set by the target' : undefined -> undefined",
      'writes/plan condition: patchOnly === true -> false',
      'writes/plan condition: patchOnly === true -> true',
      'writes/plan literal: true -> false',
      'writes/plan literal: true -> false (2)',
      "writes/plan operand: access === 'read_only' && createOnly !== true -> access === 'read_only'",
      "writes/plan operand: access === 'read_only' && createOnly !== true -> createOnly !== true",
      "writes/plan operator: access === 'read_only' -> access !== 'read_only' (2)",
      'writes/plan operator: createOnly !== true -> createOnly === true',
      'writes/plan operator: patchOnly === true -> patchOnly !== true',
      "writes/plan word: 'read_only' -> 'write_only' (2)",
    ],
  },
  {
    reason: 'A shortcut: the long way gives the same.',
    mutants: [
      'profiles/fallback condition: fallback.length === 0 -> false',
      'writes/compare condition: paths.length === 0 -> false',
      'writes/decide operand: profile === undefined || last.length === accepted.length -> profile === undefined',
      'writes/decide operand: profile === undefined || (buckets.confirmed.length > 0 && !isNoop) -> profile === undefined',
      'writes/plan condition: field.limits === undefined -> false',
      'writes/send-writes statement: last = carried;',
      'writes/write-state branch: changes === state.pending ? [] : pendingAfter(state.pending, changes) -> pendingAfter(state.pending, changes)',
    ],
  },
  {
    reason: 'Satisfies the compiler: nothing is missing there, or what is missing is no number.',
    mutants: [
      'writes/classify-changes literal: true -> false',
      'writes/compare branch: before === undefined ? undefined : fieldValue(change.field, change.key, before) -> fieldValue(change.field, change.key, before)',
      'writes/compare operand: before !== undefined && jsonEqual(shown, fieldValue(field, key, before)) -> jsonEqual(shown, fieldValue(field, key, before))',
      'writes/compare operand: content[name] ?? null -> content[name]',
      'writes/decide condition: sent.read?.ok !== true -> false',
      "writes/plan operand: typeof field.onNull === 'object' && wire === '' -> wire === ''",
      'writes/vendor-timeline operand: clock?.atMs ?? 0 -> clock?.atMs',
      "writes/vendor-timeline operand: clock?.date ?? '' -> clock?.date",
      "writes/vendor-timeline operand: ownText(profile.content, 'updatedAt') ?? '' -> ownText(profile.content, 'updatedAt')",
    ],
  },
  {
    reason: 'An outcome that is unknown or partial means that a write was sent.',
    mutants: [
      "profiles/fallback condition: 'replay' in answer || answer.ok || answer.end.outcome !== 'rejected' -> false",
      "profiles/fallback operand: 'replay' in answer || answer.ok || answer.end.outcome !== 'rejected' -> 'replay' in answer || answer.ok",
    ],
  },
  {
    reason: 'Only a request with an idempotency key gets a replay; the checks send none.',
    mutants: ["profiles/fallback operand: 'replay' in answer || answer.ok -> answer.ok"],
  },
  {
    reason: 'Leases are lost only in a state that replicas share: test/state.',
    mutants: [
      "writes/outcome row: without fenced: 'another replica has closed it' of { read_back_failed: 'it could not be read back', conflicting_value: 'the profile has values that are neither the old nor the intended ones', not_comparable: 'the target does not return the written fields in a comparable form', unproven: 'nothing proves that the first attempt changed nothing', queued: 'the target may still apply it later', retry_failed: 'it failed a second time', deleted_or_hidden: 'the profile is not shown any more, as a hidden one would not be', fenced: 'another replica has closed it', ambiguous: 'the target has several profiles that it may have created', }",
      'writes/write-profile condition: !isKept -> false',
      'writes/write-profile condition: !isKept -> true',
      'writes/write-profile condition: before !== undefined && request.onRead !== undefined -> false',
      'writes/write-profile negation: !isFirstRun -> isFirstRun (2)',
      'writes/write-profile negation: !isKept -> isKept',
      'writes/write-profile operand: before !== undefined && request.onRead !== undefined -> request.onRead !== undefined',
      'writes/write-profile operator: before !== undefined -> before === undefined',
    ],
  },
  {
    reason: 'Names the purpose or the evidence where only its opposite is asked for.',
    mutants: [
      "profiles/fallback word: 'read' -> 'response'",
      "writes/decide word: 'read' -> 'response' (3)",
    ],
  },
  {
    reason: 'No field has both limits and an object in the form of the vendor.',
    mutants: ['writes/plan branch: isObject(encoded.wire) ? value : encoded.wire -> encoded.wire'],
  },
  {
    reason: 'At every vendor the response to the first of two writes shows a profile.',
    mutants: [
      'writes/send-writes branch: profile === undefined ? excluding(baseline, state.accepted.slice(start.accepted.length)) : { profile, excluding: [] } -> { profile, excluding: [] }',
      "writes/send-writes row: without '/updatedAt' of [...changed, '/updatedAt']",
      "writes/send-writes row: without ...changed of [...changed, '/updatedAt']",
    ],
  },
  {
    reason: 'The moment of the first send in place of a later one only proves less.',
    mutants: [
      'writes/send-writes condition: last.length > 0 -> false',
      'writes/send-writes condition: last.length > 0 -> true',
      'writes/send-writes operator: last.length > 0 -> last.length <= 0',
      'writes/send-writes statement: sentAtMs = ports.monotonicMs();',
    ],
  },
  {
    reason: 'Refused credentials rest: nothing more is sent with them in any case.',
    mutants: [
      "writes/write-profile operand: code === 'profile_not_found' || code === 'target_unauthorized' -> code === 'profile_not_found'",
    ],
  },
  {
    reason: 'Bounds the time that hostile texts take, which the tests of linear time hold.',
    mutants: [
      "writes/compare branch: MANY_MARKS.test(text) ? text : text.normalize('NFC') -> text.normalize('NFC')",
    ],
  },
  {
    reason: 'Divides time or waits, which changes when a read is made and not what it shows.',
    mutants: [
      'writes/write-profile branch: isLast ? exchange.deadlineAtMs : (ports.monotonicMs() + exchange.deadlineAtMs) / 2 -> (ports.monotonicMs() + exchange.deadlineAtMs) / 2',
      'writes/write-profile branch: isLast ? exchange.deadlineAtMs : (ports.monotonicMs() + exchange.deadlineAtMs) / 2 -> exchange.deadlineAtMs',
      'writes/write-profile statement: await ports.sleep(retryWaitMs(count, ports.random));',
    ],
  },
  {
    reason: 'The plan never runs so often: each vendor has two writes at most, and one resend.',
    mutants: [
      'writes/write-profile operator: run <= WRITE_RUNS_MAX -> run < WRITE_RUNS_MAX',
      "writes/write-profile word: 'retry_failed' -> 'read_back_failed'",
    ],
  },
  {
    reason: 'Held by tests with sockets or many requests only: full queues, deadlines, the log.',
    mutants: [
      'profiles/fallback condition: !canServe(elsewhere) -> false',
      "profiles/fallback operand: code === 'overloaded' || isTargetFault(code) -> isTargetFault(code)",
      'profiles/fallback operand: isInTime && planFor(gateway, request).ok -> planFor(gateway, request).ok',
      'profiles/fallback operator: ports.monotonicMs() < request.endMs -> ports.monotonicMs() <= request.endMs',
      'profiles/fallback operator: ports.monotonicMs() < writeDeadlineAtMs(target, ports, request.endMs) -> ports.monotonicMs() <= writeDeadlineAtMs(target, ports, request.endMs)',
      'profiles/fallback statement: later.steps.unshift(...earlier.steps);',
    ],
  },
  {
    reason:
      'No configuration of these checks has it: targets that differ in fields, one named twice.',
    mutants: [
      'profiles/fallback operand: earlier === undefined || later === undefined -> earlier === undefined',
      'profiles/fallback operand: isInTime && planFor(gateway, request).ok -> isInTime',
      'profiles/fallback operand: spare !== target && refuseByMode(spare, purpose) === undefined -> refuseByMode(spare, purpose) === undefined',
    ],
  },
];
