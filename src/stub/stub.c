/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The RAM stub: one command loop on CPU1 that does next to the flash what would be slow over the
 * wire. Freestanding Cortex-M4 code without FPU, position fixed by stub.ld, protocol in abi.h.
 *
 * Times are loop counts, because nobody knows which clock the chip runs: every wait is bounded so
 * that it is long enough at 64 MHz and ends within seconds at 4 MHz.
 */
#include "abi.h"
#include "regs.h"

/* An erase takes 22 ms (DS11929, typical): 62 ms at 64 MHz, 8 or more cycles a turn. */
#define FLASH_TURNS 500000u
/* Host and wire may pause: 3 s at 32 MHz. */
#define PIECE_TURNS 16000000u
/* The watchdog is fed so often in a wait, and after so many bytes: every few ms at 4 MHz. */
#define FEED_TURNS 1024u
#define FEED_BYTES 0x1000u

#define BLOCK ((volatile struct stub_block *)STUB_BLOCK)
#define BLANK 0xffffffffu

extern void stub_entry(void);
extern void stub_main(void);
extern void stub_hold(void);
extern void stub_nmi(void);

/* What SRAM boot reads, and what the host looks for. */
__attribute__((section(".vectors"), used)) static const struct {
	uint32_t stack;
	void (*reset)(void);
	void (*nmi)(void);
	void (*hard_fault)(void);
	uint32_t ident;
	void (*entry)(void);
} vectors = { STUB_STACK_TOP, stub_hold, stub_nmi, stub_hold, STUB_IDENT, stub_entry };

static inline void feed(void)
{
	IWDG_KR = IWDG_FEED;
}

/* Called with a counter that goes down or up by single steps. */
static inline void feed_at(uint32_t turn)
{
	if (!(turn % FEED_TURNS))
		feed();
}

/* SRAM boot comes here: do nothing, whatever the watchdog thinks, until the debugger halts us. */
void stub_hold(void)
{
	for (uint32_t turn = 0;; turn++)
		feed_at(turn);
}

/*
 * Reading a double word that lost power while it was written: ECCD, an NMI. The data read are wrong
 * or not, which the sums tell; the flag is cleared by writing what was read.
 */
void stub_nmi(void)
{
	FLASH_ECCR = FLASH_ECCR;
}

/* The chip's CRC unit as zlib's crc32(); all bits of the sum are still to be inverted at its end. */
static void crc_begin(void)
{
	CRC_POL = CRC_POLYNOMIAL;
	CRC_INIT = BLANK;
	CRC_CR = CRC_CR_ZLIB;
}

/* The unit takes a word's top byte first. */
static inline void crc_word(uint32_t word)
{
	CRC_DR = __builtin_bswap32(word);
}

static uint32_t crc_range(uint32_t address, uint32_t len)
{
	crc_begin();
	for (; len >= 4 && !(address & 3u); address += 4, len -= 4) {
		crc_word(REG(address));
		if (!(address % FEED_BYTES))
			feed();
	}
	for (; len; address++, len--)
		CRC_DR_BYTE = *(volatile uint8_t *)address;
	return ~CRC_DR;
}

static void sums(volatile struct stub_block *b)
{
	volatile uint32_t *sum = (volatile uint32_t *)STUB_FINDINGS;
	uint32_t address = b->a[0], left = b->a[1], each = b->a[2] ? b->a[2] : left, len;

	for (unsigned int i = 0; left && i < STUB_SCAN_PAGES; i++, address += len, left -= len) {
		len = left < each ? left : each;
		sum[i] = b->result[0] = crc_range(address, len);
	}
}

/* Address of the first word that is not blank, or end. */
static uint32_t first_used(uint32_t address, uint32_t end)
{
	for (; !(address & 31u) && end - address >= 32; address += 32) {
		const volatile uint32_t *p = (const volatile uint32_t *)address;

		if ((p[0] & p[1] & p[2] & p[3] & p[4] & p[5] & p[6] & p[7]) != BLANK)
			break;
		if (!(address % FEED_BYTES))
			feed();
	}
	for (; address < end; address += 4)
		if (REG(address) != BLANK)
			return address;
	return end;
}

/* Until the controller is idle: 0, its error bits, or STUB_TIMEOUT. */
static uint32_t flash_wait(void)
{
	feed();
	for (uint32_t turns = FLASH_TURNS; turns; turns--) {
		uint32_t sr = FLASH_SR;

		if (!(sr & SR_BUSY))
			return sr & SR_ERRORS;
		feed_at(turns);
	}
	return STUB_TIMEOUT;
}

/* Blank already, or erased; *erased counts. */
static uint32_t make_blank(uint32_t address, uint32_t size, uint32_t *erased)
{
	uint32_t cr = CR_PER | (address - 0x08000000u) / size << CR_PNB, status;

	if (first_used(address, address + size) == address + size)
		return 0;
	FLASH_CR = cr;
	FLASH_CR = cr | CR_STRT;
	status = flash_wait();
	FLASH_CR = 0;
	++*erased;
	return status;
}

static uint32_t erase(volatile struct stub_block *b)
{
	uint32_t address = b->a[0], size = b->a[2], status = 0, erased = 0;

	FLASH_SR = SR_ERRORS;
	for (uint32_t pages = b->a[1]; pages && !status; pages--, address += size) {
		status = make_blank(address, size, &erased);
		b->result[0] = erased;
	}
	return status;
}

/* One piece into flash. *at is where it goes, and then where the next one goes or why not. */
static uint32_t put_piece(volatile struct stub_block *b, const volatile uint32_t *from,
	uint32_t bytes, uint32_t *at)
{
	uint32_t page = b->a[2], status = 0, erased = 0;

	for (; bytes && !status; bytes -= 8, from += 2) {
		volatile uint32_t *to = (volatile uint32_t *)*at;
		uint32_t low = from[0], high = from[1];

		if (!(*at & (page - 1u))) {
			status = make_blank(*at, page, &erased);
			FLASH_CR = CR_PG;
		}
		if (!status && (low & high) != BLANK) {
			to[0] = low;
			to[1] = high;
		}
		/* 81.7 us until BSY falls: all that can be done is done now */
		crc_word(low);
		crc_word(high);
		b->taken += 8;
		if (!status)
			status = flash_wait();
		if (!status && (to[0] != low || to[1] != high))
			status = STUB_DIFFERS;
		*at += status ? 0 : 8;
	}
	return status;
}

static uint32_t program(volatile struct stub_block *b)
{
	uint32_t at = b->a[0], end = at + b->a[1], status = 0;

	FLASH_SR = SR_ERRORS; /* one left from before would fail the next operation */
	FLASH_CR = CR_PG;
	crc_begin();
	for (uint32_t number = 1; at != end && !status; number++) {
		const volatile uint32_t *mark = (const volatile uint32_t *)STUB_MARK(number);
		uint32_t turns = PIECE_TURNS, bytes;

		while (*mark >> STUB_MARK_NUMBER != number && --turns)
			feed_at(turns);
		bytes = *mark & STUB_MARK_BYTES;
		if (!turns)
			status = STUB_STARVED;
		else if (bytes % 8 || bytes > STUB_PIECE_MAX || bytes > end - at)
			status = STUB_BAD_COMMAND;
		else
			status = put_piece(b, mark - bytes / 4, bytes, &at);
	}
	FLASH_CR = 0;
	b->result[0] = ~CRC_DR;
	b->result[1] = at;
	for (uint32_t number = 0; number < STUB_SLOT_COUNT; number++)
		REG(STUB_MARK(number)) = 0;
	return status;
}

static uint32_t mailbox(volatile struct stub_block *b)
{
	uint32_t flag = b->a[0], turns = b->a[1], status = STUB_TIMEOUT;

	IPCC_C1SCR = flag << 16;
	for (; turns && status; turns--) {
		if (!(IPCC_C1TOC2SR & flag))
			status = 0;
		feed_at(turns);
	}
	b->result[0] = IPCC_C1TOC2SR;
	return status;
}

static void scan(volatile struct stub_block *b)
{
	volatile uint32_t *first = (volatile uint32_t *)STUB_FINDINGS;
	volatile uint32_t *hit = (volatile uint32_t *)(STUB_FINDINGS + STUB_SCAN_HITS);
	uint32_t address = b->a[0], end = address + b->a[1], size = b->a[2], hits = 0;

	for (; address < end; address += size) {
		uint32_t used = first_used(address, address + size);

		*first++ = used == address ? REG(address) :
			used == address + size ? STUB_PAGE_BLANK : STUB_PAGE_NO_FRONT;
		for (; used < address + size; used += 4) {
			uint32_t word = REG(used);

			if ((word == STUB_MAGIC_ST || word == STUB_MAGIC_CUSTOMER) &&
				hits < STUB_SCAN_HITS_MAX)
				hit[hits++] = used;
		}
		feed();
	}
	b->result[0] = hits;
}

/* What the work changes, as it was. */
struct before {
	uint32_t vtor, ahb1enr, acr, cr;
};

/*
 * Our vectors: half-erased cells raise an NMI when they are read (RM0434 3.3.3), not for the
 * application to handle. The data cache off: it would keep what was read before an erase. CPU1 at 32
 * MHz, the fastest MSI that needs no prescaler for the CM0+ (HCLK2, DS11929), so that our share of a
 * double word's 81.7 us is below 2 us: if the clocks are as after a reset, VCORE is in range 1, the
 * wait state has arrived (RM0434 wants it read back), and no CM0+ relies on them.
 */
static void settle_in(struct before *was)
{
	was->vtor = VTOR;
	was->ahb1enr = RCC_AHB1ENR;
	was->acr = FLASH_ACR;
	was->cr = RCC_CR;
	VTOR = STUB_BASE;
	RCC_AHB1ENR = was->ahb1enr | RCC_AHB1ENR_CRCEN;
	FLASH_ACR = (was->acr & ~(ACR_DCEN | ACR_LATENCY)) | ACR_1_WAIT_STATE;
	if (was->cr == RCC_CR_AFTER_RESET && !(RCC_CFGR & RCC_CFGR_SW) &&
		(PWR_CR1 & (PWR_CR1_VOS | PWR_CR1_LPR)) == PWR_CR1_RANGE_1 &&
		(FLASH_ACR & ACR_LATENCY) == ACR_1_WAIT_STATE && !(PWR_CR4 & PWR_CR4_C2BOOT))
		RCC_CR = (was->cr & ~RCC_CR_MSIRANGE) | RCC_CR_MSI_32_MHZ;
}

/* The cache is from before the erase, and may be reset only while it is off (RM0434 3.3.5). */
static void settle_out(const struct before *was)
{
	uint32_t acr = FLASH_ACR;

	FLASH_CR = CR_LOCK;
	RCC_CR = was->cr;
	FLASH_ACR = acr | ACR_DCRST;
	FLASH_ACR = acr & ~ACR_DCRST;
	FLASH_ACR = was->acr;
	RCC_AHB1ENR = was->ahb1enr;
	VTOR = was->vtor;
}

static uint32_t run(volatile struct stub_block *b)
{
	b->result[0] = 0;
	b->result[1] = 0;
	switch (b->command) {
	case STUB_NOP:
	case STUB_QUIT:
		b->result[0] = STUB_IDENT;
		return 0;
	case STUB_MAILBOX:
		return mailbox(b);
	case STUB_ERASE:
		return erase(b);
	case STUB_PROGRAM:
		return program(b);
	case STUB_CRC:
		sums(b);
		return 0;
	case STUB_BLANK:
		b->result[0] = first_used(b->a[0], b->a[0] + b->a[1]);
		return 0;
	case STUB_SCAN:
		scan(b);
		return 0;
	default:
		return STUB_BAD_COMMAND;
	}
}

/* Whatever CPU1 did before. */
__attribute__((naked)) void stub_entry(void)
{
	__asm__ volatile("cpsid i; movs r0, #0; msr control, r0; isb; ldr r0, =%0; mov sp, r0; "
			 "b stub_main" : : "i"(STUB_STACK_TOP));
}

void stub_main(void)
{
	volatile struct stub_block *b = BLOCK;
	struct before was;

	settle_in(&was);
	b->request = 0;
	b->done = 0;
	b->ident = STUB_IDENT;
	for (;;) {
		uint32_t request = b->request;

		feed();
		if (request == b->done)
			continue;
		b->taken = 0;
		if (b->command == STUB_QUIT)
			settle_out(&was);
		b->status = run(b);
		b->done = request;
	}
}
