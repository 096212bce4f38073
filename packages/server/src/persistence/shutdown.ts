import type { Kernel } from '../kernel.ts';

export interface ShutdownOptions {
  /** `default`: a last snapshot is saved where save points are set. */
  readonly save: 'default' | 'always' | 'never';
  /** What cannot be saved is lost: the server ends whatever happens. */
  readonly isForced: boolean;
  /** Replicas that lag are not waited for. */
  readonly isNow: boolean;
}

/** The way in which a server ends: what it holds is on disk, or it does not end. */
export class Shutdown {
  readonly #kernel: Kernel;
  #running: Promise<boolean> | undefined;
  #isAborted = false;
  #isEnding = false;
  #hasEnded = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /**
   * Saves what is to be saved, and stops the kernel. False: that could not be, or somebody said otherwise, and the server goes on as
   * before. Who calls while a shutdown is under way waits for that one; afterwards nothing is done.
   */
  begin(options: ShutdownOptions): Promise<boolean> {
    if (this.#hasEnded) return Promise.resolve(true);
    this.#running ??= this.#run(options).finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** SHUTDOWN ABORT. False: there is nothing to abort, or it is too late. */
  abort(): boolean {
    if (this.#running === undefined || this.#isEnding) return false;
    this.#isAborted = true;
    this.#kernel.log.warning('Shutdown manually aborted.');
    this.#kernel.replication.waiters.settle();
    void this.#kernel.persistence.snapshots.abort();
    return true;
  }

  async #run(options: ShutdownOptions): Promise<boolean> {
    const { clientPause } = this.#kernel;
    this.#isAborted = false;
    clientPause.holdWrites(true);
    if (!options.isNow) await this.#replicasInStep();
    const isSaved = (await this.#save(options)) || options.isForced;
    if (!isSaved || this.#isAborted) {
      clientPause.holdWrites(false);
      return false;
    }
    this.#isEnding = true;
    await this.#kernel.stop();
    this.#hasEnded = true;
    return true;
  }

  /** Waits, `shutdown-timeout` at most, until replicas have all that there is. */
  async #replicasInStep(): Promise<void> {
    const { config, env, isLoading, log, replication } = this.#kernel;
    if (isLoading || replication.replicas.size === 0 || config.shutdownTimeoutSeconds === 0) return;
    // The effects of this turn are part of it.
    await new Promise<void>((resolve) => env.timers.afterTurn(resolve));
    const { offset, replicas, waiters } = replication;
    const lagging = () => [...replicas.values()].filter((one) => one.state === 'online' && one.ackOffset < offset);
    if (lagging().length > 0) {
      log.notice('Waiting for replicas before shutting down.');
      replication.askForAcks();
      const isEnough = (): boolean => this.#isAborted || lagging().length === 0;
      await waiters.wait(undefined, isEnough, config.shutdownTimeoutSeconds * 1000);
    }
    const late = lagging();
    for (const { ackOffset, address } of late) {
      log.notice(`Lagging replica ${address} reported offset ${ackOffset - offset} behind master.`);
    }
    log.notice(`${replicas.size - late.length} of ${replicas.size} replicas are in sync when shutting down.`);
  }

  async #save({ isForced, save }: ShutdownOptions): Promise<boolean> {
    const { config, isLoading, log, persistence } = this.#kernel;
    const { appendOnlyFile, snapshots } = persistence;
    // What is there is a part of what is in the file.
    if (isLoading) return true;
    if (this.#isAborted) return false;
    if (snapshots.isRunning) {
      log.warning('There is a child saving an .rdb. Killing it!');
      await snapshots.abort();
    }
    if (this.#isAborted) return false;
    if (appendOnlyFile.isStarting && !isForced) {
      log.warning("Writing initial AOF, can't exit.");
      return false;
    }
    if (appendOnlyFile.isOn && !(await appendOnlyFile.flush()) && !isForced) {
      log.warning("Error trying to write the AOF, can't exit.");
      return false;
    }
    if (save === 'never' || (save === 'default' && config.savePoints.length === 0)) return true;
    log.notice('Saving the final RDB snapshot before exiting.');
    if (this.#isAborted) return false;
    if (await snapshots.save()) return true;
    log.warning(
      isForced ? 'Error trying to save the DB, exiting all the same.' : "Error trying to save the DB, can't exit.",
    );
    return false;
  }
}
