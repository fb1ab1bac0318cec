/** SIGHUP asks for a reload, also before there is anything to reload. */
let reload: (() => void) | undefined;
let isAsked = false;

/** Listens for SIGHUP, which would else end a process that is about to start. */
export function holdReloads(): void {
  process.on('SIGHUP', () => {
    if (reload === undefined) isAsked = true;
    else reload();
  });
}

/** Has `task` run at each SIGHUP, and now if there was one before. */
export function followReloads(task: () => void): void {
  reload = task;
  if (isAsked) task();
}
