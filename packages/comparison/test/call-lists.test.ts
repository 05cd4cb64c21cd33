import { type CallList, parseCallList } from '@iommu-lab/conformance';
import { describe, expect, it } from 'vitest';
import devMutex from '../../api-device/test/dev-mutex.calls.json';
import passedIn from '../../api-device/test/passed-in.calls.json';
import pinned from '../../api-device/test/pinned.calls.json';
import raw from '../../api-device/test/raw.calls.json';
import attach from '../../api-group/test/attach.calls.json';
import replace from '../../api-group/test/replace.calls.json';
import replaceV1 from '../../api-group/test/replace-v1.calls.json';
import iterator from '../../api-group-alloc/test/iterator.calls.json';
import oneStep from '../../api-group-alloc/test/one-step.calls.json';
import twoStep from '../../api-group-alloc/test/two-step.calls.json';
import { checkCallLists, VARIANTS } from '../src/index';

const LISTS: readonly CallList[] = [
  attach,
  replaceV1,
  replace,
  raw,
  pinned,
  devMutex,
  passedIn,
  twoStep,
  oneStep,
  iterator,
].map((json) => parseCallList(json, json.variant));

describe('call lists', () => {
  it('every variant does what its list says, and no two lists are equal', () => {
    expect(checkCallLists(VARIANTS, LISTS)).toEqual([]);
  });

  it('a missing list, a changed call and an alias are found', () => {
    const [first, second, ...rest] = LISTS as [CallList, CallList, ...CallList[]];
    expect(checkCallLists(VARIANTS, [second, ...rest])).toEqual([`${first.variant}: there is no call list`]);
    const changed = { ...first, leave: first.leave.slice(1) };
    expect(checkCallLists(VARIANTS, [changed, second, ...rest]).join('\n')).toContain(
      `${first.variant}: leave call 1`,
    );
    const alias = { ...first, variant: second.variant };
    expect(checkCallLists([], [first, alias])).toEqual([
      `${second.variant}: its call list is equal to that of ${first.variant}`,
    ]);
  });
});
