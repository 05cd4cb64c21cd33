/** `verify traces`: recordings in files against the designs. */
import { basename, dirname } from 'node:path';
import { verifyTraces } from '@iommu-lab/comparison';
import { type Case, profile as findProfile, readTrace } from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import type { ExitStatus } from '../exit-status';
import { type Loaded, loadAll } from '../files/load';
import type { Io } from '../io';
import { addReports, type VariantReport, verifyText } from '../render/verify-text';
import { Progress } from '../terminal/progress';
import { variantsNamed } from '../variants';
import type { Invocation } from '../verb';
import { finishVerify } from './verify-end';

/** @throws UsageError, and InputError for a profile that was asked for and does not exist. */
export function verifyTraceFiles({ io, options }: Invocation, paths: readonly string[]): ExitStatus {
  const variants = variantsNamed(options.list('variant'));
  const profile = options.text('profile');
  if (profile !== undefined) findProfile(profile);
  const loaded = loadAll(paths, io.folder, (bytes, path, absolute) => {
    const id = profile ?? basename(dirname(absolute));
    findProfile(id, path);
    return readTrace(bytes, { name: path, profile: id });
  });
  const cases = loaded.files.flatMap(({ content }) => content);
  const reports = verifyWithProgress(io, cases, variants);
  const operations = new Map(cases.map((one) => [`${one.profile}/${one.id}`, one]));
  const text = () =>
    verifyText(reports, io, {
      files: loaded.files.length,
      operationOf: (id, step) => operations.get(id)?.steps[step]?.op,
      repeat: (id, variant) => repeatCommand(loaded, id, variant, profile),
    });
  const total = addReports(
    'traces',
    reports.map(({ report }) => report),
  );
  return finishVerify({ io, json: options.flag('json'), report: total, refused: loaded.refused, text });
}

function verifyWithProgress(io: Io, cases: readonly Case[], variants: readonly Variant[]): VariantReport[] {
  const progress = new Progress(io);
  const total = cases.length * variants.length;
  try {
    return variants.map((variant, index) => ({
      variant: variant.id,
      report: verifyTraces(cases, [variant], (done, _, id) =>
        progress.report(index * cases.length + done, total, id),
      ),
    }));
  } finally {
    progress.erase();
  }
}

function repeatCommand(
  loaded: Loaded<readonly Case[]>,
  id: string,
  variant: string | undefined,
  profile: string | undefined,
): string[] {
  const file = loaded.files.find(({ content }) => content.some((one) => `${one.profile}/${one.id}` === id));
  return [
    'iommu-lab verify traces',
    ...(file === undefined ? [] : [file.path]),
    ...(variant === undefined ? [] : ['--variant', variant]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ];
}
