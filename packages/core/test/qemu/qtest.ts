/**
 * Client for QEMU's line based qtest protocol, and the process that speaks it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** qtest takes at most this many bytes from its socket for each turn of QEMU's main loop. */
const CHUNK_BYTES = 1024;

export const hex = (value: bigint | number): string => `0x${BigInt(value).toString(16)}`;

const liveChildren = new Set<ChildProcess>();
const liveFolders = new Set<string>();
process.on('exit', () => {
  for (const child of liveChildren) child.kill('SIGKILL');
  for (const folder of liveFolders) fs.rmSync(folder, { recursive: true, force: true });
});

export interface LaunchSpec {
  binary: string;
  args: string[];
  traceEvents: string[];
  /** Files put into the process's own folder; "@DIR@" in an argument stands for it. */
  files: Record<string, Uint8Array>;
}

interface Pending {
  want: number;
  got: string[];
  resolve: (answers: string[]) => void;
  reject: (error: Error) => void;
}

export class QTest {
  /** No answer for this long: QEMU is stuck and is killed. */
  timeoutMs = 20_000;
  #pending: Pending[] = [];
  #partial = '';
  #traceFd: number;
  #tracePosition = 0;
  #traceRest = '';
  #dead: Error | null = null;
  #stderr = '';

  private constructor(
    readonly folder: string,
    readonly child: ChildProcess,
    readonly socket: net.Socket,
    tracePath: string,
  ) {
    this.#traceFd = fs.openSync(tracePath, 'r');
    child.stderr?.on('data', (data: Buffer) => {
      this.#stderr = (this.#stderr + data.toString()).slice(-4000);
    });
    socket.setNoDelay(true);
    socket.on('data', (data) => this.#receive(data.toString('latin1')));
    socket.on('error', (error) => this.#fail(`socket error ${error.message}`));
    socket.on('close', () => this.#fail('closed the qtest socket'));
    child.on('exit', () => liveChildren.delete(child));
  }

  static async launch(spec: LaunchSpec): Promise<QTest> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iommu-lab-qemu-'));
    liveFolders.add(folder);
    const socketPath = path.join(folder, 'qtest.sock');
    const tracePath = path.join(folder, 'trace.log');
    const eventsPath = path.join(folder, 'events');
    for (const [name, bytes] of Object.entries(spec.files)) fs.writeFileSync(path.join(folder, name), bytes);
    fs.writeFileSync(tracePath, '');
    fs.writeFileSync(eventsPath, `${spec.traceEvents.join('\n')}\n`);
    const args = spec.args.map((argument) => argument.replaceAll('@DIR@', folder));
    args.push('-qtest', `unix:${socketPath}`, '-qtest-log', '/dev/null');
    args.push('-trace', `events=${eventsPath}`, '-D', tracePath);
    const server = net.createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
    const child = spawn(spec.binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    liveChildren.add(child);
    const socket = await new Promise<net.Socket>((resolve, reject) => {
      server.once('connection', resolve);
      child.once('error', reject);
      child.once('exit', (code) =>
        reject(new Error(`${spec.binary} exited with ${code} before it connected`)),
      );
    }).finally(() => server.close());
    const qtest = new QTest(folder, child, socket, tracePath);
    // The socket opens long before the machine exists; an answer means that it does.
    await qtest.command('endianness');
    return qtest;
  }

  /** Sends commands in one write; resolves with their answers, the leading OK taken off. */
  async batch(commands: string[]): Promise<string[]> {
    if (commands.length === 0) return [];
    if (this.#dead !== null) throw this.#dead;
    let timer: NodeJS.Timeout | undefined;
    const answers = await new Promise<string[]>((resolve, reject) => {
      this.#pending.push({ want: commands.length, got: [], resolve, reject });
      this.socket.write(`${commands.join('\n')}\n`, 'latin1');
      timer = setTimeout(() => {
        this.child.kill('SIGKILL');
        this.#fail(`did not answer within ${this.timeoutMs} ms`);
      }, this.timeoutMs);
    }).finally(() => clearTimeout(timer));
    return answers.map((answer, i) => {
      if (!answer.startsWith('OK'))
        throw new Error(`qtest '${commands[i]?.trim().slice(0, 80)}' answered '${answer}'`);
      return answer.slice(3);
    });
  }

  async command(command: string): Promise<string> {
    return (await this.batch([command]))[0] ?? '';
  }

  /** The trace lines that QEMU has written since the last call. */
  takeTrace(): string[] {
    const buffer = Buffer.allocUnsafe(1 << 16);
    let text = this.#traceRest;
    for (;;) {
      const length = fs.readSync(this.#traceFd, buffer, 0, buffer.length, this.#tracePosition);
      if (length <= 0) break;
      this.#tracePosition += length;
      text += buffer.toString('latin1', 0, length);
    }
    const lines = text.split('\n');
    this.#traceRest = lines.pop() ?? '';
    return lines;
  }

  async close(): Promise<void> {
    fs.closeSync(this.#traceFd);
    this.#fail('was closed');
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await new Promise<void>((resolve) => {
        this.child.once('exit', () => resolve());
        this.child.kill('SIGKILL');
      });
    }
    this.socket.destroy();
    fs.rmSync(this.folder, { recursive: true, force: true });
    liveFolders.delete(this.folder);
  }

  #fail(why: string): void {
    if (this.#dead !== null) return;
    this.#dead = new Error(`QEMU ${why}: ${this.#stderr.trim()}`);
    for (const pending of this.#pending.splice(0)) pending.reject(this.#dead);
  }

  #receive(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) {
      const pending = this.#pending[0];
      if (pending === undefined || line.startsWith('IRQ ')) continue;
      pending.got.push(line);
      if (pending.got.length === pending.want) {
        this.#pending.shift();
        pending.resolve(pending.got);
      }
    }
  }
}

/**
 * Widens a command with leading zeros of its first hexadecimal argument so that, with `otherBytes` before it, it fills
 * one qtest read: the main loop, and so the timers, get a turn after it.
 */
export function padded(command: string, otherBytes = 0): string {
  const used = otherBytes + command.length + 1;
  const rest = (CHUNK_BYTES - (used % CHUNK_BYTES)) % CHUNK_BYTES;
  return command.replace('0x', `0x${'0'.repeat(rest)}`);
}

/** The commands that write bytes into guest memory. */
export function memoryWrites(physical: bigint, data: Uint8Array): string[] {
  const commands: string[] = [];
  const stepBytes = 96 * 1024;
  for (let offset = 0; offset < data.length; offset += stepBytes) {
    const part = Buffer.from(data.subarray(offset, offset + stepBytes));
    commands.push(
      `b64write ${hex(physical + BigInt(offset))} ${hex(part.length)} ${part.toString('base64')}`,
    );
  }
  return commands;
}
