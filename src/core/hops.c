/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which FUS may follow which. Sources: [wiki] ST's page on the FUS, 3.2 and 3.3; [rn] release notes
 * of ST's binaries.
 */
#include "core/image.h"
#include "core/rules.h"

enum image_form { PLAIN, FOR_0_5_3 };

static const struct hop {
	uint32_t from, from_last, to, to_last;
	enum image_form form;
	uint16_t flash_kib_min;
	bool by_itself; /* the planner may choose it; else only when the image is named */
} hops[] = {
	/* 0.5.3 takes 1.2.0 only in its own file [wiki, rn] */
	{ WB_VERSION(0, 5, 3), WB_VERSION(0, 5, 3), WB_FUS_1_2_0, WB_FUS_1_2_0, FOR_0_5_3, 0, true },
	{ WB_VERSION(0, 5, 3), WB_VERSION(0, 5, 3), WB_VERSION(1, 0, 2), WB_VERSION(1, 0, 2), PLAIN,
		0, true },
	/* 1.0.1 locks parts of less than 1 MiB for ever [wiki]; 1.0.2 does the same job */
	{ WB_VERSION(0, 5, 3), WB_VERSION(0, 5, 3), WB_VERSION(1, 0, 1), WB_VERSION(1, 0, 1), PLAIN,
		1024, false },
	{ WB_VERSION(1, 0, 1), WB_VERSION(1, 0, 2), WB_VERSION(1, 1, 0), WB_VERSION(1, 1, 0), PLAIN,
		0, true },
	/* to 1.1.2 from 1.1.0 only with anti-rollback on: 1.2.0 is free [wiki] */
	{ WB_VERSION(1, 0, 1), WB_VERSION(1, 0, 2), WB_VERSION(1, 1, 2), WB_VERSION(1, 1, 2), PLAIN,
		0, false },
	{ WB_VERSION(1, 0, 1), WB_VERSION(1, 1, 2), WB_FUS_1_2_0, WB_FUS_1_2_0, PLAIN, 0, true },
	{ WB_FUS_1_2_0, WB_FUS_1_2_0, WB_VERSION(2, 0, 0), WB_VERSION(2, 255, 255), PLAIN, 0, true },
	{ WB_VERSION(2, 0, 0), WB_VERSION(2, 255, 255), WB_VERSION(2, 0, 0), WB_VERSION(2, 255, 255),
		PLAIN, 0, true },
};

bool wb_hop_allowed(const struct wb_chip *chip, uint32_t from, const struct wb_image *image,
	bool by_itself)
{
	uint32_t to = WB_RELEASE(image->version);

	from = WB_RELEASE(from);
	for (size_t i = 0; i < sizeof(hops) / sizeof(*hops); i++) {
		const struct hop *h = &hops[i];

		if (from >= h->from && from <= h->from_last && to > from && to >= h->to &&
			to <= h->to_last && (h->by_itself || !by_itself) &&
			chip->flash_kib >= h->flash_kib_min &&
			image->for_fus_0_5_3 == (h->form == FOR_0_5_3))
			return true;
	}
	return false;
}
