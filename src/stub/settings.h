/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Part of stub.c: what the stub wants of the chip for its work, and how it is put back. The whole stub is
 * one translation unit, or it would not fit.
 */
#ifndef STUB_SETTINGS_H
#define STUB_SETTINGS_H

#define NOTED_1 1u /* but for the CRC unit, whose clock may have to be switched on */
#define NOTED_2 2u

/* What the work changes, as it was; not noted twice, when the host starts us again. */
struct before {
	uint32_t noted; /* the host clears it */
	uint32_t vtor, ahb1enr, acr, cr, crc_cr, crc_init, crc_pol;
};
#define BEFORE ((volatile struct before *)STUB_BEFORE)

static void note(volatile struct before *was)
{
	was->vtor = VTOR;
	was->acr = FLASH_ACR;
	was->cr = RCC_CR;
	was->ahb1enr = RCC_AHB1ENR;
	was->noted = NOTED_1;
}

/*
 * Our vectors: half-erased cells raise an NMI when they are read (RM0434 3.3.3), not for the
 * application to handle. The data cache off: it would keep what was read before an erase. CPU1 at 32
 * MHz, the fastest MSI that needs no prescaler for the CM0+ (HCLK2, DS11929), so that our share of a
 * double word's 81.7 us is below 2 us: if the clocks are as after a reset, VCORE is in range 1, the
 * wait state has arrived (RM0434 wants it read back), and no CM0+ relies on them. A sum that CPU1 was
 * at is lost: writing CRC_INIT is what sets it.
 */
static void settle_in(volatile struct before *was)
{
	if (!was->noted)
		note(was);
	RCC_AHB1ENR = was->ahb1enr | RCC_AHB1ENR_CRCEN;
	VTOR = STUB_BASE;
	FLASH_ACR = (was->acr & ~(ACR_DCEN | ACR_LATENCY)) | ACR_1_WAIT_STATE;
	if (was->noted == NOTED_1) {
		was->crc_cr = CRC_CR;
		was->crc_init = CRC_INIT;
		was->crc_pol = CRC_POL;
		was->noted = NOTED_2;
	}
	if (was->cr == RCC_CR_AFTER_RESET && !(RCC_CFGR & RCC_CFGR_SW) &&
		(PWR_CR1 & (PWR_CR1_VOS | PWR_CR1_LPR)) == PWR_CR1_RANGE_1 &&
		(FLASH_ACR & ACR_LATENCY) == ACR_1_WAIT_STATE && !(PWR_CR4 & PWR_CR4_C2BOOT))
		RCC_CR = (was->cr & ~RCC_CR_MSIRANGE) | RCC_CR_MSI_32_MHZ;
}

/* The cache is from before the erase, and may be reset only while it is off (RM0434 3.3.5). */
static void settle_out(const volatile struct before *was, uint32_t cr)
{
	uint32_t acr = FLASH_ACR;

	if (cr)
		FLASH_CR = cr;
	RCC_CR = was->cr;
	FLASH_ACR = acr | ACR_DCRST;
	FLASH_ACR = acr & ~ACR_DCRST;
	FLASH_ACR = was->acr;
	CRC_POL = was->crc_pol;
	CRC_INIT = was->crc_init;
	CRC_CR = was->crc_cr;
	RCC_AHB1ENR = was->ahb1enr;
	VTOR = was->vtor;
}

#endif
