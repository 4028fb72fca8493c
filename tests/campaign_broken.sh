#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The campaign can fail: with a journal that keeps nothing, a power cut while the boot options are
# changed leaves them so, and the campaign must say it.
log=campaign_broken.out
trap 'rm -f $log' EXIT

if ./core_campaign_test --broken journal --job delete --quirks all --fault "power cut" --every 16 \
	>$log 2>&1; then
	echo "a core whose journal forgets has passed the campaign"
	exit 1
fi
if ! grep -q '^BAD: .*power cut' $log || ! grep -q 'option ' $log; then
	echo "the campaign failed, and does not say that option bytes are left changed:"
	cat $log
	exit 1
fi
