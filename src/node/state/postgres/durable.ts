/**
 * Stands in the `FROM` of a statement whose commit waits for the disk even where others do not:
 * others may know by then what a crash of the server would take back.
 */
export const DURABLE = `set_config('synchronous_commit',
    replace(current_setting('synchronous_commit'), 'off', 'on'), true)`;
