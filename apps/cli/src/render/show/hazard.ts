/** What `show H01` says: the hazard, its scenarios, and what came of it on each design and kernel. */
import { HAZARD_RESULTS, type HazardResult, outcomeOf } from '@iommu-lab/comparison';
import { type JudgedHazard, scenarios } from '@iommu-lab/conformance';
import { counted } from '../tally-text';
import { fittedTable } from '../text-table';
import { factLines } from './facts';

/** The lines. */
export function hazardLines(hazard: JudgedHazard, width: number): string[] {
  const { id, title, varies, eras, remark } = hazard;
  const named = scenarios().filter((one) => one.hazard?.id === id);
  const facts = [
    { name: 'hazard', values: [id] },
    { name: 'title', values: [title] },
    { name: 'judged', values: [`for each ${varies}, at ${eras.join(', ')} as far as they can be run`] },
    { name: 'scenarios', values: named.map((scenario) => `${scenario.id}: ${scenario.title}`) },
    { name: 'remark', values: remark === undefined ? [] : [remark] },
  ];
  const results = HAZARD_RESULTS.filter((one) => one.hazard === id);
  const columns = ['kernel', 'design', 'outcome', 'shown by'].map((head) => ({
    head,
    align: 'left' as const,
  }));
  return [
    ...factLines(facts, width),
    '',
    ...fittedTable(columns, results.map(rowOf), width),
    '',
    `again: iommu-lab explore ${id}`,
  ];
}

function rowOf(result: HazardResult): string[] {
  const { era, variant, verdict, executions, violations, witness, counterfactual } = result;
  const [worst] = violations;
  const size = `${verdict}, ${counted(executions, 'execution')}`;
  const shown = worst === undefined ? `witness ${witness ?? 'none'}` : `${worst.kind} ${worst.token ?? ''}`;
  const design = `${variant ?? 'any'}${counterfactual === true ? ' (counterfactual)' : ''}`;
  return [era, design, `${outcomeOf(result)} (${size})`, shown];
}
