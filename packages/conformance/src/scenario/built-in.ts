/**
 * The scenarios that come with the suite, one file each. Their ids are stable: a token names its schedule by them. A new
 * one is a file in scenarios/ and two lines here.
 */
import attachVsReleaseOfMember from '../../scenarios/attach-vs-release-of-member.json';
import bindSiblingVsAttach from '../../scenarios/bind-sibling-vs-attach.json';
import closeVsRemove from '../../scenarios/close-vs-remove.json';
import mapVsDma from '../../scenarios/map-vs-dma.json';
import moveVsKernelAttach from '../../scenarios/move-vs-kernel-attach.json';
import rescanVsAttach from '../../scenarios/rescan-vs-attach.json';
import setIommuVsBridgeRemoval from '../../scenarios/set-iommu-vs-bridge-removal.json';
import setIommuVsRemoveNewestMember from '../../scenarios/set-iommu-vs-remove-newest-member.json';
import setIommuVsRemoveOldestMember from '../../scenarios/set-iommu-vs-remove-oldest-member.json';
import setIommuVsRemoveUndrivenMember from '../../scenarios/set-iommu-vs-remove-undriven-member.json';
import setIommuVsUnbind from '../../scenarios/set-iommu-vs-unbind.json';
import twoContainersClaim from '../../scenarios/two-containers-claim.json';
import unmapVsDma from '../../scenarios/unmap-vs-dma.json';
import { InputError } from '../input-error';
import { parseScenario, type Scenario } from './scenario';

/** In the order in which they are listed: first those that the designs differ in. */
const SCENARIOS: readonly { readonly id: string; readonly json: unknown }[] = [
  { id: 'set-iommu-vs-remove-undriven-member', json: setIommuVsRemoveUndrivenMember },
  { id: 'set-iommu-vs-remove-oldest-member', json: setIommuVsRemoveOldestMember },
  { id: 'set-iommu-vs-remove-newest-member', json: setIommuVsRemoveNewestMember },
  { id: 'set-iommu-vs-bridge-removal', json: setIommuVsBridgeRemoval },
  { id: 'set-iommu-vs-unbind', json: setIommuVsUnbind },
  { id: 'close-vs-remove', json: closeVsRemove },
  { id: 'map-vs-dma', json: mapVsDma },
  { id: 'unmap-vs-dma', json: unmapVsDma },
  { id: 'two-containers-claim', json: twoContainersClaim },
  { id: 'bind-sibling-vs-attach', json: bindSiblingVsAttach },
  { id: 'rescan-vs-attach', json: rescanVsAttach },
  { id: 'attach-vs-release-of-member', json: attachVsReleaseOfMember },
  { id: 'move-vs-kernel-attach', json: moveVsKernelAttach },
];

/** All of them; each call gives its own. */
export function scenarios(): Scenario[] {
  return SCENARIOS.map(({ id, json }) => parseScenario(json, `scenarios/${id}.json`));
}

/** The scenario of that id. `source` is where the id was read, for the `InputError` where there is none. */
export function scenarioNamed(id: string, source: string): Scenario {
  const found = SCENARIOS.find((each) => each.id === id);
  if (found !== undefined) return parseScenario(found.json, `scenarios/${id}.json`);
  const known = SCENARIOS.map((each) => each.id).join(', ');
  throw new InputError(`unknown scenario "${id}"; there are: ${known}`, { source });
}
