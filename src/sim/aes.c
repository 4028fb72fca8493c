/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES1: ECB, CBC and CTR with keys of 128 and 256 bits, by words. RM0434 chapter 22; offsets and
 * reset values from the SVD. A block is done at once.
 * GCM, CCM and DMA are not modelled, and say so.
 *
 * When the CM0+ has put a user key into it the key registers are the CM0+'s: CPU1 reads 0 there and
 * writing them is a bus error [user], until the key is unloaded or the chip resets.
 */
#include "sim/devices.h"

#include <nettle/aes.h>
#include <stdlib.h>
#include <string.h>

enum aes_reg {
	REG_CR = 0x00,
	REG_SR = 0x04,
	REG_DINR = 0x08,
	REG_DOUTR = 0x0C,
	REG_KEYR0 = 0x10,
	REG_IVR0 = 0x20,
	REG_KEYR4 = 0x30,
	REG_SUSP0R = 0x40,
	REG_SUSP_END = 0x60,
	REG_HWCFR = 0x3F0,
	REG_VERR = 0x3F4,
	REG_IPIDR = 0x3F8,
	REG_SIDR = 0x3FC,
};

#define CR_EN (1u << 0)
#define CR_CCFC (1u << 7)
#define CR_ERRC (1u << 8)
#define CR_CCFIE (1u << 9)
#define CR_ERRIE (1u << 10)
#define CR_DMA (3u << 11)
#define CR_CHMOD2 (1u << 16)
#define CR_KEYSIZE (1u << 18)
#define CR_WRITABLE 0x00F57E7Fu
#define SR_CCF (1u << 0)
#define SR_RDERR (1u << 1)
#define SR_WRERR (1u << 2)
#define IRQ_AES1 51u
#define BLOCK AES_BLOCK_SIZE
#define BLOCK_WORDS 4u
#define SYSCFG_SIPCR 0x40010110u
#define SIPCR_SAES1 (1u << 0)

enum aes_mode { MODE_ENCRYPT, MODE_DERIVE, MODE_DECRYPT, MODE_DERIVE_DECRYPT };
enum aes_chaining { CHAIN_ECB, CHAIN_CBC, CHAIN_CTR };

struct aes {
	uint32_t cr, sr;
	uint32_t key[8], iv[BLOCK_WORDS], susp[8]; /* as the registers are numbered: 0 the least */
	uint8_t in[BLOCK], out[BLOCK];
	unsigned int taken, given; /* words of in written, of out read */
	bool secure, bus_fault;
};

struct aes *aes_new(void)
{
	return calloc(1, sizeof(struct aes));
}

static void put_be(uint8_t *p, uint32_t val)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = (uint8_t)(val >> (24 - 8 * i));
}

static uint32_t get_be(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* DATATYPE: words as they are, halves swapped, bytes swapped, bits reversed. */
static uint32_t swapped(const struct aes *a, uint32_t val)
{
	uint32_t out = 0;

	switch (bits_get(a->cr, 1, 2)) {
	case 1:
		return val << 16 | val >> 16;
	case 2:
		return __builtin_bswap32(val);
	case 3:
		for (unsigned int i = 0; i < 32; i++)
			out |= (val >> i & 1u) << (31u - i);
		return out;
	default:
		return val;
	}
}

/* The highest register holds the first bytes. */
static size_t key_bytes(const struct aes *a, uint8_t key[AES256_KEY_SIZE])
{
	size_t words = a->cr & CR_KEYSIZE ? 8 : 4;

	for (size_t i = 0; i < words; i++)
		put_be(key + 4 * i, a->key[words - 1 - i]);
	return words * 4;
}

static void one_block(const struct aes *a, bool encrypt, uint8_t *dst, const uint8_t *src)
{
	uint8_t key[AES256_KEY_SIZE];
	bool small = key_bytes(a, key) == AES128_KEY_SIZE;
	struct aes128_ctx ctx128;
	struct aes256_ctx ctx256;

	if (small && encrypt) {
		aes128_set_encrypt_key(&ctx128, key);
		aes128_encrypt(&ctx128, BLOCK, dst, src);
	} else if (small) {
		aes128_set_decrypt_key(&ctx128, key);
		aes128_decrypt(&ctx128, BLOCK, dst, src);
	} else if (encrypt) {
		aes256_set_encrypt_key(&ctx256, key);
		aes256_encrypt(&ctx256, BLOCK, dst, src);
	} else {
		aes256_set_decrypt_key(&ctx256, key);
		aes256_decrypt(&ctx256, BLOCK, dst, src);
	}
}

static void mix(uint8_t *p, const uint8_t *with)
{
	for (unsigned int i = 0; i < BLOCK; i++)
		p[i] ^= with[i];
}

static void get_iv(const struct aes *a, uint8_t *iv)
{
	for (unsigned int i = 0; i < BLOCK_WORDS; i++)
		put_be(iv + 4 * i, a->iv[BLOCK_WORDS - 1 - i]);
}

static void set_iv(struct aes *a, const uint8_t *iv)
{
	for (unsigned int i = 0; i < BLOCK_WORDS; i++)
		a->iv[BLOCK_WORDS - 1 - i] = get_be(iv + 4 * i);
}

static void raise_flag(struct wbsim *sim, uint32_t flag)
{
	struct aes *a = sim->periph->aes;
	uint32_t enable = flag == SR_CCF ? CR_CCFIE : CR_ERRIE;

	a->sr |= flag;
	cpu1_irq(sim, IRQ_AES1, (a->cr & enable) != 0);
}

static void process(struct wbsim *sim)
{
	struct aes *a = sim->periph->aes;
	const bool encrypt = bits_get(a->cr, 3, 2) == MODE_ENCRYPT;
	uint8_t iv[BLOCK];

	get_iv(a, iv);
	switch (bits_get(a->cr, 5, 2)) {
	case CHAIN_ECB:
		one_block(a, encrypt, a->out, a->in);
		break;
	case CHAIN_CBC:
		if (encrypt)
			mix(a->in, iv);
		one_block(a, encrypt, a->out, a->in);
		if (!encrypt)
			mix(a->out, iv);
		set_iv(a, encrypt ? a->out : a->in);
		break;
	default: /* CHAIN_CTR: the low word counts */
		one_block(a, true, a->out, iv);
		mix(a->out, a->in);
		a->iv[0]++;
		break;
	}
	a->given = 0;
	raise_flag(sim, SR_CCF);
}

static void take_word(struct wbsim *sim, uint32_t val)
{
	struct aes *a = sim->periph->aes;

	if (!(a->cr & CR_EN) || (a->sr & SR_CCF)) {
		raise_flag(sim, SR_WRERR);
		return;
	}
	put_be(a->in + 4 * a->taken, swapped(a, val));
	if (++a->taken < BLOCK_WORDS)
		return;
	a->taken = 0;
	process(sim);
}

static uint32_t give_word(struct wbsim *sim)
{
	struct aes *a = sim->periph->aes;

	if (!(a->sr & SR_CCF)) {
		raise_flag(sim, SR_RDERR);
		return 0;
	}
	return swapped(a, get_be(a->out + 4 * (a->given++ % BLOCK_WORDS)));
}

static void control(struct wbsim *sim, uint32_t val)
{
	struct aes *a = sim->periph->aes;

	if (val & CR_CCFC)
		a->sr &= ~SR_CCF;
	if (val & CR_ERRC)
		a->sr &= ~(SR_RDERR | SR_WRERR);
	if (!(a->sr & (SR_CCF | SR_RDERR | SR_WRERR)))
		cpu1_irq(sim, IRQ_AES1, false);
	if (!(val & CR_EN) || !(a->cr & CR_EN))
		a->taken = a->given = 0;
	a->cr = val & CR_WRITABLE;
	if (!(a->cr & CR_EN))
		return;
	if ((a->cr & (CR_CHMOD2 | CR_DMA)) || bits_get(a->cr, 5, 2) > CHAIN_CTR)
		sim_log(sim, "AES1: only ECB, CBC and CTR by words are modelled");
	/* the key schedule stands in no register: this mode has nothing to leave behind */
	if (bits_get(a->cr, 3, 2) == MODE_DERIVE)
		raise_flag(sim, SR_CCF);
}

/* The register behind an offset that simply holds what is written; NULL: there is none. */
static uint32_t *plain_reg(struct aes *a, uint32_t offset, bool *key)
{
	*key = (offset >= REG_KEYR0 && offset < REG_IVR0) ||
	       (offset >= REG_KEYR4 && offset < REG_SUSP0R);
	if (offset >= REG_KEYR0 && offset < REG_IVR0)
		return &a->key[(offset - REG_KEYR0) / 4];
	if (offset >= REG_IVR0 && offset < REG_KEYR4)
		return &a->iv[(offset - REG_IVR0) / 4];
	if (offset >= REG_KEYR4 && offset < REG_SUSP0R)
		return &a->key[4 + (offset - REG_KEYR4) / 4];
	if (offset >= REG_SUSP0R && offset < REG_SUSP_END)
		return &a->susp[(offset - REG_SUSP0R) / 4];
	return NULL;
}

static uint32_t aes_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	struct aes *a = sim->periph->aes;
	bool key;
	const uint32_t *reg = plain_reg(a, offset, &key);

	if (m != SIM_TESTER && !rcc_clock_on(sim, "AES1"))
		return 0;
	if (reg)
		return key && a->secure && m != SIM_TESTER ? 0 : *reg;
	switch (offset) {
	case REG_CR:
		return a->cr;
	case REG_SR:
		return a->sr;
	case REG_DOUTR:
		return m == SIM_TESTER ? 0 : give_word(sim);
	case REG_HWCFR:
		return 0x00000002;
	case REG_VERR:
		return 0x00000010;
	case REG_IPIDR:
		return 0x00170023;
	case REG_SIDR:
		return 0xA3C5DD01;
	default:
		return 0;
	}
}

static void aes_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	struct aes *a = sim->periph->aes;
	bool key;
	uint32_t *reg = plain_reg(a, offset, &key);

	(void)m;
	if (!rcc_clock_on(sim, "AES1"))
		return;
	if (key && a->secure)
		a->bus_fault = true;
	else if (reg && !(a->cr & CR_EN)) /* key and vector are taken while it stands still */
		*reg = val;
	else if (offset == REG_CR)
		control(sim, val);
	else if (offset == REG_DINR)
		take_word(sim, val);
}

bool aes_take_fault(struct wbsim *sim)
{
	bool fault = sim->periph->aes->bus_fault;

	sim->periph->aes->bus_fault = false;
	return fault;
}

void aes1_secure_key(struct wbsim *sim, const uint8_t *key, size_t size)
{
	struct aes *a = sim->periph->aes;
	uint32_t *sipcr;

	memset(a->key, 0, sizeof(a->key));
	for (size_t i = 0; key && i < size / 4; i++)
		a->key[size / 4 - 1 - i] = get_be(key + 4 * i);
	a->secure = key != NULL;
	if (plain_access(sim, SIM_TESTER, SYSCFG_SIPCR, &sipcr))
		*sipcr = a->secure ? *sipcr | SIPCR_SAES1 : *sipcr & ~SIPCR_SAES1;
}

static void aes_reset(struct wbsim *sim, unsigned int cause)
{
	(void)cause;
	*sim->periph->aes = (struct aes){ 0 };
}

const struct sim_device dev_aes1 = {
	.name = "AES1",
	.base = 0x50060000u,
	.size = 0x400u,
	.read = aes_read,
	.write = aes_write,
	.reset = aes_reset,
};
