import { it } from 'vitest';
import { designTable } from '../src/render/design-table';
import { workloadMatrix } from '../src/render/matrix';
import { differenceLines, skipLines } from '../src/render/difference-lines';
import { repeatTrace } from '../src/render/repeat';
import { PLAIN } from '../src/terminal/colours';
import { page } from '../src/report/page';
import { writeFileSync } from 'node:fs';
import { fixtureResults as r } from './fixtures/results';
it('x', () => {
  for (const w of [80, 120]) {
    console.log('\n' + designTable(r, w, PLAIN).join('\n'));
    console.log('\n' + workloadMatrix(r, w).join('\n'));
    console.log('\n' + differenceLines(r.failures, {width: w, colours: PLAIN, most: 5, operationOf: () => 'VFIO_X', repeat: repeatTrace}).join('\n'));
    console.log('\n' + skipLines(r.skips, w).join('\n'));
  }
  writeFileSync('/tmp/cli-report.html', page(r));
});
