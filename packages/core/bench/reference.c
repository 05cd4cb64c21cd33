/*
 * The algorithm of packages/core/src/page-table in C, for VT-d second-stage tables of four levels: the yardstick of
 * the bench. Same arena, same leaf sizes, same last-leaf-table cache, same gather list. Prints "name nanoseconds".
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { LEVELS = 4, ARENA_PAGES = 65536, SIZES = 3 };
#define READ_WRITE 3ull
#define PAGE_SIZE_BIT 0x80ull
#define ADDRESS 0x000ffffffffff000ull

static uint64_t *arena;
static uint32_t free_list[ARENA_PAGES], free_count, gathered[ARENA_PAGES], gathered_count;
static uint64_t root;
static uint64_t last_number = UINT64_MAX, *last_table;
static const uint64_t size_pages[SIZES] = {1, 512, 512 * 512};

static uint64_t *table_at(uint64_t page) { return arena + page * 512; }
static unsigned index_at(uint64_t page, int level) { return (page >> (9 * level)) & 511; }

static int64_t new_table(void)
{
	if (!free_count) return -12;
	uint64_t page = free_list[--free_count];
	memset(table_at(page), 0, 4096);
	return (int64_t)page;
}

enum kind { EMPTY, TABLE, LEAF };
static enum kind kind_of(uint64_t entry, int level)
{
	if (!(entry & READ_WRITE)) return EMPTY;
	if (level == 0) return LEAF;
	return (entry & PAGE_SIZE_BIT) && level <= 2 ? LEAF : TABLE;
}

static void gather(uint64_t page) { gathered[gathered_count++] = (uint32_t)page; last_number = UINT64_MAX; }

static int maps_nothing(uint64_t page, int level)
{
	for (int i = 0; i < 512; i++) {
		uint64_t entry = table_at(page)[i];
		enum kind kind = kind_of(entry, level);
		if (kind == LEAF) return 0;
		if (kind == TABLE && !maps_nothing((entry & ADDRESS) >> 12, level - 1)) return 0;
	}
	return 1;
}

static void gather_all(uint64_t page, int level)
{
	if (level > 0)
		for (int i = 0; i < 512; i++)
			if (kind_of(table_at(page)[i], level)) gather_all((table_at(page)[i] & ADDRESS) >> 12, level - 1);
	gather(page);
}

static int clear_for_leaf(uint64_t *entry, int level)
{
	enum kind kind = kind_of(*entry, level);
	if (kind == EMPTY) return 0;
	uint64_t page = (*entry & ADDRESS) >> 12;
	if (kind == LEAF || !maps_nothing(page, level - 1)) return -98;
	*entry = 0;
	gather_all(page, level - 1);
	return 0;
}

static uint64_t *table_for(uint64_t iova, int level)
{
	if (level == 0 && iova >> 9 == last_number) return last_table;
	uint64_t *table = table_at(root);
	for (int at = LEVELS - 1; at > level; at--) {
		uint64_t *entry = &table[index_at(iova, at)];
		enum kind kind = kind_of(*entry, at);
		if (kind == LEAF) return NULL;
		if (kind == EMPTY) {
			int64_t page = new_table();
			if (page < 0) return NULL;
			*entry = ((uint64_t)page << 12) | READ_WRITE;
		}
		table = table_at((*entry & ADDRESS) >> 12);
	}
	if (level == 0) { last_number = iova >> 9; last_table = table; }
	return table;
}

static int map_range(uint64_t iova, uint64_t physical, uint64_t pages)
{
	if (!pages) return -22;
	if (iova + pages > 1ull << 36 || physical + pages > 1ull << 40) return -34;
	for (uint64_t done = 0; done < pages;) {
		uint64_t from = iova + done, to = physical + done, left = pages - done;
		int size = SIZES - 1;
		while (size && (size_pages[size] > left || ((from | to) & (size_pages[size] - 1)))) size--;
		uint64_t *table = table_for(from, size);
		if (!table) return -98;
		unsigned index = index_at(from, size);
		uint64_t run = left / size_pages[size];
		if (run > 512 - index) run = 512 - index;
		for (uint64_t n = 0; n < run; n++) {
			if (table[index + n] && clear_for_leaf(&table[index + n], size)) return -98;
			table[index + n] = (to << 12) | READ_WRITE | (size ? PAGE_SIZE_BIT : 0);
			to += size_pages[size];
		}
		done += run * size_pages[size];
	}
	return 0;
}

static uint64_t cursor, cursor_end, removed;
static int stopped;

static void remove_in(uint64_t *table, int level)
{
	unsigned index = index_at(cursor, level);
	while (!stopped && index < 512 && cursor < cursor_end) {
		uint64_t entry = table[index], reach = 1ull << (9 * level);
		enum kind kind = kind_of(entry, level);
		if (kind == EMPTY) { stopped = 1; break; }
		if (kind == LEAF) {
			if (cursor & (reach - 1)) { stopped = 1; break; }
			table[index] = 0;
			cursor += reach;
			removed += reach;
		} else {
			int covered = !(cursor & (reach - 1)) && cursor + reach <= cursor_end;
			uint64_t page = (entry & ADDRESS) >> 12;
			if (level == 1) { last_number = cursor >> 9; last_table = table_at(page); }
			remove_in(table_at(page), level - 1);
			if (!stopped && covered) { table[index] = 0; gather(page); }
		}
		index = index_at(cursor, level);
		if (!index) return;
	}
}

static uint64_t unmap_range(uint64_t iova, uint64_t pages)
{
	cursor = iova;
	cursor_end = iova + pages;
	removed = 0;
	stopped = 0;
	if (iova >> 9 == last_number && pages < 512 && index_at(iova, 0) + pages <= 512) remove_in(last_table, 0);
	else remove_in(table_at(root), LEVELS - 1);
	return removed;
}

static void release_gathered(void)
{
	while (gathered_count) free_list[free_count++] = gathered[--gathered_count];
}

static int64_t translate(uint64_t iova)
{
	if (iova >> 36) return -1;
	uint64_t *table = table_at(root);
	int level = LEVELS - 1;
	if (iova >> 9 == last_number) { table = last_table; level = 0; }
	for (;; level--) {
		uint64_t entry = table[index_at(iova, level)];
		enum kind kind = kind_of(entry, level);
		if (kind == EMPTY) return -1;
		if (kind == LEAF) return (int64_t)(((entry & ADDRESS) >> 12) + (iova & ((1ull << (9 * level)) - 1)));
		table = table_at((entry & ADDRESS) >> 12);
	}
}

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

/* The patterns; bench.ts has the same ones with the same numbers. */
enum { PAGES = 32768, ROUNDS = 100 };
static uint64_t sink;
static double best[5];

static void keep(int which, uint64_t start, double operations)
{
	double each = (double)(now() - start) / operations;
	if (!best[which] || each < best[which]) best[which] = each;
}

static void four_kilobyte_round(void)
{
	uint64_t start = now();
	for (uint64_t n = 0; n < PAGES; n++) sink += (uint64_t)map_range(0x100000 + n, 0x200001 + n, 1);
	keep(0, start, PAGES);
	start = now();
	uint64_t state = 12345;
	for (uint64_t n = 0; n < PAGES; n++) {
		state = (state * 1103515245 + 12345) & 0x7fffffff;
		sink += (uint64_t)translate(0x100000 + (state & (PAGES - 1)));
	}
	keep(1, start, PAGES);
	start = now();
	for (uint64_t n = 0; n < PAGES; n += 64) sink += unmap_range(0x100000 + n, 64);
	keep(2, start, PAGES);

	release_gathered();
}

static void batch_round(void)
{
	uint64_t start = now();
	for (uint64_t n = 0; n < PAGES; n += 512) {
		sink += (uint64_t)map_range(0x100000 + n, 0x200001 + n, 512);
		sink += unmap_range(0x100000 + n, 512);
		release_gathered();
	}
	keep(3, start, PAGES);
}

static void mixed_round(void)
{
	uint64_t start = now();
	double operations = 0;
	for (uint64_t n = 0; n < 8; n++) {
		uint64_t base = n << 20;
		sink += (uint64_t)map_range(base, 0x40000000 + base, 0x40000 + 512 * 3 + 5); /* 1G, three 2M, five 4K */
		sink += (uint64_t)map_range(base + 0x80000, 0x40000001 + base, 600);         /* out of phase: 4K only */
		for (uint64_t k = 0; k < 200; k++) sink += (uint64_t)translate(base + k * 1311);
		sink += unmap_range(base + 0x80000, 600);
		sink += unmap_range(base, 0x40000 + 512 * 3 + 5);
		release_gathered();
		operations += 204;
	}
	keep(4, start, operations);
}

int main(void)
{
	static const char *names[5] = {"map one 4K page", "translate at random", "unmap 64 pages (each)", "map+unmap 512 pages (each)", "mixed sizes"};
	arena = mmap(NULL, (size_t)ARENA_PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena == MAP_FAILED) return 1;
	for (int n = ARENA_PAGES - 1; n >= 0; n--) free_list[free_count++] = (uint32_t)n;
	root = (uint64_t)new_table();
	for (int round = 0; round < ROUNDS; round++) {
		four_kilobyte_round();
		batch_round();
		mixed_round();
	}
	for (int n = 0; n < 5; n++) printf("%s\t%.3f\n", names[n], best[n]);
	return sink == 42;
}
