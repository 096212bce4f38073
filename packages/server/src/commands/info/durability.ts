import type { Kernel } from '../../kernel.ts';
import type { Field, Section } from './section.ts';

export const persistenceSection: Section = { name: 'Persistence', isDefault: true, fields: persistenceFields };

/** Nothing forks: what a cut keeps aside stands where Redis counts copied pages. */
function persistenceFields({ persistence }: Kernel): Field[] {
  const { appendOnlyFile, loading, snapshots } = persistence;
  const { keysDone, keysTotal } = snapshots;
  return [
    ['loading', loading.isRunning ? 1 : 0],
    ['async_loading', 0],
    ['current_cow_peak', 0],
    ['current_cow_size', 0],
    ['current_cow_size_age', 0],
    ['current_fork_perc', (keysTotal === 0 ? 0 : (keysDone / keysTotal) * 100).toFixed(2)],
    ['current_save_keys_processed', keysDone],
    ['current_save_keys_total', keysTotal],
    ['rdb_changes_since_last_save', snapshots.changes],
    ['rdb_bgsave_in_progress', snapshots.isRunningInBackground ? 1 : 0],
    ['rdb_last_save_time', snapshots.lastSaveSeconds],
    ['rdb_last_bgsave_status', snapshots.isLastOk ? 'ok' : 'err'],
    ['rdb_last_bgsave_time_sec', snapshots.lastSeconds],
    ['rdb_current_bgsave_time_sec', snapshots.currentSeconds],
    ['rdb_saves', snapshots.count],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', loading.keysExpired],
    ['rdb_last_load_keys_loaded', loading.keysLoaded],
    ...appendOnlyFile.fields(),
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ...appendOnlyFile.furtherFields(),
    ...(loading.isRunning ? loadingFields(loading) : []),
  ];
}

function loadingFields(loading: Kernel['persistence']['loading']): Field[] {
  const { etaSeconds, loadedBytes, startedUnixSeconds, totalBytes, usedMemoryBytes } = loading;
  return [
    ['loading_start_time', startedUnixSeconds],
    ['loading_total_bytes', totalBytes],
    ['loading_rdb_used_mem', usedMemoryBytes],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', ((loadedBytes / Math.max(1, totalBytes)) * 100).toFixed(2)],
    ['loading_eta_seconds', etaSeconds],
  ];
}
