import type { File } from '@kvartz/base';
import { type AofFile, formatManifest, Manifest, manifestName } from '@kvartz/persistence';
import { textOfByteString } from '../../config/byte-string.ts';
import type { Kernel } from '../../kernel.ts';
import { aofPath } from '../aof-loading.ts';
import { removeIfThere } from '../snapshot-file.ts';
import { systemErrorCode, systemErrorText } from '../system-error-text.ts';

/** The folder of the append-only file (`appenddirname`), and the manifest that is in force there. */
export class AofFolder {
  /** As it is on the disk. */
  manifest = Manifest.empty;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** `appendfilename`: what the names of all files begin with. */
  get baseName(): string {
    return this.#kernel.config.appendFilename;
  }

  pathOf(name: string): string {
    return aofPath(this.#kernel, name);
  }

  /** Made where it is missing. */
  make(): Promise<void> {
    return this.#kernel.env.disk.makeFolder(this.#kernel.config.appendDirname);
  }

  /** Opens an empty file whose name is durable. */
  async create(name: string): Promise<File> {
    const { disk } = this.#kernel.env;
    const file = await disk.open(this.pathOf(name), 'create');
    try {
      await disk.syncFolder(this.#kernel.config.appendDirname);
    } catch (error) {
      await file.close();
      throw error;
    }
    return file;
  }

  /** Opens a file that goes on. */
  open(name: string): Promise<File> {
    return this.#kernel.env.disk.open(this.pathOf(name), 'append');
  }

  /**
   * Puts a manifest into force. When that fails, the old one is; where even that cannot be made sure, the numbers of the
   * new one are not given to other files.
   */
  async persist(manifest: Manifest): Promise<void> {
    try {
      await this.#write(manifest);
    } catch (error) {
      if (!(await this.#isRestored())) {
        const { baseSeq, incrementSeq } = manifest;
        this.manifest = new Manifest({ ...this.manifest, baseSeq, incrementSeq });
      }
      throw error;
    }
    this.manifest = manifest;
  }

  /** The new name is durable: a manifest may name it. */
  async rename(from: string, to: string): Promise<void> {
    const { config, env } = this.#kernel;
    await env.disk.rename(this.pathOf(from), this.pathOf(to));
    await env.disk.syncFolder(config.appendDirname);
  }

  /** A file that cannot be removed is of no harm. */
  remove(name: string): Promise<void> {
    return removeIfThere(this.#kernel.env.disk, this.pathOf(name));
  }

  /** Removes what rewrites have replaced. What cannot be removed now is removed after the next rewrite. */
  async removeHistory(): Promise<void> {
    const { config, log } = this.#kernel;
    if (this.manifest.history.length === 0 || config.aofDisableAutoGc) return;
    for (const { name } of this.manifest.history) await this.remove(name);
    try {
      await this.persist(this.manifest.withoutHistory());
    } catch (error) {
      log.warning(`The AOF manifest still names files that are gone: ${systemErrorText(error)}`);
    }
  }

  /** Removes what rewrites that did not end have left. */
  async removeLeftovers(): Promise<void> {
    const { config, env } = this.#kernel;
    for (const name of await env.disk.list(config.appendDirname)) {
      if (name.startsWith('temp-')) await removeIfThere(env.disk, `${config.appendDirname}/${name}`);
    }
  }

  /** The name of a file of the manifest (or of the manifest itself) that somebody has taken away; undefined: all are there. */
  async missing(): Promise<string | undefined> {
    const { manifest } = this;
    const wanted = [manifestName(this.baseName), ...manifest.loadedFiles.map(({ name }) => name)].map(textOfByteString);
    try {
      const found = new Set(await this.#kernel.env.disk.list(this.#kernel.config.appendDirname));
      return wanted.find((name) => !found.has(name));
    } catch (error) {
      const code = systemErrorCode(error);
      return code === 'ENOENT' || code === 'ENOTDIR' ? wanted[0] : undefined;
    }
  }

  async sizeOf({ name }: AofFile): Promise<number> {
    const file = await this.#kernel.env.disk.open(this.pathOf(name), 'read');
    try {
      return await file.sizeBytes();
    } finally {
      await file.close();
    }
  }

  async #isRestored(): Promise<boolean> {
    if (this.manifest.isEmpty) return false;
    try {
      await this.#write(this.manifest);
      return true;
    } catch {
      return false; // the first error is the one to tell
    }
  }

  #write(manifest: Manifest): Promise<void> {
    return this.#kernel.env.disk.writeFileAtomic(this.pathOf(manifestName(this.baseName)), formatManifest(manifest));
  }
}
