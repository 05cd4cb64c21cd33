/** `verify traces`: recordings in files against the designs. */
import { basename, dirname } from 'node:path';
import { type UnusableCase, verifyTraces } from '@iommu-lab/comparison';
import { type Case, profile as findProfile, readTrace } from '@iommu-lab/conformance';
import type { Variant } from '@iommu-lab/kernel';
import type { ExitStatus } from '../exit-status';
import { type Loaded, loadAll } from '../files/load';
import type { Io } from '../io';
import { addReports, type VariantReport, verifyText } from '../render/verify-text';
import { withProgress } from '../terminal/progress';
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
  const { reports, unusable } = verifyWithProgress(io, cases, variants);
  const byId = new Map(cases.map((one) => [qualifiedId(one), one]));
  const text = () =>
    verifyText(reports, io, {
      files: loaded.files.length,
      operationOf: (id, step) => byId.get(id)?.steps[step]?.op,
      repeat: (id, variant) => repeatCommand(loaded, id, variant, profile),
    });
  return finishVerify({
    io,
    json: options.flag('json'),
    report: addReports(
      'traces',
      reports.map(({ report }) => report),
    ),
    refused: loaded.refused,
    unusable: unusable.map((each) => unusableText(loaded, each)),
    text,
  });
}

function verifyWithProgress(
  io: Io,
  cases: readonly Case[],
  variants: readonly Variant[],
): { reports: VariantReport[]; unusable: readonly UnusableCase[] } {
  const total = cases.length * variants.length;
  const unusable = new Map<Case, UnusableCase>();
  return withProgress(io, (report) => {
    const reports = variants.map((variant, index) => {
      const verified = verifyTraces(cases, [variant], (done, _, id) =>
        report(index * cases.length + done, total, id),
      );
      for (const each of verified.unusable) unusable.set(each.case, each);
      return { variant: variant.id, report: verified.report, declared: verified.declared };
    });
    return { reports, unusable: [...unusable.values()] };
  });
}

type LoadedTraces = Loaded<readonly Case[]>;

function fileOf(loaded: LoadedTraces, id: string): string | undefined {
  return loaded.files.find(({ content }) => content.some((one) => qualifiedId(one) === id))?.path;
}

function unusableText(loaded: LoadedTraces, { case: one, step, message }: UnusableCase): string {
  const path = fileOf(loaded, qualifiedId(one));
  return `${path}: case "${one.id}", step ${step} ${one.steps[step]?.op}: ${message}`;
}

function qualifiedId(one: Case): string {
  return `${one.profile}/${one.id}`;
}

function repeatCommand(
  loaded: LoadedTraces,
  id: string,
  variant: string | undefined,
  profile: string | undefined,
): string[] {
  const path = fileOf(loaded, id);
  return [
    'iommu-lab verify traces',
    ...(path === undefined ? [] : [path]),
    ...(variant === undefined ? [] : ['--variant', variant]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ];
}
