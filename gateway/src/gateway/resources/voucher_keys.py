"""The keys of vouchers: public halves for whoever verifies one, and the word that one is known to strangers."""

from contracts.sites.vouchers import LeakVoucherKey, VoucherKeyLeaked, VoucherKeysAsked, VoucherKeyView

from gateway.clients import sites
from gateway.nouns import Many, Noun

voucher_keys = Noun("voucher_keys")

voucher_keys.read("/voucher-keys", sites.visits.voucher_keys, takes=VoucherKeysAsked, answers=Many(VoucherKeyView))
voucher_keys.act(
    "/voucher-keys/<kid>/leak",
    sites.visits.leak_voucher_key,
    needs=("leak_voucher_key",),
    takes=LeakVoucherKey,
    answers=VoucherKeyLeaked,
    refusals=("not-found", "voucher-key-not-movable"),
)
