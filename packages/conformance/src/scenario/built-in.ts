/**
 * The scenarios that come with the suite, one file each. Their ids are stable: a token names its schedule by them. A new
 * one is a file in scenarios/ and two lines here.
 */
import attachFailsAtSecondMember from '../../scenarios/attach-fails-at-second-member.json';
import attachNewVsRemoveFirstMember from '../../scenarios/attach-new-vs-remove-first-member.json';
import attachVsReleaseOfMember from '../../scenarios/attach-vs-release-of-member.json';
import betweenContainersVsDma from '../../scenarios/between-containers-vs-dma.json';
import bindSiblingVsAttach from '../../scenarios/bind-sibling-vs-attach.json';
import claimFailsAtSecondMember from '../../scenarios/claim-fails-at-second-member.json';
import closeGroupVsRemove from '../../scenarios/close-group-vs-remove.json';
import closeVsRemove from '../../scenarios/close-vs-remove.json';
import detachFails from '../../scenarios/detach-fails.json';
import detachFailsAtSecondMember from '../../scenarios/detach-fails-at-second-member.json';
import getDeviceVsBindSibling from '../../scenarios/get-device-vs-bind-sibling.json';
import mapVsDma from '../../scenarios/map-vs-dma.json';
import moveFailsAtSecondMember from '../../scenarios/move-fails-at-second-member.json';
import moveVsDma from '../../scenarios/move-vs-dma.json';
import moveVsKernelAttach from '../../scenarios/move-vs-kernel-attach.json';
import releaseFailsAtSecondMember from '../../scenarios/release-fails-at-second-member.json';
import releaseVsRescan from '../../scenarios/release-vs-rescan.json';
import removeWhileGroupOpen from '../../scenarios/remove-while-group-open.json';
import rescanUnderModuleDomain from '../../scenarios/rescan-under-module-domain.json';
import rescanVsAttach from '../../scenarios/rescan-vs-attach.json';
import setIommuAlone from '../../scenarios/set-iommu-alone.json';
import setIommuVsBindSibling from '../../scenarios/set-iommu-vs-bind-sibling.json';
import setIommuVsBridgeRemoval from '../../scenarios/set-iommu-vs-bridge-removal.json';
import setIommuVsRemoveNewestMember from '../../scenarios/set-iommu-vs-remove-newest-member.json';
import setIommuVsRemoveOldestMember from '../../scenarios/set-iommu-vs-remove-oldest-member.json';
import setIommuVsRemoveOnlyDevice from '../../scenarios/set-iommu-vs-remove-only-device.json';
import setIommuVsRemoveUndrivenMember from '../../scenarios/set-iommu-vs-remove-undriven-member.json';
import setIommuVsUnbind from '../../scenarios/set-iommu-vs-unbind.json';
import twoContainersClaim from '../../scenarios/two-containers-claim.json';
import unbindFromContainerThenBind from '../../scenarios/unbind-from-container-then-bind.json';
import unmapVsDma from '../../scenarios/unmap-vs-dma.json';
import wayBackFailsAtFirstMember from '../../scenarios/way-back-fails-at-first-member.json';
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
  { id: 'attach-fails-at-second-member', json: attachFailsAtSecondMember },
  { id: 'claim-fails-at-second-member', json: claimFailsAtSecondMember },
  { id: 'close-group-vs-remove', json: closeGroupVsRemove },
  { id: 'detach-fails-at-second-member', json: detachFailsAtSecondMember },
  { id: 'detach-fails', json: detachFails },
  { id: 'get-device-vs-bind-sibling', json: getDeviceVsBindSibling },
  { id: 'move-fails-at-second-member', json: moveFailsAtSecondMember },
  { id: 'release-fails-at-second-member', json: releaseFailsAtSecondMember },
  { id: 'release-vs-rescan', json: releaseVsRescan },
  { id: 'remove-while-group-open', json: removeWhileGroupOpen },
  { id: 'rescan-under-module-domain', json: rescanUnderModuleDomain },
  { id: 'set-iommu-alone', json: setIommuAlone },
  { id: 'set-iommu-vs-bind-sibling', json: setIommuVsBindSibling },
  { id: 'set-iommu-vs-remove-only-device', json: setIommuVsRemoveOnlyDevice },
  { id: 'unbind-from-container-then-bind', json: unbindFromContainerThenBind },
  { id: 'way-back-fails-at-first-member', json: wayBackFailsAtFirstMember },
  { id: 'attach-new-vs-remove-first-member', json: attachNewVsRemoveFirstMember },
  { id: 'between-containers-vs-dma', json: betweenContainersVsDma },
  { id: 'move-vs-dma', json: moveVsDma },
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
