/**
 * The workloads that come with the suite: cases of our own, one file each, the folder naming the topic.
 *
 * They force what recordings of well-behaved programs don't: refused shares, failures half way, caches that are warm,
 * devices that come and go. What is expected follows from docs/semantics.md, never from a run of the model. A new one
 * is a file in workloads/ and two lines here; its id is its path.
 */
import accountingBarIsFree from '../../workloads/accounting/bar-is-free.json';
import accountingByProcess from '../../workloads/accounting/by-process.json';
import accountingEntryLimit from '../../workloads/accounting/entry-limit.json';
import accountingGivenBack from '../../workloads/accounting/given-back.json';
import accountingVaddrTakesOver from '../../workloads/accounting/vaddr-takes-over.json';
import attachJoinFails from '../../workloads/attach/join-fails.json';
import attachNoDomain from '../../workloads/attach/no-domain.json';
import attachNoDomainAtJoin from '../../workloads/attach/no-domain-at-join.json';
import attachSecondGroupFails from '../../workloads/attach/second-group-fails.json';
import attachSecondMemberFails from '../../workloads/attach/second-member-fails.json';
import attachSecondMemberFails61 from '../../workloads/attach/second-member-fails-6-1.json';
import capabilityPortAnswers from '../../workloads/capability/port-answers.json';
import closeContainerGroupDevice from '../../workloads/close/container-group-device.json';
import closeDeviceContainerGroup from '../../workloads/close/device-container-group.json';
import closeExitWithEverythingOpen from '../../workloads/close/exit-with-everything-open.json';
import closeForkedCopies from '../../workloads/close/forked-copies.json';
import closeGroupContainerDevice from '../../workloads/close/group-container-device.json';
import closeGroupDeviceContainer from '../../workloads/close/group-device-container.json';
import containerChoiceLost from '../../workloads/container/choice-lost.json';
import containerNoGroup from '../../workloads/container/no-group.json';
import costJoin from '../../workloads/cost/join.json';
import costLeave from '../../workloads/cost/leave.json';
import costMove from '../../workloads/cost/move.json';
import costSetIommu from '../../workloads/cost/set-iommu.json';
import detachWhileOwned from '../../workloads/detach/while-owned.json';
import detachWithoutOwner from '../../workloads/detach/without-owner.json';
import dirtyFlags from '../../workloads/dirty/flags.json';
import dirtyRanges from '../../workloads/dirty/ranges.json';
import dirtyStartAndStop from '../../workloads/dirty/start-and-stop.json';
import dirtyStartGetStop from '../../workloads/dirty/start-get-stop.json';
import dirtyUnmapWithBitmap from '../../workloads/dirty/unmap-with-bitmap.json';
import dmaAcrossLargePages from '../../workloads/dma/across-large-pages.json';
import dmaTwoDevicesOnePage from '../../workloads/dma/two-devices-one-page.json';
import faultBridgeRequester from '../../workloads/fault/bridge-requester.json';
import faultIdleDevice from '../../workloads/fault/idle-device.json';
import groupStatusHint from '../../workloads/group/status-hint.json';
import groupUnsetWithDeviceOpen from '../../workloads/group/unset-with-device-open.json';
import hotplugBridgeRemoved from '../../workloads/hotplug/bridge-removed.json';
import hotplugLastMemberOfTwoGroups from '../../workloads/hotplug/last-member-of-two-groups.json';
import hotplugLastMemberRemoved from '../../workloads/hotplug/last-member-removed.json';
import hotplugMemberComesBack from '../../workloads/hotplug/member-comes-back.json';
import hotplugNewcomerBlocked from '../../workloads/hotplug/newcomer-blocked.json';
import hotplugNewcomerBlocked61 from '../../workloads/hotplug/newcomer-blocked-6-1.json';
import hotplugNewcomerRefused from '../../workloads/hotplug/newcomer-refused.json';
import hotplugOpenWhileWaiting from '../../workloads/hotplug/open-while-waiting.json';
import hotplugOpenWhileWaiting61 from '../../workloads/hotplug/open-while-waiting-6-1.json';
import hotplugRemovalWaits from '../../workloads/hotplug/removal-waits.json';
import infoAvail from '../../workloads/info/avail.json';
import infoSize61 from '../../workloads/info/size-6-1.json';
import mapAllGroupsAtOnce from '../../workloads/map/all-groups-at-once.json';
import mapEntryFails from '../../workloads/map/entry-fails.json';
import mapLastPage from '../../workloads/map/last-page.json';
import mapOrderOfChecks from '../../workloads/map/order-of-checks.json';
import mapOutlivesMunmap from '../../workloads/map/outlives-munmap.json';
import mapPinFails from '../../workloads/map/pin-fails.json';
import mapSecondChunkFails from '../../workloads/map/second-chunk-fails.json';
import mapUnreadableSource from '../../workloads/map/unreadable-source.json';
import mapVaddrRemap from '../../workloads/map/vaddr-remap.json';
import moveDefaultInBetween from '../../workloads/move/default-in-between.json';
import moveFailedJoin from '../../workloads/move/failed-join.json';
import moveWarmIotlb from '../../workloads/move/warm-iotlb.json';
import ownershipAttachDoesNotAsk from '../../workloads/ownership/attach-does-not-ask.json';
import ownershipClaimBlocks from '../../workloads/ownership/claim-blocks.json';
import ownershipClaimBlocks61 from '../../workloads/ownership/claim-blocks-6-1.json';
import ownershipClaimEbusy from '../../workloads/ownership/claim-ebusy.json';
import ownershipClaimEperm from '../../workloads/ownership/claim-eperm.json';
import ownershipClaimRolledBack from '../../workloads/ownership/claim-rolled-back.json';
import ownershipUseBeforeDomain from '../../workloads/ownership/use-before-domain.json';
import portAttachNewFails from '../../workloads/port/attach-new-fails.json';
import portMove from '../../workloads/port/move.json';
import portMoveFailsAtFirstMember from '../../workloads/port/move-fails-at-first-member.json';
import portMoveFailsAtSecondMember from '../../workloads/port/move-fails-at-second-member.json';
import portRelease from '../../workloads/port/release.json';
import replayFails from '../../workloads/replay/fails.json';
import replayKeepsPermissions from '../../workloads/replay/keeps-permissions.json';
import replayRefusedWhileVaddrInvalid from '../../workloads/replay/refused-while-vaddr-invalid.json';
import reservedWindowStays from '../../workloads/reserved/window-stays.json';
import shareFirstDomainLeaves from '../../workloads/share/first-domain-leaves.json';
import shareMapFailsInOneDomain from '../../workloads/share/map-fails-in-one-domain.json';
import shareOneDomain from '../../workloads/share/one-domain.json';
import shareOwnDomainLeaves from '../../workloads/share/own-domain-leaves.json';
import shareRefused from '../../workloads/share/refused.json';
import shareRefusedAtSecondMember from '../../workloads/share/refused-at-second-member.json';
import unmapVaddr from '../../workloads/unmap/vaddr.json';
import unmapWarmIotlb from '../../workloads/unmap/warm-iotlb.json';
import { type Case, parseCase } from '../grammar/case';

const FILES: Readonly<Record<string, unknown>> = {
  'accounting/bar-is-free': accountingBarIsFree,
  'accounting/by-process': accountingByProcess,
  'accounting/entry-limit': accountingEntryLimit,
  'accounting/given-back': accountingGivenBack,
  'accounting/vaddr-takes-over': accountingVaddrTakesOver,
  'attach/join-fails': attachJoinFails,
  'attach/no-domain-at-join': attachNoDomainAtJoin,
  'attach/no-domain': attachNoDomain,
  'attach/second-group-fails': attachSecondGroupFails,
  'attach/second-member-fails-6-1': attachSecondMemberFails61,
  'attach/second-member-fails': attachSecondMemberFails,
  'capability/port-answers': capabilityPortAnswers,
  'close/container-group-device': closeContainerGroupDevice,
  'close/device-container-group': closeDeviceContainerGroup,
  'close/exit-with-everything-open': closeExitWithEverythingOpen,
  'close/forked-copies': closeForkedCopies,
  'close/group-container-device': closeGroupContainerDevice,
  'close/group-device-container': closeGroupDeviceContainer,
  'container/choice-lost': containerChoiceLost,
  'container/no-group': containerNoGroup,
  'cost/join': costJoin,
  'cost/leave': costLeave,
  'cost/move': costMove,
  'cost/set-iommu': costSetIommu,
  'detach/while-owned': detachWhileOwned,
  'detach/without-owner': detachWithoutOwner,
  'dirty/flags': dirtyFlags,
  'dirty/ranges': dirtyRanges,
  'dirty/start-and-stop': dirtyStartAndStop,
  'dirty/start-get-stop': dirtyStartGetStop,
  'dirty/unmap-with-bitmap': dirtyUnmapWithBitmap,
  'dma/across-large-pages': dmaAcrossLargePages,
  'dma/two-devices-one-page': dmaTwoDevicesOnePage,
  'fault/bridge-requester': faultBridgeRequester,
  'fault/idle-device': faultIdleDevice,
  'group/status-hint': groupStatusHint,
  'group/unset-with-device-open': groupUnsetWithDeviceOpen,
  'hotplug/bridge-removed': hotplugBridgeRemoved,
  'hotplug/last-member-of-two-groups': hotplugLastMemberOfTwoGroups,
  'hotplug/last-member-removed': hotplugLastMemberRemoved,
  'hotplug/member-comes-back': hotplugMemberComesBack,
  'hotplug/newcomer-blocked-6-1': hotplugNewcomerBlocked61,
  'hotplug/newcomer-blocked': hotplugNewcomerBlocked,
  'hotplug/newcomer-refused': hotplugNewcomerRefused,
  'hotplug/open-while-waiting-6-1': hotplugOpenWhileWaiting61,
  'hotplug/open-while-waiting': hotplugOpenWhileWaiting,
  'hotplug/removal-waits': hotplugRemovalWaits,
  'info/avail': infoAvail,
  'info/size-6-1': infoSize61,
  'map/all-groups-at-once': mapAllGroupsAtOnce,
  'map/entry-fails': mapEntryFails,
  'map/last-page': mapLastPage,
  'map/order-of-checks': mapOrderOfChecks,
  'map/outlives-munmap': mapOutlivesMunmap,
  'map/pin-fails': mapPinFails,
  'map/second-chunk-fails': mapSecondChunkFails,
  'map/unreadable-source': mapUnreadableSource,
  'map/vaddr-remap': mapVaddrRemap,
  'move/default-in-between': moveDefaultInBetween,
  'move/failed-join': moveFailedJoin,
  'move/warm-iotlb': moveWarmIotlb,
  'ownership/attach-does-not-ask': ownershipAttachDoesNotAsk,
  'ownership/claim-blocks-6-1': ownershipClaimBlocks61,
  'ownership/claim-blocks': ownershipClaimBlocks,
  'ownership/claim-ebusy': ownershipClaimEbusy,
  'ownership/claim-eperm': ownershipClaimEperm,
  'ownership/claim-rolled-back': ownershipClaimRolledBack,
  'ownership/use-before-domain': ownershipUseBeforeDomain,
  'port/attach-new-fails': portAttachNewFails,
  'port/move-fails-at-first-member': portMoveFailsAtFirstMember,
  'port/move-fails-at-second-member': portMoveFailsAtSecondMember,
  'port/move': portMove,
  'port/release': portRelease,
  'replay/fails': replayFails,
  'replay/keeps-permissions': replayKeepsPermissions,
  'replay/refused-while-vaddr-invalid': replayRefusedWhileVaddrInvalid,
  'reserved/window-stays': reservedWindowStays,
  'share/first-domain-leaves': shareFirstDomainLeaves,
  'share/map-fails-in-one-domain': shareMapFailsInOneDomain,
  'share/one-domain': shareOneDomain,
  'share/own-domain-leaves': shareOwnDomainLeaves,
  'share/refused-at-second-member': shareRefusedAtSecondMember,
  'share/refused': shareRefused,
  'unmap/vaddr': unmapVaddr,
  'unmap/warm-iotlb': unmapWarmIotlb,
};

/** All workloads, by topic and id. Each call parses them anew: nothing is shared between callers. */
export function workloads(): readonly Case[] {
  return Object.entries(FILES).map(([id, json]) => parseCase(json, `workloads/${id}.json`));
}
