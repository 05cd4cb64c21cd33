/** The workloads in which a group changes domains under traffic. A new one is a file in traffic/ and a line here. */
import join from '../traffic/join.json';
import leave from '../traffic/leave.json';
import move from '../traffic/move.json';
import wayBackFailsAtFirst from '../traffic/move-and-way-back-fail-at-first-member.json';
import wayBackFailsAtSecond from '../traffic/move-and-way-back-fail-at-second-member.json';
import moveFailsAtFirst from '../traffic/move-fails-at-first-member.json';
import moveFailsAtSecond from '../traffic/move-fails-at-second-member.json';
import noSwitch from '../traffic/no-switch.json';
import release from '../traffic/release.json';
import { parseWorkload, type Workload } from './grammar/workload';

const FILES: readonly unknown[] = [
  noSwitch,
  move,
  moveFailsAtFirst,
  moveFailsAtSecond,
  wayBackFailsAtFirst,
  wayBackFailsAtSecond,
  join,
  leave,
  release,
];

/** All of them, the control without a change first. Each call parses them anew. */
export function trafficWorkloads(): readonly Workload[] {
  return FILES.map((json) => parseWorkload(json, 'traffic'));
}
