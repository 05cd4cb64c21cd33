/** `verify vectors`: page-table entries, walks and faults in files against the machine. No design takes part. */
import { checkVector, readVectors, type Vector, type VerifyReport, vectorId } from '@iommu-lab/conformance';
import type { ExitStatus } from '../exit-status';
import { type Loaded, loadAll } from '../files/load';
import { textOf } from '../files/text';
import { verifyText } from '../render/verify-text';
import { type Progress, withProgress } from '../terminal/progress';
import { UsageError } from '../usage-error';
import type { Invocation } from '../verb';
import { finishVerify } from './verify-end';

/** @throws UsageError for an option that only traces have. */
export function verifyVectorFiles({ io, options }: Invocation, paths: readonly string[]): ExitStatus {
  for (const name of ['variant', 'profile']) {
    if (options.text(name) !== undefined) throw new UsageError(`--${name} is for traces; vectors have none`);
  }
  const loaded = loadAll(paths, io.folder, (bytes, path) => readVectors(textOf(bytes, path), path));
  const { report, unusable } = withProgress(io, (onProgress) => checkAll(loaded, onProgress));
  const text = () =>
    verifyText([{ variant: null, report, declared: 0 }], io, {
      files: loaded.files.length,
      operationOf: () => undefined,
      repeat: (id) => ['iommu-lab verify vectors', ...pathOf(loaded, id)],
    });
  return finishVerify({ io, json: options.flag('json'), report, refused: loaded.refused, unusable, text });
}

type LoadedVectors = Loaded<readonly Vector[]>;

interface Checked {
  readonly report: VerifyReport;
  readonly unusable: readonly string[];
}

function checkAll(loaded: LoadedVectors, onProgress: Progress['report']): Checked {
  const [failures, skips]: [VerifyReport['failures'], VerifyReport['skips']] = [[], []];
  const unusable: string[] = [];
  const total = loaded.files.reduce((sum, { content }) => sum + content.length, 0);
  let [done, passed] = [0, 0];
  for (const { path, content } of loaded.files) {
    for (const vector of content) {
      const result = checkOrExplain(vector);
      const { id } = result;
      if ('stopped' in result) {
        unusable.push(`${path}: vector "${id}": ${result.stopped}`);
        skips.push({ id, reason: result.stopped });
      } else if ('skipped' in result) skips.push({ id, reason: result.skipped });
      else if (result.passed) passed++;
      else failures.push({ id, ...expectedAndActual(result.failures) });
      onProgress(++done, total, id);
    }
  }
  const counts = { total, passed, failed: failures.length, skipped: skips.length };
  return { report: { kind: 'vectors', ...counts, failures, skips }, unusable };
}

type Outcome = ReturnType<typeof checkVector> | { readonly id: string; readonly stopped: string };

/** A vector that stops the model, because it asks for what no table can be, must not take the others with it. */
function checkOrExplain(vector: Vector): Outcome {
  try {
    return checkVector(vector);
  } catch (error) {
    return { id: vectorId(vector), stopped: (error as Error).message };
  }
}

/** Differences by what differs, as those of a trace's step are by field. */
function expectedAndActual(differences: readonly { what: string; expected: string; actual: string }[]) {
  return {
    expected: Object.fromEntries(differences.map(({ what, expected }) => [what, expected])),
    actual: Object.fromEntries(differences.map(({ what, actual }) => [what, actual])),
  };
}

function pathOf(loaded: LoadedVectors, id: string): string[] {
  const file = loaded.files.find(({ content }) => content.some((vector) => vectorId(vector) === id));
  return file === undefined ? [] : [file.path];
}
